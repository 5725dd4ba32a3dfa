//! One request and its answer, repeated only where that can do no harm.

use std::time::Instant;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response};
use url::Url;
use zeroize::Zeroizing;

use super::client::Clients;
use super::problem;
use super::retry::{self, Reason};
use super::trace::{Measures, Trace};
use super::{Answer, Deadline, HttpError, host};

/// The longest answer that is read, in bytes.
const LIMIT: usize = 1 << 20;

/// Room for any usual answer from the start: a buffer that grows leaves copies behind.
const USUAL: usize = 64 << 10;

/// A request, as often as it may be needed.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    pub(super) fn get(url: &Url, headers: HeaderMap) -> Self {
        Self::new(Method::GET, url, headers, Bytes::new())
    }

    /// The body is wiped once the client lets go of it.
    pub(super) fn post(url: &Url, headers: HeaderMap, body: Zeroizing<Vec<u8>>) -> Self {
        Self::new(Method::POST, url, headers, Bytes::from_owner(Wiped(body)))
    }

    fn new(method: Method, url: &Url, more: HeaderMap, body: Bytes) -> Self {
        let mut headers =
            HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        headers.extend(more);
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

/// Why one attempt failed, and whether that was before anything of the request was sent.
pub(super) struct Failed {
    pub(super) error: HttpError,
    pub(super) unsent: bool,
}

/// Sends a request, and sends it again where it was not sent or the server asks to wait, as far as the deadline allows.
pub(super) async fn run(
    clients: &Clients,
    request: &Request,
    deadline: Deadline,
    trace: &Trace,
) -> Result<Answer, HttpError> {
    let client = clients.for_url(&request.url)?;
    let mut repeats = 0;
    loop {
        let started = Instant::now();
        let result = once(client, clients, request, deadline, trace).await;
        if let Err(failed) = &result {
            trace.failed(
                &request.method,
                &request.url,
                failed.unsent,
                started.elapsed(),
            );
        }
        let again = match &result {
            Ok(answer) => retry::after_answer(answer, repeats)
                .map(|pause| (pause, Reason::Answer(answer.status))),
            Err(Failed { unsent: true, .. }) => {
                retry::after_failure(repeats).map(|pause| (pause, Reason::Connection))
            }
            Err(_) => None,
        };
        let Some((pause, reason)) = again.filter(|(pause, _)| *pause < deadline.left()) else {
            return result.map_err(|failed| failed.error);
        };
        trace.repeating(&request.url, reason, repeats, pause);
        tokio::time::sleep(pause).await;
        repeats += 1;
    }
}

async fn once(
    client: &Client,
    clients: &Clients,
    request: &Request,
    deadline: Deadline,
    trace: &Trace,
) -> Result<Answer, Failed> {
    let started = Instant::now();
    let failed = |error: reqwest::Error| {
        problem::explain(&error, &request.url, clients.proxy(&request.url), deadline)
    };
    let sent = client.request(request.method.clone(), request.url.clone());
    let sent = sent
        .headers(request.headers.clone())
        .body(request.body.clone())
        .send();
    let mut response = sent.await.map_err(failed)?;
    trace.date(response.headers());
    refuse_redirect(&request.url, &response)?;
    let mut body = Zeroizing::new(Vec::with_capacity(USUAL));
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > LIMIT {
            return Err(HttpError::TooLong {
                host: host(&request.url),
            }
            .into());
        }
        body.extend_from_slice(&chunk);
    }
    let (version, status) = (response.version(), response.status());
    let measures = Measures {
        version,
        status,
        size: body.len(),
        time: started.elapsed(),
    };
    trace.answered(&request.method, &request.url, &measures);
    trace.headers("request", &request.headers);
    trace.headers("answer", response.headers());
    Ok(Answer {
        status,
        headers: std::mem::take(response.headers_mut()),
        body,
    })
}

fn refuse_redirect(url: &Url, response: &Response) -> Result<(), HttpError> {
    if !response.status().is_redirection() {
        return Ok(());
    }
    let location = response
        .headers()
        .get(LOCATION)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    // What stands behind the path may repeat a secret, in any encoding.
    let place = location
        .as_deref()
        .and_then(|location| location.split(['?', '#']).next())
        .unwrap_or("nowhere");
    Err(HttpError::Redirected {
        host: host(url),
        location: place.to_owned(),
        status: response.status().as_u16(),
    })
}

/// After the server has answered nothing counts as unsent.
impl From<HttpError> for Failed {
    fn from(error: HttpError) -> Self {
        Self {
            error,
            unsent: false,
        }
    }
}
