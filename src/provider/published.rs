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
    let entry = Entry { url: &url, issuer: Some(issuer) };
    // An issuer that hands out tokens by other ways than ours need not name a token endpoint.
    let read = |document: &[u8]| endpoint(&url, "jwks_uri", &Document::read(issuer, &url, document)?.jwks_uri);
    let (jwks_url, _) = kept_or_fetched(http, cache, entry, Freshness::Kept, read)?;
    keys(http, cache, Entry { url: &jwks_url, issuer: Some(issuer) }, freshness)
}

/// The key set at an address, kept on disk as an issuer's is.
pub(crate) fn keys_at_url(
    http: &Http,
    cache: &Cache,
    url: &Url,
    freshness: Freshness,
) -> Result<PublishedKeys, ProviderError> {
    keys(http, cache, Entry { url, issuer: None }, freshness)
}

fn keys(http: &Http, cache: &Cache, entry: Entry<'_>, freshness: Freshness) -> Result<PublishedKeys, ProviderError> {
    let (set, kept) = kept_or_fetched(http, cache, entry, freshness, |document| key_set(entry.url, document))?;
    Ok(PublishedKeys { set, kept })
}

/// A document as it is understood, and whether it was on disk. Only what is understood is believed, or kept.
fn kept_or_fetched<T>(
    http: &Http,
    cache: &Cache,
    entry: Entry<'_>,
    freshness: Freshness,
    read: impl Fn(&[u8]) -> Result<T, ProviderError>,
) -> Result<(T, bool), ProviderError> {
    let kept = if freshness == Freshness::Kept { cache.find(entry) } else { None };
    if let Some(document) = kept.and_then(|document| read(&document).ok()) {
        http.found_on_disk(entry.url);
        return Ok((document, true));
    }
    let answer = fetch(http, entry.url)?;
    let document = read(&answer.body)?;
    cache.keep(entry, &answer.headers, &answer.body);
    Ok((document, false))
}

#[cfg(test)]
mod tests;
