//! Fetches public documents.

use url::Url;

use super::error::ProviderError;
use crate::http::{Http, PendingResponse, Redirects, Response};
use crate::keys::{KeySet, KeySetOrigin};

/// A public document of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    KeySet,
    /// Only to find the key set.
    Discovery,
    /// To find where passwords and other secrets are sent.
    LoginDiscovery,
}

impl Document {
    /// Starts to fetch it.
    pub(super) fn begin(self, http: &Http, url: &Url) -> PendingResponse {
        let (accept, redirects) = match self {
            Self::KeySet => (
                "application/jwk-set+json, application/json;q=0.9, */*;q=0.1",
                Redirects::ToHttps,
            ),
            Self::Discovery => ("application/json", Redirects::ToHttps),
            Self::LoginDiscovery => ("application/json", Redirects::WithinOrigin),
        };
        http.begin_get(url, accept, redirects)
    }

    /// Fetches it; any status but success is an error.
    pub(super) fn fetch(self, http: &Http, url: &Url) -> Result<Response, ProviderError> {
        successful(url, self.begin(http, url).wait()?)
    }
}

/// The response, if its status is success.
pub(super) fn successful(url: &Url, response: Response) -> Result<Response, ProviderError> {
    if response.status.is_success() {
        return Ok(response);
    }
    Err(ProviderError::Status {
        url: url.clone(),
        status: response.status.as_u16(),
        wait: response.wait(),
    })
}

/// Parses the key set from `url`.
pub(super) fn key_set(url: &Url, document: &[u8]) -> Result<KeySet, ProviderError> {
    KeySet::parse(document, KeySetOrigin::Published).map_err(|source| ProviderError::KeySet {
        url: url.clone(),
        source,
    })
}
