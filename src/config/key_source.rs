//! Where the keys for `verify` come from: flags only, never the environment.

use std::io::Read;
use std::path::Path;

use url::Url;

use super::error::ConfigError;
use super::tenant;
use crate::args::KeyArgs;
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::open;
use crate::input::secret;
use crate::keys::{Algorithm, KeySet, KeySetOrigin, Keys, SharedSecret};

/// Bytes that are read of a file: the limit of a key set, and one more.
const LARGEST_FILE: usize = (32 << 20) + 1;

/// Where the keys come from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// Issuers, each found by discovery; never empty, none twice.
    Issuers(Vec<String>),
    /// The URL of a key set.
    Url(Url),
    /// Keys from a file.
    Local(Keys),
}

impl KeySource {
    /// Reads the file that the flags name; fetches nothing. The algorithm is the default for keys from
    /// that source.
    pub(super) fn load(
        args: &KeyArgs,
        deadline: Deadline,
    ) -> Result<(Self, Algorithm), ConfigError> {
        let is_fetched = |jwks: &String| jwks.contains("://");
        if args.allow_short_secret
            && (!args.issuer.is_empty() || args.jwks.as_ref().is_some_and(is_fetched))
        {
            let message = "--allow-short-secret is for keys in a file, and these are fetched";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        if !args.issuer.is_empty() {
            let issuers = issuers(&args.issuer)?;
            return Ok((Self::Issuers(issuers), Algorithm::RS256));
        }
        match (&args.jwks, &args.secret_file) {
            (Some(url), _) if is_fetched(url) => {
                let url = tenant::public_url("key set", url)?;
                Ok((Self::Url(url), Algorithm::RS256))
            }
            (Some(file), _) => {
                let keys =
                    Keys::published(key_set(Path::new(file), args.allow_short_secret, deadline)?);
                Ok((Self::Local(keys), Algorithm::RS256))
            }
            (None, Some(file)) => {
                let secret = secret::from_file_or_stdin(file, "the shared secret", deadline)?;
                let keys = Keys::shared(SharedSecret::new(&secret, args.allow_short_secret));
                Ok((Self::Local(keys), Algorithm::HS256))
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

fn issuers(given: &[String]) -> Result<Vec<String>, ConfigError> {
    let mut issuers = Vec::new();
    for issuer in given {
        if !issuers.contains(issuer) {
            issuers.push(tenant::issuer(issuer)?);
        }
    }
    Ok(issuers)
}

fn key_set(
    path: &Path,
    allow_short_secrets: bool,
    deadline: Deadline,
) -> Result<KeySet, ConfigError> {
    let mut bytes = Vec::new();
    open(path, LARGEST_FILE, deadline)
        .and_then(|file| file.take(LARGEST_FILE as u64).read_to_end(&mut bytes))
        .map_err(ConfigError::unreadable("the key set", path))?;
    let origin = KeySetOrigin::Local {
        allow_short_secrets,
    };
    KeySet::parse(&bytes, origin).map_err(|source| ConfigError::KeySet {
        name: format!("the key set {}", escape::path(path)),
        source,
    })
}
