//! A complete response of bounded size; never a redirect.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

/// A response, read to the end.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// May contain tokens.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// How long the server asks to wait before a retry.
    pub(crate) retry_after: Option<Duration>,
}
