//! The one HTTP client: a request out, a bounded answer in, and all of it before a deadline.

mod client;
mod connections;
mod exchange;
mod problem;
mod proxy;
mod retry;
mod roots;
mod trace;
mod verifier;
mod worker;

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use url::Url;
use zeroize::Zeroizing;

pub(crate) use trace::Clocks;
pub use trace::{Detail, Log};
pub(crate) use worker::Pending;

use crate::Surroundings;
use crate::config::Network;
use crate::text;
use exchange::Request;
use worker::Worker;

/// Why a request got no usable answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("the certificates in {path} could not be used: {problem}")]
    CaFile { path: String, problem: String },
    /// The value may hold a password, so only its name is told.
    #[error("the proxy that {variable} names is not valid: {problem}")]
    Proxy {
        variable: &'static str,
        problem: String,
    },
    #[error("the HTTP client could not be set up: {problem}")]
    Client { problem: String },
    #[error("{host} could not be reached: {problem}")]
    Unreachable {
        host: String,
        problem: String,
        hint: String,
    },
    #[error("{host} was reached, but gave no whole answer: {problem}")]
    Broken { host: String, problem: String },
    #[error("{host} did not answer within {seconds} s")]
    TimedOut { host: String, seconds: f64 },
    #[error("the answer of {host} is longer than 1 MiB")]
    TooLong { host: String },
    #[error("the answer of {host} is not proper HTTP: {problem}")]
    Garbled { host: String, problem: String },
    #[error("{host} redirects to {} (status {status}), and no redirect is followed", text::excerpt(.location, 200))]
    Redirected {
        host: String,
        location: String,
        status: u16,
    },
}

impl HttpError {
    /// The same, without secrets that the server repeated.
    pub(crate) fn without(self, secrets: &[&str]) -> Self {
        match self {
            Self::Redirected {
                host,
                location,
                status,
            } => Self::Redirected {
                host,
                location: text::without(&location, secrets),
                status,
            },
            other => other,
        }
    }
}

/// What a server answered, redirects apart.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// May hold tokens.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// How long the server asks to wait, where it says so: `Retry-After` (RFC 9110 §10.2.3), or Auth0's own header.
    pub(crate) fn wait(&self) -> Option<Duration> {
        retry::asked_for(&self.headers, retry::now())
    }
}

/// A client with a deadline. Nothing is set up before the first request.
#[derive(Clone)]
pub(crate) struct Http {
    worker: Worker,
    deadline: Deadline,
}

/// When a run has to end.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    started: Instant,
    timeout: Duration,
}

impl Http {
    /// Reads what the settings name; the deadline runs from here.
    pub(crate) fn new(
        network: &Network,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, HttpError> {
        let settings = client::Settings::load(network, surroundings.variables)?;
        let deadline = Deadline {
            started: Instant::now(),
            timeout: network.timeout,
        };
        Ok(Self {
            worker: Worker::new(settings, surroundings.log),
            deadline,
        })
    }

    /// The same client and its connections with a fresh deadline: the time that a person takes to type does not count.
    pub(crate) fn again(&self) -> Self {
        let deadline = Deadline {
            started: Instant::now(),
            ..self.deadline
        };
        Self {
            worker: self.worker.clone(),
            deadline,
        }
    }

    /// How long is left until the deadline.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.left()
    }

    /// GET.
    pub(crate) fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        self.begin_get(url).wait()
    }

    /// GET with headers, which may hold secrets.
    pub(crate) fn get_with(&self, url: &Url, headers: HeaderMap) -> Result<Answer, HttpError> {
        self.worker
            .begin(Request::get(url, headers), self.deadline)
            .wait()
    }

    /// GET, on its way while the caller does something else.
    pub(crate) fn begin_get(&self, url: &Url) -> Pending {
        self.worker
            .begin(Request::get(url, HeaderMap::new()), self.deadline)
    }

    /// POST of a body that may hold secrets, and is wiped after use; the headers name its type.
    pub(crate) fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Answer, HttpError> {
        self.worker
            .begin(Request::post(url, headers, body), self.deadline)
            .wait()
    }

    /// Tells that a document was on disk and needed no request.
    pub(crate) fn found_on_disk(&self, url: &Url) {
        self.worker.found_on_disk(url);
    }

    /// A name for what is trusted besides the system's roots; empty where nothing is.
    pub(crate) fn roots(&self) -> &str {
        self.worker.roots()
    }

    /// This machine's clock and the server's, from the last answer that gave the time.
    pub(crate) fn clocks(&self) -> Option<Clocks> {
        self.worker.clocks()
    }
}

impl Deadline {
    fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }

    fn missed(&self, url: &Url) -> HttpError {
        HttpError::TimedOut {
            host: host(url),
            seconds: self.timeout.as_secs_f64(),
        }
    }
}

/// The host, and the port where it is not the usual one: what a person is told.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
