//! Whether the provider's host speaks HTTP/2, remembered for a day beside its public documents: a
//! login then needs one connection in place of two.

use reqwest::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use url::Url;

use super::cache::{Cache, CacheKey};
use super::endpoints::Provider;
use crate::http::Http;

/// Stands for the protocol among the cached documents; no issuer has this name.
const KEY: &str = "protocol";
const HTTP2: &[u8] = b"h2";
const DAY: &str = "max-age=86400";

/// What is remembered of the host of a provider's token endpoint.
pub(crate) struct ProtocolMemory<'a> {
    http: &'a Http,
    cache: Cache,
    /// The host's address alone; `None` where no protocol is negotiated, or the keys are elsewhere.
    origin: Option<Url>,
    is_expected: bool,
    /// Of the roots before any connection was opened.
    roots: String,
}

impl<'a> ProtocolMemory<'a> {
    /// Lets the client know what is remembered.
    pub(crate) fn recall(http: &'a Http, provider: &Provider) -> Self {
        let origin = origin(provider);
        let roots = origin.as_ref().map(|_| http.roots_stamp());
        let mut memory = Self {
            http,
            cache: Cache::open(http.now()),
            origin,
            is_expected: false,
            roots: roots.unwrap_or_default(),
        };
        if let Some(origin) = &memory.origin
            && let Some(known) = memory.cache.get(memory.key(origin))
            && known.document == HTTP2
        {
            http.expect_http2(origin);
            memory.is_expected = true;
        }
        memory
    }

    /// Remembers what the host spoke, if that is new.
    pub(crate) fn update(self) {
        let Some(origin) = &self.origin else { return };
        let Some(is_http2) = self.http.has_spoken_http2(origin) else {
            return;
        };
        if is_http2 == self.is_expected || self.roots != self.http.roots_stamp() {
            return;
        }
        let mut headers = HeaderMap::new();
        let age = if is_http2 { DAY } else { "no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(age));
        self.cache.put(self.key(origin), &headers, HTTP2);
    }

    fn key<'k>(&'k self, origin: &'k Url) -> CacheKey<'k> {
        CacheKey {
            url: origin,
            issuer: Some(KEY),
            roots: &self.roots,
        }
    }
}

fn origin(provider: &Provider) -> Option<Url> {
    let token_url = &provider.token_url;
    let keys = provider.jwks_url.as_ref().ok()?;
    let is_one_host = keys.origin() == token_url.origin() && token_url.scheme() == "https";
    is_one_host.then(|| token_url.join("/").ok()).flatten()
}
