//! A complete response of bounded size; never a redirect.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

/// A response, read to the end.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Decompressed, without a byte order mark. May contain tokens.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// `Retry-After`: how long the server asks to wait before this request is repeated.
    pub(crate) retry_after: Option<Duration>,
    /// `x-ratelimit-reset` of a limit that is used up. It is about everybody's requests together.
    pub(super) rate_limit_reset: Option<Duration>,
}

impl Response {
    /// How long to wait before trying again, as far as the server says so.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let is_rate_limit = self.status == StatusCode::TOO_MANY_REQUESTS;
        let reset = self.rate_limit_reset.filter(|_| is_rate_limit);
        self.retry_after.or(reset)
    }
}
