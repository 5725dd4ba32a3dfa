//! Fetches public documents.

use url::Url;

use super::error::ProviderError;
use crate::http::{Http, Response};
use crate::keys::{KeySet, KeySetOrigin};

/// GET; any status but success is an error.
pub(super) fn fetch(http: &Http, url: &Url) -> Result<Response, ProviderError> {
    successful(url, http.get(url)?)
}

/// The response, if its status is success.
pub(super) fn successful(url: &Url, response: Response) -> Result<Response, ProviderError> {
    if response.status.is_success() {
        return Ok(response);
    }
    Err(ProviderError::Status {
        url: url.clone(),
        status: response.status.as_u16(),
        wait: response.retry_after,
    })
}

/// Parses the key set from `url`.
pub(super) fn key_set(url: &Url, document: &[u8]) -> Result<KeySet, ProviderError> {
    KeySet::parse(document, KeySetOrigin::Published).map_err(|source| ProviderError::KeySet {
        url: url.clone(),
        source,
    })
}
