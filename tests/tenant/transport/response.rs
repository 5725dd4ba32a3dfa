//! An HTTP response that tests can construct.

use axum::body::Body;
use axum::http;
use axum::response::IntoResponse;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// JSON that must not be stored, like every token response (RFC 6749 §5.1).
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string())
            .header("content-type", "application/json")
            .header("cache-control", "no-store")
            .header("pragma", "no-cache")
    }

    /// Sets a header, replacing any existing value.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(existing, _)| !existing.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Seconds or an HTTP date (RFC 9110 §10.2.3).
    pub(crate) fn retry_after(self, when: &str) -> Self {
        self.header("retry-after", when)
    }
}

impl IntoResponse for Response {
    fn into_response(self) -> axum::response::Response {
        let response = http::Response::builder().status(self.status);
        let response = self
            .headers
            .iter()
            .fold(response, |response, (name, value)| {
                response.header(name, value)
            });
        response
            .body(Body::from(self.body))
            .expect("a valid status and headers")
    }
}
