//! A key set that is fetched during the prompt or the token request.

use url::Url;

use super::endpoints::Provider;
use super::error::ProviderError;
use super::fetch::{Document, key_set, successful};
use crate::http::{Http, PendingResponse};
use crate::keys::KeySet;

/// A key set that has not arrived yet.
pub(crate) struct PendingJwks {
    url: Url,
    /// Where a cached document named the URL: that provider, and what renews it.
    renewal: Option<(Provider, Http)>,
    response: PendingResponse,
}

impl PendingJwks {
    /// Starts to fetch the provider's keys, if it says where they are.
    pub(crate) fn begin(http: &Http, provider: &Provider) -> Result<Self, ProviderError> {
        let url = provider.jwks_url.clone()?;
        Ok(Self {
            response: Document::KeySet.begin(http, &url),
            url,
            renewal: (provider.cached_of.is_some()).then(|| (provider.clone(), http.clone())),
        })
    }

    /// Starts again, with the deadline of `http`, if the request has failed or hangs.
    pub(crate) fn or_retried(mut self, http: &Http) -> Self {
        if self.response.is_of_no_use() {
            self.response = Document::KeySet.begin(http, &self.url);
        }
        if let Some((_, renewal)) = &mut self.renewal {
            *renewal = http.clone();
        }
        self
    }

    /// Why the host cannot be reached, as far as that is known soon.
    pub(crate) fn unreachable(&mut self) -> Option<ProviderError> {
        self.response.unreachable().map(ProviderError::from)
    }

    /// Waits for the keys. If those that a cached document names cannot be had, a fresh one may
    /// name others.
    pub(crate) fn wait(self) -> Result<KeySet, ProviderError> {
        let (url, renewal) = (self.url, self.renewal);
        let keys = received(&url, self.response);
        if keys.is_err()
            && let Some((provider, http)) = renewal
            && let Some(renewed) = provider.renewed(&http)
            && let Ok(moved) = renewed.jwks_url
            && moved != url
        {
            return received(&moved, Document::KeySet.begin(&http, &moved));
        }
        keys
    }
}

fn received(url: &Url, response: PendingResponse) -> Result<KeySet, ProviderError> {
    let response = successful(url, response.wait()?)?;
    key_set(url, &response.body)
}
