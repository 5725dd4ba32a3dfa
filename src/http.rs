//! The one HTTP client and its limits: no redirects, a deadline for the whole run, bounded answers.

use std::error::Error as _;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Certificate, StatusCode, redirect, tls};
use url::Url;
use zeroize::Zeroizing;

use crate::config::Network;
use crate::text;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 1 << 20;

/// Why a request got no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("the certificates in {path} could not be used: {problem}")]
    CaFile { path: String, problem: String },
    #[error("the TLS client could not be set up: {problem}")]
    Client { problem: String },
    #[error("{host} could not be reached: {problem}")]
    Unreachable { host: String, problem: String },
    #[error("{host} did not answer within {seconds} s")]
    TimedOut { host: String, seconds: f64 },
    #[error("the answer of {host} is longer than 1 MiB")]
    TooLong { host: String },
    #[error("{host} redirects to {location} (status {status}), and a password is never sent on")]
    Redirected { host: String, location: String, status: u16 },
}

/// A client with a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    started: Instant,
    timeout: Duration,
}

/// What a server answered, redirects apart.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// May hold tokens.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Http {
    /// Builds the client; the deadline runs from here.
    pub(crate) fn new(network: &Network) -> Result<Self, HttpError> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(network.timeout.min(Duration::from_secs(10)))
            .timeout(network.timeout)
            .user_agent(concat!("padlock/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &network.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        let client = builder.build().map_err(|error| HttpError::Client { problem: innermost(&error) })?;
        Ok(Self { client, started: Instant::now(), timeout: network.timeout })
    }

    /// The same client with a fresh deadline: the time that a person takes to type does not count.
    pub(crate) fn again(&self) -> Self {
        Self { started: Instant::now(), ..self.clone() }
    }

    /// GET.
    pub(crate) fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        self.send(url, self.client.get(url.clone()))
    }

    /// POST of a body that may hold secrets, and is wiped after use.
    pub(crate) fn post(
        &self,
        url: &Url,
        content_type: &'static str,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Answer, HttpError> {
        let body = bytes::Bytes::from_owner(Wiped(body));
        let request = self.client.post(url.clone()).header("content-type", content_type).body(body);
        self.send(url, request)
    }

    fn send(&self, url: &Url, request: RequestBuilder) -> Result<Answer, HttpError> {
        let left = self.timeout.saturating_sub(self.started.elapsed());
        if left.is_zero() {
            return Err(self.timed_out(url));
        }
        let request = request.header("accept", "application/json").timeout(left);
        let response = request.send().map_err(|error| self.failure(url, &error))?;
        refuse_redirect(url, &response)?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: self.body(url, response)? })
    }

    fn body(&self, url: &Url, mut response: Response) -> Result<Zeroizing<Vec<u8>>, HttpError> {
        // Room for any usual answer from the start: a buffer that grows leaves copies behind.
        let mut body = Zeroizing::new(Vec::with_capacity(64 << 10));
        let mut chunk = Zeroizing::new([0; 8 << 10]);
        loop {
            let read = response.read(&mut *chunk).map_err(|error| self.broken(url, &error))?;
            if read == 0 {
                return Ok(body);
            }
            if body.len() + read > LIMIT {
                return Err(HttpError::TooLong { host: host(url) });
            }
            body.extend_from_slice(&chunk[..read]);
            if self.started.elapsed() > self.timeout {
                return Err(self.timed_out(url));
            }
        }
    }

    fn broken(&self, url: &Url, error: &std::io::Error) -> HttpError {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<reqwest::Error>());
        match cause {
            Some(cause) => self.failure(url, cause),
            None => HttpError::Unreachable { host: host(url), problem: text::escape(&error.to_string()).into_owned() },
        }
    }

    fn failure(&self, url: &Url, error: &reqwest::Error) -> HttpError {
        if error.is_timeout() && !error.is_connect() || self.started.elapsed() > self.timeout {
            return self.timed_out(url);
        }
        HttpError::Unreachable { host: host(url), problem: innermost(error) }
    }

    fn timed_out(&self, url: &Url) -> HttpError {
        HttpError::TimedOut { host: host(url), seconds: self.timeout.as_secs_f64() }
    }
}

/// Keeps a secret body wiped when the client lets go of it.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The host, and the port where it is not the usual one: what a person is told.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn refuse_redirect(url: &Url, response: &Response) -> Result<(), HttpError> {
    if !response.status().is_redirection() {
        return Ok(());
    }
    let location = response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    Err(HttpError::Redirected {
        host: host(url),
        location: location.map_or_else(|| "nowhere".into(), |location| text::excerpt(&location, 200)),
        status: response.status().as_u16(),
    })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, HttpError> {
    let failed = |problem: String| HttpError::CaFile { path: path.display().to_string(), problem };
    let pem = fs::read(path).map_err(|error| failed(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| failed(innermost(&error)))?;
    if certificates.is_empty() {
        return Err(failed("it holds no PEM certificate".into()));
    }
    Ok(certificates)
}

/// The cause that says most: the layers above it repeat the address.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.source().is_none() {
        return text::escape(&error.to_string()).into_owned();
    }
    text::escape(&cause.to_string()).into_owned()
}
