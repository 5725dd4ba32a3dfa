//! An issuer's published keys, kept on disk between runs for as long as the issuer allows.

use url::Url;

use super::{Document, ProviderError, discovery_url, endpoint, fetch, key_set};
use crate::cache::{Cache, Entry};
use crate::http::Http;
use crate::keys::KeySet;

/// Whether what is kept on disk will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// For as long as the issuer allows.
    Kept,
    /// No: a key was missing from it.
    Fetched,
}

/// An issuer's keys, and where they came from.
#[derive(Debug)]
pub(crate) struct PublishedKeys {
    pub(crate) set: KeySet,
    /// They were on disk, so that fresh ones may hold a key that they lack.
    pub(crate) kept: bool,
    /// Seconds for which the issuer allows them to be used from now on; 0 or less: it wants nothing kept.
    pub(crate) life: i64,
}

/// The keys of an issuer, found by discovery; discovery document and keys are kept on disk, each for its own time.
///
/// A discovery document that is damaged, or another issuer's, is fetched again. [`Freshness::Fetched`] is about the keys.
pub(crate) fn keys_for_issuer(
    http: &Http,
    cache: &Cache,
    issuer: &str,
    freshness: Freshness,
) -> Result<PublishedKeys, ProviderError> {
    let url = discovery_url(issuer)?;
    let entry = Entry {
        url: &url,
        issuer: Some(issuer),
        roots: http.roots(),
    };
    // An issuer that hands out tokens by other ways than ours need not name a token endpoint.
    let read = |document: &[u8]| {
        endpoint(
            &url,
            "jwks_uri",
            &Document::read(issuer, &url, document)?.jwks_uri,
        )
    };
    let Known {
        content: jwks_url, ..
    } = kept_or_fetched(http, cache, entry, Freshness::Kept, read)?;
    keys(
        http,
        cache,
        Entry {
            url: &jwks_url,
            issuer: Some(issuer),
            roots: http.roots(),
        },
        freshness,
    )
}

/// The key set at an address, kept on disk as an issuer's is.
pub(crate) fn keys_at_url(
    http: &Http,
    cache: &Cache,
    url: &Url,
    freshness: Freshness,
) -> Result<PublishedKeys, ProviderError> {
    keys(
        http,
        cache,
        Entry {
            url,
            issuer: None,
            roots: http.roots(),
        },
        freshness,
    )
}

fn keys(
    http: &Http,
    cache: &Cache,
    entry: Entry<'_>,
    freshness: Freshness,
) -> Result<PublishedKeys, ProviderError> {
    let read = |document: &[u8]| key_set(entry.url, document);
    let Known {
        content: set,
        kept,
        life,
    } = kept_or_fetched(http, cache, entry, freshness, read)?;
    Ok(PublishedKeys { set, kept, life })
}

/// A document as it is understood, whether it was on disk, and for how many seconds it may be used.
struct Known<T> {
    content: T,
    kept: bool,
    life: i64,
}

/// Only what is understood is believed, or kept.
fn kept_or_fetched<T>(
    http: &Http,
    cache: &Cache,
    entry: Entry<'_>,
    freshness: Freshness,
    read: impl Fn(&[u8]) -> Result<T, ProviderError>,
) -> Result<Known<T>, ProviderError> {
    let kept = if freshness == Freshness::Kept {
        cache.find(entry)
    } else {
        None
    };
    if let Some((content, life)) =
        kept.and_then(|(document, life)| Some((read(&document).ok()?, life)))
    {
        http.found_on_disk(entry.url);
        return Ok(Known {
            content,
            kept: true,
            life,
        });
    }
    let answer = fetch(http, entry.url)?;
    let content = read(&answer.body)?;
    let life = cache.keep(entry, &answer.headers, &answer.body);
    Ok(Known {
        content,
        kept: false,
        life,
    })
}

#[cfg(test)]
mod tests;
