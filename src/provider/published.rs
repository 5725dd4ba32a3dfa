//! An issuer's published keys, cached on disk between runs for as long as the issuer allows.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use super::cache::{Cache, CacheKey, Lock};
use super::discovery::{DiscoveryDocument, discovery_url, endpoint};
use super::error::ProviderError;
use super::fetch::{Document, key_set};
use crate::escape::excerpt;
use crate::http::{self, Http, Response};
use crate::keys::KeySet;

/// Whether a cached document may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// As long as the issuer allows.
    Cached,
    /// No: a key is missing from it.
    Fetched,
}

/// Where keys are published.
#[derive(Clone, Debug)]
pub(crate) enum JwksLocation {
    /// The `jwks_uri` in this issuer's discovery document.
    Issuer(String),
    /// A key set's URL.
    Url(Url),
}

/// A parsed document, and where it came from.
#[derive(Debug)]
pub(super) struct Published<T> {
    pub(super) content: T,
    /// If so, the issuer may have published a newer one since.
    pub(super) from_cache: bool,
    /// Seconds since 1970.
    pub(super) fetched_at: i64,
    /// Seconds for which it may be used; 0 or less if the issuer does not allow caching.
    pub(super) max_age: i64,
    /// The SHA-256 of its text.
    pub(super) digest: [u8; 32],
}

/// Fetches what an issuer publishes, or finds it in the cache.
#[derive(Clone, Copy)]
pub(super) struct Publisher<'a> {
    pub(super) http: &'a Http,
    pub(super) cache: &'a Cache,
    pub(super) location: &'a JwksLocation,
    /// This machine's clock, in seconds since 1970.
    pub(super) now: i64,
}

impl Publisher<'_> {
    /// The keys, if no request is needed.
    pub(super) fn cached_keys(self) -> Option<Published<KeySet>> {
        let at = |url: &Url, issuer| {
            let keys = self.cached(self.key(url, issuer), |text| key_set(url, text))?;
            self.http.log_cache_hit(url);
            Some(keys)
        };
        let issuer = match self.location {
            JwksLocation::Url(url) => return at(url, None),
            JwksLocation::Issuer(issuer) => issuer,
        };
        let document = discovery_url(issuer).ok()?;
        let parse = |text: &[u8]| jwks_uri(issuer, &document, text);
        let url = self.cached(self.key(&document, Some(issuer)), parse)?;
        let keys = at(&url.content, Some(issuer))?;
        self.http.log_cache_hit(&document);
        Some(keys)
    }

    /// Where the keys are published, for a message.
    pub(super) fn name(self) -> String {
        match self.location {
            JwksLocation::Url(url) => http::public(url),
            JwksLocation::Issuer(issuer) => excerpt(issuer, 200),
        }
    }

    /// The keys. An issuer's discovery document and keys are cached separately; a damaged one, or
    /// another issuer's, is fetched again. `freshness` applies to the keys.
    pub(super) fn keys(self, freshness: Freshness) -> Result<Published<KeySet>, ProviderError> {
        let issuer = match self.location {
            JwksLocation::Url(url) => return self.keys_at(url, None, freshness),
            JwksLocation::Issuer(issuer) => issuer,
        };
        let url = self.jwks_url(issuer, Freshness::Cached)?;
        let keys = self.keys_at(&url.content, Some(issuer), freshness);
        if keys.is_ok() || !url.from_cache {
            return keys;
        }
        // The keys may have moved since the document was cached.
        match self.jwks_url(issuer, Freshness::Fetched) {
            Ok(moved) if moved.content != url.content => {
                self.keys_at(&moved.content, Some(issuer), freshness)
            }
            _ => keys,
        }
    }

    /// Keeps other processes from fetching these keys, and waits for one that does.
    pub(super) fn lock(self, patience: Duration) -> Lock {
        match self.location {
            JwksLocation::Url(url) => self.cache.lock(self.key(url, None), patience),
            JwksLocation::Issuer(issuer) => match discovery_url(issuer) {
                Ok(url) => self.cache.lock(self.key(&url, Some(issuer)), patience),
                Err(_) => Lock::Impossible,
            },
        }
    }

    /// The `jwks_uri` of an issuer. It needs no token endpoint: its tokens may come from other
    /// flows.
    fn jwks_url(self, issuer: &str, freshness: Freshness) -> Result<Published<Url>, ProviderError> {
        let url = discovery_url(issuer)?;
        let key = self.key(&url, Some(issuer));
        let parse = |text: &[u8]| jwks_uri(issuer, &url, text);
        self.cached_or_fetched(key, Document::Discovery, freshness, parse)
    }

    fn keys_at(
        self,
        url: &Url,
        issuer: Option<&str>,
        freshness: Freshness,
    ) -> Result<Published<KeySet>, ProviderError> {
        let parse = |text: &[u8]| key_set(url, text);
        self.cached_or_fetched(self.key(url, issuer), Document::KeySet, freshness, parse)
    }

    /// Uses, and caches, only what can be parsed.
    fn cached_or_fetched<T>(
        self,
        key: CacheKey<'_>,
        kind: Document,
        freshness: Freshness,
        parse: impl Fn(&[u8]) -> Result<T, ProviderError>,
    ) -> Result<Published<T>, ProviderError> {
        if freshness == Freshness::Cached
            && let Some(cached) = self.cached(key, &parse)
        {
            self.http.log_cache_hit(key.url);
            return Ok(cached);
        }
        let response = kind.fetch(self.http, key.url)?;
        Ok(Published {
            content: parse(&response.body)?,
            from_cache: false,
            fetched_at: self.now,
            max_age: self.put(key, &response),
            digest: digest_of(&response.body),
        })
    }

    /// Caches a response, unless the roots that it came under may be others by now than the key's.
    fn put(self, key: CacheKey<'_>, response: &Response) -> i64 {
        if key.roots.is_empty() || self.http.roots_are_unchanged() {
            self.cache.put(key, &response.headers, &response.body)
        } else {
            0
        }
    }

    fn cached<T>(
        self,
        key: CacheKey<'_>,
        parse: impl Fn(&[u8]) -> Result<T, ProviderError>,
    ) -> Option<Published<T>> {
        let cached = self.cache.get(key)?;
        Some(Published {
            content: parse(&cached.document).ok()?,
            from_cache: true,
            fetched_at: cached.fetched_at,
            max_age: cached.max_age,
            digest: digest_of(&cached.document),
        })
    }

    fn key<'k>(&'k self, url: &'k Url, issuer: Option<&'k str>) -> CacheKey<'k> {
        CacheKey::new(self.http, url, issuer)
    }
}

fn jwks_uri(issuer: &str, url: &Url, document: &[u8]) -> Result<Url, ProviderError> {
    let document = DiscoveryDocument::parse(issuer, url, document)?;
    Ok(endpoint(url, "jwks_uri", document.jwks_uri.as_deref())?)
}

fn digest_of(document: &[u8]) -> [u8; 32] {
    let digest = digest(&SHA256, document);
    digest.as_ref().try_into().unwrap_or_default()
}
