//! Whose tokens are trusted: keys and rules for each issuer, as the flags name them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::keyring::{KeyPlace, Keyring, Remote};
use crate::args::{KeyArgs, VerifyArgs};
use crate::cache::Cache;
use crate::config::{ConfigError, KeySource, read_secret, read_secret_from_stdin};
use crate::error::Error;
use crate::http::Http;
use crate::keys::{Algorithm, KeySet, Keys, Origin, SharedSecret};
use crate::text;
use crate::verify::Policy;

/// Bytes of the largest file that is read: what a key set may have, and one more.
const LARGEST_FILE: u64 = (32 << 20) + 1;

/// One issuer's keys, and the rules that its tokens are held to.
pub(super) struct Trust {
    pub(super) policy: Policy,
    pub(super) keys: Keyring,
}

/// What the flags trust: several issuers, or one set of keys. Nothing is fetched yet.
pub(super) fn load(
    args: &VerifyArgs,
    source: &KeySource,
    http: Option<&Http>,
    clock: fn() -> i64,
) -> Result<Vec<Trust>, Error> {
    let policy = policy(args, source);
    let cache = if args.keys.no_cache {
        |_| Cache::none()
    } else {
        Cache::open
    };
    let fetched = |place| {
        let http = http.cloned().ok_or(ConfigError::NoKeys)?;
        Ok::<_, Error>(Keyring::fetched(Remote {
            http,
            place,
            cache,
            clock,
        }))
    };
    let alone = |keys| {
        vec![Trust {
            policy: policy.clone(),
            keys,
        }]
    };
    Ok(match source {
        KeySource::Issuers(issuers) => {
            let of = |issuer: &String| {
                let policy = Policy {
                    issuer: Some(issuer.clone()),
                    ..policy.clone()
                };
                Ok::<_, Error>(Trust {
                    policy,
                    keys: fetched(KeyPlace::Issuer(issuer.clone()))?,
                })
            };
            issuers.iter().map(of).collect::<Result<_, _>>()?
        }
        KeySource::Address(url) => alone(fetched(KeyPlace::Address(url.clone()))?),
        KeySource::File(path) => alone(Keyring::local(Keys::published(key_set(path, &args.keys)?))),
        KeySource::Secret(path) => alone(Keyring::local(Keys::shared(secret(path, &args.keys)?))),
    })
}

fn policy(args: &VerifyArgs, source: &KeySource) -> Policy {
    let rules = &args.rules;
    let algorithms = match (rules.algorithm.as_slice(), source) {
        ([], KeySource::Secret(_)) => vec![Algorithm::HS256],
        ([], _) => vec![Algorithm::RS256],
        (given, _) => given.to_vec(),
    };
    Policy {
        issuer: args.keys.expect_issuer.clone(),
        audiences: rules.audience.clone(),
        leeway: rules.leeway,
        nonce: rules.nonce.clone(),
        max_age: rules.max_age,
        organization: rules.organization.clone(),
        ..Policy::new(rules.kind.into(), algorithms)
    }
}

fn key_set(path: &Path, args: &KeyArgs) -> Result<KeySet, ConfigError> {
    let name = || format!("the key set {}", text::path(path));
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes));
    read.map_err(|source| ConfigError::Unreadable {
        path: name(),
        source,
    })?;
    let origin = Origin::Local {
        allow_short_secrets: args.allow_short_secret,
    };
    KeySet::parse(&bytes, origin).map_err(|source| ConfigError::KeySet {
        name: name(),
        source,
    })
}

fn secret(path: &Path, args: &KeyArgs) -> Result<SharedSecret, ConfigError> {
    let secret = if path.as_os_str() == "-" {
        read_secret_from_stdin("the shared secret")?
    } else {
        read_secret(path, "the shared secret")?
    };
    Ok(SharedSecret::new(&secret, args.allow_short_secret))
}
