//! The HTTP client: bounded responses, careful retries, and one deadline for everything.
//!
//! reqwest does the work. hyper and h2 are named to read its errors (what was sent, what was
//! incomplete), tower to time connections as they are opened and to try a proxy's password once.

mod url;
mod error;
mod response;
mod body;
mod headers;
mod wait;
mod retry;
mod redirect;
mod request;
mod log;
mod resolve;
mod roots;
mod roots_fingerprint;
mod proxy;
mod certificate;
mod tls;
mod protocols;
mod connect_timing;
mod tls_fault;
mod diagnose;
mod client;
mod send;
mod worker;

use ::url::Url;
use reqwest::header::HeaderMap;
use zeroize::Zeroizing;

pub(crate) use error::{ConnectStage, HttpError};
pub(crate) use headers::{authorization, bearer};
pub use log::{Detail, Log};
pub(crate) use redirect::Redirects;
pub(crate) use response::Response;
pub(crate) use retry::RetryPolicy;
pub(crate) use url::{host, public};
pub(crate) use worker::PendingResponse;

use crate::config::{Network, Variables};
use crate::deadline::Deadline;
use crate::verify::Clocks;
use request::HttpRequest;
use worker::Worker;

/// An HTTP client with a deadline. Nothing is set up before the first request.
#[derive(Clone)]
pub(crate) struct Http {
    worker: Worker,
    deadline: Deadline,
    clock: fn() -> i64,
}

impl Http {
    /// Reads the files and variables that the settings name.
    pub(crate) fn new(
        network: &Network,
        variables: Variables<'_>,
        clock: fn() -> i64,
        log: Log,
    ) -> Result<Self, HttpError> {
        let settings = client::ClientSettings::load(network, variables)?;
        Ok(Self {
            worker: Worker::new(settings, clock, log),
            deadline: network.deadline,
            clock,
        })
    }

    /// For a test: no proxy, the system's roots, and no log.
    #[cfg(test)]
    pub(crate) fn of_a_test(clock: fn() -> i64) -> Self {
        let network = Network {
            ca_file: None,
            deadline: Deadline::after(std::time::Duration::from_secs(60)),
        };
        Self::new(&network, &|_| None, clock, Log::NONE).unwrap()
    }

    /// The same client and connections with a fresh deadline: time spent typing does not count.
    pub(crate) fn with_fresh_deadline(&self) -> Self {
        Self {
            worker: self.worker.clone(),
            deadline: self.deadline.restarted(),
            clock: self.clock,
        }
    }

    /// The same, with a fresh deadline if a person or a command may have taken time in between.
    pub(crate) fn with_fresh_deadline_if(self, has_waited: bool) -> Self {
        if has_waited {
            self.with_fresh_deadline()
        } else {
            self
        }
    }

    /// This machine's clock, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// When the run has to end.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// GET with headers, which may contain secrets.
    pub(crate) fn get_with(&self, url: &Url, headers: HeaderMap) -> Result<Response, HttpError> {
        self.begin(HttpRequest::get(url, headers)).wait()
    }

    /// Starts a GET of a public document and returns at once; the response can be awaited later.
    pub(crate) fn begin_get(
        &self,
        url: &Url,
        accept: &'static str,
        redirects: Redirects,
    ) -> PendingResponse {
        self.begin(HttpRequest::get_public(url, accept, redirects))
    }

    /// POST; the body may contain secrets and is wiped after use, and the headers name its type.
    pub(crate) fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Zeroizing<Vec<u8>>,
        retry: RetryPolicy,
    ) -> Result<Response, HttpError> {
        let request = HttpRequest::post(url, headers, body).retried(retry);
        self.begin(request).wait()
    }

    /// Logs that a document was in the cache and needed no request.
    pub(crate) fn log_cache_hit(&self, url: &Url) {
        self.worker.log_cache_hit(url);
    }

    /// The proxy through which a URL is reached, without its password.
    pub(crate) fn proxy(&self, url: &Url) -> Option<String> {
        self.worker.proxy(url)
    }

    /// Identifies the roots that are trusted, by their content.
    pub(crate) fn roots_fingerprint(&self) -> &str {
        self.worker.roots().fingerprint()
    }

    /// Lets requests at the same time share a connection to a host that spoke HTTP/2 before.
    pub(crate) fn expect_http2(&self, url: &Url) {
        self.worker.protocols().expect(url);
    }

    /// Whether a host has spoken HTTP/2; `None` if it has not responded.
    pub(crate) fn has_spoken_http2(&self, url: &Url) -> Option<bool> {
        self.worker.protocols().seen(url)
    }

    /// Tells without reading them whether the roots are the same as in another run, for hints alone.
    pub(crate) fn roots_stamp(&self) -> String {
        self.worker.roots().stamp()
    }

    /// Whether the files with the roots still have the content that was fingerprinted.
    pub(crate) fn roots_are_unchanged(&self) -> bool {
        self.worker.roots().are_unchanged()
    }

    /// This machine's clock and the server's, from the last response with a date.
    pub(crate) fn clocks(&self) -> Option<Clocks> {
        self.worker.clocks()
    }

    fn begin(&self, request: HttpRequest) -> PendingResponse {
        self.worker.begin(request, self.deadline)
    }
}
