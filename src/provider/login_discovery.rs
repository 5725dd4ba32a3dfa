//! The discovery document of a login: from the cache on disk, or fetched once for all processes.
//!
//! It is kept apart from the one that `verify` caches, which may come from another origin.

use std::time::Duration;

use url::Url;

use super::cache::{Cache, CacheKey, Lock};
use super::error::ProviderError;
use super::fetch::Document;
use crate::http::Http;

/// Seconds for which a document is not fetched again, whatever its headers say: many logins at once
/// need no more than one.
const SHORTEST: i64 = 60;

/// Seconds for which a document may choose where a password is sent, at most.
const LONGEST: i64 = 3600;

/// How long another process may take that fetches the same document. To ask a slow issuer at the same
/// time would not make it faster.
const PATIENCE: Duration = Duration::from_secs(10);

/// One issuer's document.
pub(super) struct LoginDiscovery<'a> {
    http: &'a Http,
    cache: Cache,
    url: &'a Url,
    /// Its name in the cache, which is no issuer's.
    name: String,
}

impl<'a> LoginDiscovery<'a> {
    /// The document of the issuer at `url`.
    pub(super) fn new(http: &'a Http, issuer: &str, url: &'a Url) -> Self {
        Self {
            http,
            cache: Cache::open(http.now()),
            url,
            name: format!("login {issuer}"),
        }
    }

    /// What the cache has.
    pub(super) fn cached(&self) -> Option<Vec<u8>> {
        self.cache.get(self.key()).map(|cached| cached.document)
    }

    /// What the cache has, if that is too young to be fetched again.
    pub(super) fn just_fetched(&self) -> Option<Vec<u8>> {
        let cached = self.cache.get(self.key())?;
        let age = self.http.now().checked_sub(cached.fetched_at)?;
        (age < SHORTEST).then_some(cached.document)
    }

    /// Keeps other processes from fetching it until the result is dropped, and waits for one that
    /// does.
    pub(super) fn lock(&self) -> Lock {
        let patience = PATIENCE.min(self.http.deadline().remaining() / 2);
        self.cache.lock(self.key(), patience)
    }

    /// Fetches it, and keeps what `parse` accepts.
    pub(super) fn fetch<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let key = self.key();
        let response = Document::LoginDiscovery.fetch(self.http, self.url)?;
        let parsed = parse(&response.body)?;
        // Else it may have come under other roots than those of the key.
        if key.roots.is_empty() || self.http.roots_are_unchanged() {
            let max_age = self.cache.allowed(&response.headers);
            let max_age = max_age.clamp(SHORTEST, LONGEST);
            self.cache.store(key, max_age, &response.body);
        }
        Ok(parsed)
    }

    /// Logs that no request was needed.
    pub(super) fn log_hit(&self) {
        self.http.log_cache_hit(self.url);
    }

    fn key(&self) -> CacheKey<'_> {
        CacheKey::new(self.http, self.url, Some(&self.name))
    }
}
