//! A request: what is sent, and what may be done when it fails.

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Method, Request};
use url::Url;
use zeroize::Zeroizing;

use super::redirect::Redirects;
use super::retry::RetryPolicy;

/// A request that can be sent several times.
pub(super) struct HttpRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) retry: RetryPolicy,
    pub(super) redirects: Redirects,
}

impl HttpRequest {
    pub(super) fn get(url: &Url, headers: HeaderMap) -> Self {
        Self::new(Method::GET, url, headers, Bytes::new())
    }

    /// GET of a public document, as one of the media types in `accept`.
    pub(super) fn get_public(url: &Url, accept: &'static str, redirects: Redirects) -> Self {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        Self {
            redirects,
            ..Self::get(url, headers)
        }
    }

    /// The body is wiped when the client drops it.
    pub(super) fn post(url: &Url, headers: HeaderMap, body: Zeroizing<Vec<u8>>) -> Self {
        Self::new(Method::POST, url, headers, Bytes::from_owner(Wiped(body)))
    }

    /// The same with another policy for retries.
    pub(super) fn retried(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// The request to a URL, for the client; the body is shared, not copied.
    pub(super) fn build(&self, url: &Url) -> Request {
        let mut request = Request::new(self.method.clone(), url.clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = Some(self.body.clone().into());
        request
    }

    fn new(method: Method, url: &Url, extra_headers: HeaderMap, body: Bytes) -> Self {
        let mut headers =
            HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        headers.extend(extra_headers);
        Self {
            method,
            url: url.clone(),
            headers,
            body,
            retry: RetryPolicy::Harmless,
            redirects: Redirects::Refused,
        }
    }
}

struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
