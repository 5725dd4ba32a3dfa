//! Whose tokens are trusted: keys and rules for each issuer, read or fetched when first needed.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use url::Url;

use crate::args::{KeyArgs, VerifyArgs};
use crate::cache::Cache;
use crate::config::{ConfigError, KeySource, read_secret, read_secret_from_stdin};
use crate::error::Error;
use crate::http::Http;
use crate::keys::{Algorithm, KeySet, Keys, Origin, SharedSecret};
use crate::provider::{self, Freshness};
use crate::text;
use crate::verify::Policy;

/// Bytes of the largest file that is read: what a key set may have, and one more.
const LARGEST_FILE: u64 = (32 << 20) + 1;

/// One issuer's keys, and the rules that its tokens are held to.
pub(super) struct Trust {
    pub(super) policy: Policy,
    /// Where the keys are fetched from; `None`: they are here.
    remote: Option<Remote>,
    keys: OnceLock<Found>,
    /// Fetched after a token named a key that is not among the first.
    fresh: OnceLock<Keys>,
    fetching: Mutex<()>,
}

struct Remote {
    http: Http,
    cache: Cache,
    place: KeyPlace,
}

enum KeyPlace {
    Issuer(String),
    Address(Url),
}

/// Keys, and whether fresher ones may be had.
struct Found {
    keys: Keys,
    kept: bool,
}

/// What the flags trust: several issuers, or one set of keys. Nothing is fetched yet.
pub(super) fn load(
    args: &VerifyArgs,
    source: &KeySource,
    network: Option<&(Http, Cache)>,
) -> Result<Vec<Trust>, Error> {
    let policy = policy(args, source);
    let remote = |place| network.map(|(http, cache)| Remote { http: http.clone(), cache: cache.clone(), place });
    Ok(match source {
        KeySource::Issuers(issuers) => {
            let of = |issuer: &String| {
                let policy = Policy { issuer: Some(issuer.clone()), ..policy.clone() };
                Trust::new(policy, remote(KeyPlace::Issuer(issuer.clone())), None)
            };
            issuers.iter().map(of).collect()
        }
        KeySource::Address(url) => vec![Trust::new(policy, remote(KeyPlace::Address(url.clone())), None)],
        KeySource::File(path) => vec![Trust::new(policy, None, Some(Keys::published(key_set(path, &args.keys)?)))],
        KeySource::Secret(path) => vec![Trust::new(policy, None, Some(Keys::shared(secret(path, &args.keys)?)))],
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
    read.map_err(|source| ConfigError::Unreadable { path: name(), source })?;
    let origin = Origin::Local { allow_short_secrets: args.allow_short_secret };
    KeySet::parse(&bytes, origin).map_err(|source| ConfigError::KeySet { name: name(), source })
}

fn secret(path: &Path, args: &KeyArgs) -> Result<SharedSecret, ConfigError> {
    let secret = if path.as_os_str() == "-" {
        read_secret_from_stdin("the shared secret")?
    } else {
        read_secret(path, "the shared secret")?
    };
    Ok(SharedSecret::new(&secret, args.allow_short_secret))
}

impl Trust {
    fn new(policy: Policy, remote: Option<Remote>, keys: Option<Keys>) -> Self {
        let found = keys.map(|keys| Found { keys, kept: false });
        let keys = found.map_or_else(OnceLock::new, OnceLock::from);
        Self { policy, remote, keys, fresh: OnceLock::new(), fetching: Mutex::new(()) }
    }

    /// The keys; the first who asks fetches them.
    pub(super) fn keys(&self) -> Result<&Keys, Error> {
        let _one_at_a_time = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        match (self.keys.get(), &self.remote) {
            (Some(found), _) => Ok(&found.keys),
            (None, Some(remote)) => {
                let found = remote.fetch(Freshness::Kept)?;
                Ok(&self.keys.get_or_init(|| found).keys)
            }
            (None, None) => Err(ConfigError::NoKeys.into()),
        }
    }

    /// Keys fetched once more in a run, where those at hand had been kept from an earlier one.
    pub(super) fn fresh_keys(&self) -> Result<Option<&Keys>, Error> {
        let _one_at_a_time = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.keys.get().is_some_and(|found| found.kept);
        match (self.fresh.get(), &self.remote) {
            (None, Some(remote)) if kept => {
                let found = remote.fetch(Freshness::Fetched)?;
                Ok(Some(self.fresh.get_or_init(|| found.keys)))
            }
            (fresh, _) => Ok(fresh),
        }
    }
}

impl Remote {
    fn fetch(&self, freshness: Freshness) -> Result<Found, Error> {
        let http = self.http.again();
        let published = match &self.place {
            KeyPlace::Issuer(issuer) => provider::keys_for_issuer(&http, &self.cache, issuer, freshness)?,
            KeyPlace::Address(url) => provider::keys_at_url(&http, &self.cache, url, freshness)?,
        };
        Ok(Found { keys: Keys::published(published.set), kept: published.kept })
    }
}
