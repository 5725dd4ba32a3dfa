//! An issuer's published keys, cached on disk between runs for as long as the issuer allows.

use url::Url;

use super::cache::{Cache, CacheKey};
use super::discovery::{DiscoveryDocument, discovery_url, endpoint};
use super::error::ProviderError;
use super::fetch::{Document, key_set};
use crate::http::Http;
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
    /// Seconds for which it may be used; 0 or less if the issuer does not allow caching.
    pub(super) max_age: i64,
}

/// The keys at a location. An issuer's discovery document and keys are cached separately; a damaged
/// one, or another issuer's, is fetched again. `freshness` applies to the keys.
pub(super) fn keys(
    http: &Http,
    cache: &Cache,
    location: &JwksLocation,
    freshness: Freshness,
) -> Result<Published<KeySet>, ProviderError> {
    match location {
        JwksLocation::Url(url) => keys_at(http, cache, url, None, freshness),
        JwksLocation::Issuer(issuer) => {
            let url = jwks_url(http, cache, issuer)?;
            keys_at(http, cache, &url, Some(issuer), freshness)
        }
    }
}

/// The `jwks_uri` of an issuer. It needs no token endpoint: its tokens may come from other flows.
fn jwks_url(http: &Http, cache: &Cache, issuer: &str) -> Result<Url, ProviderError> {
    let url = discovery_url(issuer)?;
    let key = CacheKey {
        url: &url,
        issuer: Some(issuer),
        roots: http.roots_fingerprint(),
    };
    let parse = |document: &[u8]| {
        let document = DiscoveryDocument::parse(issuer, &url, document)?;
        Ok(endpoint(&url, "jwks_uri", document.jwks_uri.as_deref())?)
    };
    let (kind, freshness) = (Document::Discovery, Freshness::Cached);
    Ok(cached_or_fetched(http, cache, key, kind, freshness, parse)?.content)
}

fn keys_at(
    http: &Http,
    cache: &Cache,
    url: &Url,
    issuer: Option<&str>,
    freshness: Freshness,
) -> Result<Published<KeySet>, ProviderError> {
    let key = CacheKey {
        url,
        issuer,
        roots: http.roots_fingerprint(),
    };
    let parse = |document: &[u8]| key_set(url, document);
    cached_or_fetched(http, cache, key, Document::KeySet, freshness, parse)
}

/// Uses, and caches, only what can be parsed.
fn cached_or_fetched<T>(
    http: &Http,
    cache: &Cache,
    key: CacheKey<'_>,
    kind: Document,
    freshness: Freshness,
    parse: impl Fn(&[u8]) -> Result<T, ProviderError>,
) -> Result<Published<T>, ProviderError> {
    let cached = match freshness {
        Freshness::Cached => cache.get(key),
        Freshness::Fetched => None,
    };
    let cached = cached.and_then(|(document, max_age)| Some((parse(&document).ok()?, max_age)));
    if let Some((content, max_age)) = cached {
        http.log_cache_hit(key.url);
        return Ok(Published {
            content,
            from_cache: true,
            max_age,
        });
    }
    let response = kind.fetch(http, key.url)?;
    let content = parse(&response.body)?;
    let max_age = cache.put(key, &response.headers, &response.body);
    Ok(Published {
        content,
        from_cache: false,
        max_age,
    })
}
