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
    response: PendingResponse,
}

impl PendingJwks {
    /// Starts to fetch the provider's keys, if it says where they are.
    pub(crate) fn begin(http: &Http, provider: &Provider) -> Result<Self, ProviderError> {
        let url = provider.jwks_url.clone()?;
        Ok(Self {
            response: Document::KeySet.begin(http, &url),
            url,
        })
    }

    /// Starts again, with the deadline of `http`, if the request has failed or hangs.
    pub(crate) fn or_retried(mut self, http: &Http) -> Self {
        if self.response.is_of_no_use() {
            self.response = Document::KeySet.begin(http, &self.url);
        }
        self
    }

    /// Why the host cannot be reached, as far as that is known soon.
    pub(crate) fn unreachable(&mut self) -> Option<ProviderError> {
        self.response.unreachable().map(ProviderError::from)
    }

    /// Waits for the keys.
    pub(crate) fn wait(self) -> Result<KeySet, ProviderError> {
        let response = successful(&self.url, self.response.wait()?)?;
        key_set(&self.url, &response.body)
    }
}
