//! Where the keys for `verify` come from: flags only, never the environment.

use std::io::Read;
use std::path::Path;

use secrecy::ExposeSecret;
use url::Url;

use super::error::ConfigError;
use super::tenant;
use crate::args::KeyArgs;
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::open;
use crate::input::{SecretError, typed_secret};
use crate::keys::{Algorithm, KeyDocument, KeySet, KeySetError, KeySetOrigin, Keys, SharedSecret};

/// Bytes that are read of a file: the limit of a key set, and one more.
const LARGEST_FILE: usize = (32 << 20) + 1;

/// Secrets at most: a token is checked with each.
const MAX_SECRETS: usize = 8;

/// Where the keys come from.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    /// Issuers, each found by discovery; never empty, none twice.
    Issuers(Vec<String>),
    /// The URL of a key set.
    Url(Url),
    /// Keys from a file.
    Local(Keys),
}

impl KeySource {
    /// Reads the files that the flags name; fetches nothing. The algorithms are the default for keys
    /// from that source.
    pub(super) fn load(
        args: &KeyArgs,
        allow_short_secrets: bool,
        deadline: Deadline,
    ) -> Result<(Self, Vec<Algorithm>), ConfigError> {
        refuse_useless_flag(args, allow_short_secrets)?;
        let rs256 = vec![Algorithm::RS256];
        if !args.issuer.is_empty() {
            return Ok((Self::Issuers(issuers(args)?), rs256));
        }
        if !args.secret_file.is_empty() {
            let keys = Keys::shared_secrets(shared_secrets(args, allow_short_secrets, deadline)?);
            return Ok((Self::Local(keys), vec![Algorithm::HS256]));
        }
        let origin = KeySetOrigin::Local {
            allow_short_secrets,
        };
        match (&args.jwks, &args.key_file) {
            (Some(url), _) if is_fetched(url) => {
                let url = tenant::public_url("key set", url)?;
                Ok((Self::Url(url), rs256))
            }
            (Some(file), _) => {
                let parse = |bytes: &[u8]| KeySet::parse(bytes, origin);
                let set = read("the key set", Path::new(file), deadline, parse)?;
                Ok((Self::Local(Keys::published(set)), rs256))
            }
            (None, Some(file)) => {
                let parse = |bytes: &[u8]| KeySet::of_key_file(bytes, origin);
                let key = read("the key file", file, deadline, parse)?;
                let algorithms = key.algorithms();
                Ok((Self::Local(Keys::published(key)), algorithms))
            }
            (None, None) => Err(ConfigError::NoKeys),
        }
    }

    /// The flag that gives it.
    pub(super) fn flag(&self) -> &'static str {
        match self {
            Self::Issuers(_) => "--issuer",
            Self::Url(_) => "--jwks",
            Self::Local(_) => "--expect-issuer",
        }
    }

    /// Whether keys have to be fetched.
    pub(super) fn is_remote(&self) -> bool {
        !matches!(self, Self::Local(_))
    }
}

fn is_fetched(jwks: &str) -> bool {
    jwks.contains("://")
}

fn refuse_useless_flag(args: &KeyArgs, allow_short_secrets: bool) -> Result<(), ConfigError> {
    let are_fetched = !args.issuer.is_empty() || args.jwks.as_deref().is_some_and(is_fetched);
    if allow_short_secrets && are_fetched {
        let message = "--allow-short-secret is for keys in a file, and these are fetched";
        return Err(ConfigError::Combination(message.to_owned()));
    }
    Ok(())
}

fn issuers(args: &KeyArgs) -> Result<Vec<String>, ConfigError> {
    let mut issuers = Vec::new();
    for issuer in &args.issuer {
        if !issuers.contains(issuer) {
            issuers.push(tenant::issuer(issuer)?);
        }
    }
    if issuers.len() > 1 && !args.expect_issuer.is_empty() {
        let message = "--expect-issuer adds a spelling to exactly one --issuer";
        return Err(ConfigError::Combination(message.to_owned()));
    }
    Ok(issuers)
}

/// Every given secret. A file that holds a key of another kind is refused: its text, which may be
/// public, would be the secret.
fn shared_secrets(
    args: &KeyArgs,
    allow_short_secrets: bool,
    deadline: Deadline,
) -> Result<Vec<SharedSecret>, ConfigError> {
    if args.secret_file.len() > MAX_SECRETS {
        let message = format!("--secret-file can be given at most {MAX_SECRETS} times");
        return Err(ConfigError::Combination(message));
    }
    let files = args.secret_file.iter().map(|file| {
        let other = |found| ConfigError::KeySet {
            name: format!("the secret file {}", escape::path(file)),
            source: KeySetError::OtherDocument {
                found,
                expected: "a shared secret",
            },
        };
        let secret = typed_secret::from_file_or_stdin(file, "the shared secret", deadline);
        let secret = secret.map_err(|error| match error {
            SecretError::Key { found, .. } => other(found),
            error => error.into(),
        })?;
        let found = KeyDocument::of(secret.expose_secret().as_bytes());
        if found.is_no_shared_secret() {
            return Err(other(found));
        }
        Ok(SharedSecret::new(&secret, allow_short_secrets))
    });
    files.collect()
}

fn read(
    what: &str,
    path: &Path,
    deadline: Deadline,
    parse: impl Fn(&[u8]) -> Result<KeySet, KeySetError>,
) -> Result<KeySet, ConfigError> {
    let mut bytes = Vec::new();
    open(path, LARGEST_FILE, deadline)
        .and_then(|file| file.take(LARGEST_FILE as u64).read_to_end(&mut bytes))
        .map_err(ConfigError::unreadable(what, path))?;
    parse(&bytes).map_err(|source| ConfigError::KeySet {
        name: format!("{what} {}", escape::path(path)),
        source,
    })
}
