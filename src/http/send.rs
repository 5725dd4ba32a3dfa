//! Sends one request, and retries it only where that is safe.

use std::time::Instant;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method};
use url::Url;
use zeroize::Zeroizing;

use super::client::Clients;
use super::deadline::Deadline;
use super::diagnose;
use super::error::{AttemptError, HttpError};
use super::log::{RequestLog, ResponseStats};
use super::response::Response;
use super::retry::{self, RetryReason};
use super::url::{host, without_query};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Enough for any usual body. More is wiped for nothing, and a buffer that grows is copied.
const USUAL_BODY: usize = 16 << 10;

/// A request that can be sent several times.
pub(super) struct HttpRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl HttpRequest {
    pub(super) fn get(url: &Url, headers: HeaderMap) -> Self {
        Self::new(Method::GET, url, headers, Bytes::new())
    }

    /// The body is wiped when the client drops it.
    pub(super) fn post(url: &Url, headers: HeaderMap, body: Zeroizing<Vec<u8>>) -> Self {
        Self::new(Method::POST, url, headers, Bytes::from_owner(Wiped(body)))
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
        }
    }
}

struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Sends a request. Retries it if it was not sent, or if the server asks to wait, as far as the
/// deadline allows.
pub(super) async fn send(
    clients: &Clients,
    request: &HttpRequest,
    deadline: Deadline,
    log: &RequestLog,
) -> Result<Response, HttpError> {
    let client = clients.for_url(&request.url)?;
    let mut retries = 0;
    loop {
        let started = Instant::now();
        let result = attempt(client, clients, request, deadline, log).await;
        if let Err(AttemptError { is_unsent, .. }) = &result {
            log.failed(&request.method, &request.url, *is_unsent, started.elapsed());
        }
        let retry = match &result {
            Ok(response) => retry::after_response(response, retries)
                .map(|pause| (pause, RetryReason::Response(response.status))),
            Err(AttemptError {
                is_unsent: true, ..
            }) => retry::after_failure(retries).map(|pause| (pause, RetryReason::Connection)),
            Err(_) => None,
        };
        let Some((pause, reason)) = retry.filter(|(pause, _)| *pause < deadline.remaining()) else {
            return result.map_err(|failed| failed.error);
        };
        log.retrying(&request.url, reason, retries, pause);
        tokio::time::sleep(pause).await;
        retries += 1;
    }
}

async fn attempt(
    client: &Client,
    clients: &Clients,
    request: &HttpRequest,
    deadline: Deadline,
    log: &RequestLog,
) -> Result<Response, AttemptError> {
    let (started, url) = (Instant::now(), &request.url);
    let failed =
        |error: reqwest::Error| diagnose::attempt_error(&error, url, clients.proxy(url), deadline);
    let sending = client.request(request.method.clone(), url.clone());
    let sending = sending
        .headers(request.headers.clone())
        .body(request.body.clone())
        .send();
    let mut response = sending.await.map_err(failed)?;
    log.date(response.headers());
    refuse_redirect(url, &response)?;
    let body = read_body(&mut response, url).await;
    let body = body.map_err(failed)??;
    let stats = ResponseStats {
        version: response.version(),
        status: response.status(),
        size: body.len(),
        time: started.elapsed(),
    };
    log.responded(&request.method, url, &stats);
    log.headers("request", &request.headers);
    log.headers("response", response.headers());
    Ok(Response {
        status: stats.status,
        retry_after: retry::requested_wait(response.headers(), log.now()),
        headers: std::mem::take(response.headers_mut()),
        body,
    })
}

/// Reads a body to its end; the inner error is one that is too long.
async fn read_body(
    response: &mut reqwest::Response,
    url: &Url,
) -> Result<Result<Zeroizing<Vec<u8>>, HttpError>, reqwest::Error> {
    let mut body = Zeroizing::new(Vec::with_capacity(USUAL_BODY));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Ok(Err(HttpError::TooLong { host: host(url) }));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Ok(body))
}

fn refuse_redirect(url: &Url, response: &reqwest::Response) -> Result<(), HttpError> {
    if !response.status().is_redirection() {
        return Ok(());
    }
    let location = response.headers().get(LOCATION);
    let location = location.map_or_else(|| "nowhere".to_owned(), |value| text(value.as_bytes()));
    Err(HttpError::Redirected {
        host: host(url),
        location: without_query(&location),
        status: response.status().as_u16(),
    })
}

/// A header's value in UTF-8, else in Latin-1: a secret with a character that was replaced would
/// not be recognized.
fn text(bytes: &[u8]) -> String {
    let latin_1 = || bytes.iter().copied().map(char::from).collect();
    std::str::from_utf8(bytes).map_or_else(|_| latin_1(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_in_latin_1_keeps_every_character() {
        assert_eq!(text("p\u{e4}ss".as_bytes()), "p\u{e4}ss");
        assert_eq!(text(b"p\xe4ss"), "p\u{e4}ss");
    }
}
