//! A key set that is fetched during the prompt or the token request.

use url::Url;

use super::endpoints::Provider;
use super::error::ProviderError;
use super::fetch::{key_set, successful};
use crate::http::{Http, PendingResponse};
use crate::keys::KeySet;

/// A key set that has not arrived yet.
pub(crate) struct PendingJwks {
    url: Url,
    response: PendingResponse,
}

impl PendingJwks {
    /// Starts to fetch the provider's keys.
    pub(crate) fn begin(http: &Http, provider: &Provider) -> Self {
        Self {
            url: provider.jwks_url.clone(),
            response: http.begin_get(&provider.jwks_url),
        }
    }

    /// Retries if the request has already failed.
    pub(crate) fn or_retried(mut self, http: &Http) -> Self {
        if self.response.has_failed() {
            self.response = http.begin_get(&self.url);
        }
        self
    }

    /// Waits for the keys.
    pub(crate) fn wait(self) -> Result<KeySet, ProviderError> {
        let response = successful(&self.url, self.response.wait()?)?;
        key_set(&self.url, &response.body)
    }
}
