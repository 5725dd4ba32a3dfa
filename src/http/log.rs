//! The log of requests and retries (`-v`), and the servers' clocks.
//!
//! A line contains only methods, URLs without queries, status codes, sizes, times and header names,
//! so that no secret can get into it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName};
use reqwest::{Method, StatusCode, Version};
use url::{Position, Url};

use super::retry::RetryReason;
use super::url::{host, without_query};
use super::wait;
use crate::deadline::Deadline;
use crate::escape;
use crate::redact::note_foreign;
use crate::verify::Clocks;

/// How much is logged; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// That a request is retried, and why.
    Retries,
    /// Connections and requests: round trips, times, sizes.
    Requests,
    /// Header names, too.
    Headers,
}

/// Where the log goes.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// How much is logged.
    pub detail: Detail,
    /// Writes one line.
    pub write: fn(&str),
    /// Tells the person what is awaited, and for how long.
    pub wait: fn(&str),
}

#[cfg(test)]
impl Log {
    /// Nothing is logged.
    pub(crate) const NONE: Self = Self {
        detail: Detail::Nothing,
        write: |_| (),
        wait: |_| (),
    };
}

/// Collects lines on the network thread. The thread that waits for a response writes them, so that
/// none gets into a prompt.
#[derive(Clone)]
pub(super) struct RequestLog {
    log: Log,
    /// This machine's clock, in seconds since 1970.
    clock: fn() -> i64,
    state: Arc<Mutex<LogState>>,
    /// Wakes the thread that waits for the response, to write the lines.
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

#[derive(Default)]
struct LogState {
    lines: Vec<String>,
    connections: u32,
    clocks: Option<Clocks>,
    /// The last retry: its host and reason, and how many came before it.
    last_retry: Option<(String, u32)>,
    /// The host that the person knows is awaited, and until when.
    awaited: Option<(String, Deadline)>,
}

/// What is logged of a response.
pub(super) struct ResponseStats {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    /// Bytes of the body.
    pub(super) size: usize,
    /// Since the request was started.
    pub(super) time: Duration,
}

impl RequestLog {
    pub(super) fn new(log: Log, clock: fn() -> i64) -> Self {
        Self {
            log,
            clock,
            state: Arc::default(),
            wake: None,
        }
    }

    /// The same log, calling `wake` when there are lines to write.
    pub(super) fn waking(&self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            wake: Some(Arc::new(wake)),
            ..self.clone()
        }
    }

    /// A connection was opened, with this many round trips if known.
    pub(super) fn connected(&self, round_trips: Option<u32>, time: Duration) {
        let number = {
            let mut state = self.state();
            state.connections += 1;
            state.connections
        };
        let trips = round_trips.map_or_else(String::new, |number| match number {
            1 => "1 round trip, ".to_owned(),
            _ => format!("{number} round trips, "),
        });
        self.add(
            Detail::Requests,
            format_args!("connection {number} opened: {trips}{}", Millis(time)),
        );
    }

    /// A response was received.
    pub(super) fn responded(&self, method: &Method, url: &Url, response: &ResponseStats) {
        let (url, time) = (LoggedUrl(url), Millis(response.time));
        let (status, size) = (response.status.as_u16(), response.size);
        let version = response.version;
        self.add(
            Detail::Requests,
            format_args!("{method} {url}: status {status}, {size} bytes, {version:?}, {time}"),
        );
    }

    /// A request got no usable response; `is_unsent` if no connection was opened.
    pub(super) fn failed(&self, method: &Method, url: &Url, is_unsent: bool, time: Duration) {
        let outcome = if is_unsent { "not sent" } else { "failed" };
        let (url, time) = (LoggedUrl(url), Millis(time));
        self.add(
            Detail::Requests,
            format_args!("{method} {url}: {outcome}, {time}"),
        );
    }

    /// The names of a request's or a response's headers.
    pub(super) fn headers(&self, message: &str, headers: &HeaderMap) {
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        let names = names.join(", ");
        note_foreign(&names);
        self.add(Detail::Headers, format_args!("{message} headers: {names}"));
    }

    /// A document was in the cache.
    pub(super) fn cache_hit(&self, url: &Url) {
        self.add(
            Detail::Requests,
            format_args!("{}: in the cache, no request", LoggedUrl(url)),
        );
    }

    /// A request will be retried after `retries` earlier retries. Concurrent requests that fail
    /// alike are logged once.
    pub(super) fn retrying(&self, url: &Url, reason: RetryReason, retries: u32, pause: Duration) {
        let (host, seconds) = (host(url), pause.as_secs_f64());
        let retry = Some((format!("{host} {reason}"), retries));
        let last = std::mem::replace(&mut self.state().last_retry, retry.clone());
        if self.log.detail == Detail::Retries && last == retry {
            return;
        }
        self.add(
            Detail::Retries,
            format_args!("{host} {reason}; retrying in {seconds:.1} s"),
        );
    }

    /// The wait for a response is a long one. Said once until a prompt.
    pub(super) fn waiting(&self, url: &Url, deadline: Deadline) {
        let host = host(url);
        let awaited = Some((host.clone(), deadline));
        if self.state().awaited == awaited {
            return;
        }
        let seconds = deadline.remaining().as_secs_f64().ceil();
        let host = escape::host(&host, 60);
        let line = format!("Waiting for {host}; this may take up to {seconds} s.");
        (self.log.wait)(&line);
        self.state().awaited = awaited;
    }

    /// Whether a connection is open.
    pub(super) fn is_connected(&self) -> bool {
        self.state().connections > 0
    }

    /// Whether an attempt has failed.
    pub(super) fn has_retried(&self) -> bool {
        self.state().last_retry.is_some()
    }

    /// Notes the server's time.
    pub(super) fn date(&self, headers: &HeaderMap) {
        let there = headers
            .get(DATE)
            .and_then(|value| wait::http_date(value.to_str().ok()?));
        if let Some(there) = there {
            let here = self.now();
            self.state().clocks = Some(Clocks { here, there });
        }
    }

    /// This machine's time, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(super) fn clocks(&self) -> Option<Clocks> {
        self.state().clocks
    }

    /// Writes the collected lines where they were asked for with `-v`.
    pub(super) fn flush_verbose(&self) {
        if self.log.detail > Detail::Retries {
            self.flush();
        }
    }

    /// Writes the collected lines.
    pub(super) fn flush(&self) {
        let lines = std::mem::take(&mut self.state().lines);
        for line in lines {
            (self.log.write)(&line);
        }
    }

    fn add(&self, detail: Detail, line: fmt::Arguments<'_>) {
        if self.log.detail < detail {
            return;
        }
        self.state().lines.push(line.to_string());
        if let Some(wake) = &self.wake {
            wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A URL without the parts that may contain a secret: user, password, query, fragment.
struct LoggedUrl<'a>(&'a Url);

impl fmt::Display for LoggedUrl<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}://{}{}",
            self.0.scheme(),
            host(self.0),
            without_query(&self.0[Position::BeforePath..])
        )
    }
}

struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} ms", self.0.as_secs_f64() * 1e3)
    }
}
