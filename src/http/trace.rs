//! What a person is told about the network on the way, and what the servers' clocks say.
//!
//! A line is made of addresses without their queries, methods, status codes, sizes, times and names of headers alone,
//! so that no secret can get into one.

use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap};
use reqwest::{Method, StatusCode, Version};
use url::Url;

use super::retry;
use super::worker::Event;

/// How much a person is told, each level with all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// That a request is repeated, and why.
    Repeats,
    /// Connections and requests: round trips, times, sizes.
    Requests,
    /// The names of headers, too.
    Headers,
}

/// Where to tell it.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// How much.
    pub detail: Detail,
    /// Writes one line.
    pub write: fn(&str),
}

/// Collects lines on the network's thread; the thread that waits for an answer writes them, never into a prompt.
#[derive(Clone)]
pub(super) struct Trace {
    log: Log,
    notes: Arc<Mutex<Notes>>,
    waiting: Option<Sender<Event>>,
}

#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    connections: u32,
    clocks: Option<Clocks>,
    /// The last that was told: why, and which in its request's row.
    repeat: Option<(String, u32)>,
}

/// This machine's clock beside a server's, both in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clocks {
    pub(crate) here: i64,
    pub(crate) there: i64,
}

/// An answer's measures.
pub(super) struct Measures {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    /// Bytes of the body.
    pub(super) size: usize,
    /// Since the request was begun.
    pub(super) time: Duration,
}

impl Trace {
    pub(super) fn new(log: Log) -> Self {
        Self {
            log,
            notes: Arc::default(),
            waiting: None,
        }
    }

    /// The same, waking whoever waits for this reply.
    pub(super) fn answering(&self, reply: &Sender<Event>) -> Self {
        Self {
            waiting: Some(reply.clone()),
            ..self.clone()
        }
    }

    /// A connection is there: how many round trips it took, where that is known, and how long.
    pub(super) fn connected(&self, round_trips: Option<u32>, time: Duration) {
        let number = {
            let mut notes = self.notes();
            notes.connections += 1;
            notes.connections
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

    /// A request was answered.
    pub(super) fn answered(&self, method: &Method, url: &Url, measures: &Measures) {
        let Measures {
            version,
            status,
            size,
            time,
        } = measures;
        let (place, time) = (Place(url), Millis(*time));
        let status = status.as_u16();
        self.add(
            Detail::Requests,
            format_args!(
                "{method} {place}: status {status}, {size} bytes, {version:?}, 1 round trip, {time}"
            ),
        );
    }

    /// A request got no answer that could be used; `unsent`: no connection came about.
    pub(super) fn failed(&self, method: &Method, url: &Url, unsent: bool, time: Duration) {
        let (what, place, time) = (
            if unsent { "not sent" } else { "failed" },
            Place(url),
            Millis(time),
        );
        self.add(
            Detail::Requests,
            format_args!("{method} {place}: {what}, {time}"),
        );
    }

    /// The names of headers.
    pub(super) fn headers(&self, whose: &str, headers: &HeaderMap) {
        let names: Vec<&str> = headers
            .keys()
            .map(reqwest::header::HeaderName::as_str)
            .collect();
        self.add(
            Detail::Headers,
            format_args!("{whose} headers: {}", names.join(", ")),
        );
    }

    /// A document came from the disk.
    pub(super) fn found_on_disk(&self, url: &Url) {
        self.add(
            Detail::Requests,
            format_args!("{}: kept on disk, no request", Place(url)),
        );
    }

    /// A request will be sent once more, for the `number`th time. Of several to one host that fail alike one is told.
    pub(super) fn repeating(&self, url: &Url, reason: retry::Reason, number: u32, pause: Duration) {
        let (host, seconds) = (super::host(url), pause.as_secs_f64());
        let this = Some((format!("{host} {reason}"), number));
        let before = std::mem::replace(&mut self.notes().repeat, this.clone());
        if self.log.detail == Detail::Repeats && before == this {
            return;
        }
        self.add(
            Detail::Repeats,
            format_args!("{host} {reason}; trying again in {seconds:.1} s"),
        );
    }

    /// Remembers what time the server says it is.
    pub(super) fn date(&self, headers: &HeaderMap) {
        let there = headers
            .get(DATE)
            .and_then(|value| retry::http_date(value.to_str().ok()?));
        let here = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|now| i64::try_from(now.as_secs()).ok());
        if let (Some(here), Some(there)) = (here, there) {
            self.notes().clocks = Some(Clocks { here, there });
        }
    }

    pub(super) fn clocks(&self) -> Option<Clocks> {
        self.notes().clocks
    }

    /// Writes what has come together.
    pub(super) fn flush(&self) {
        let lines = std::mem::take(&mut self.notes().lines);
        for line in lines {
            (self.log.write)(&line);
        }
    }

    fn add(&self, detail: Detail, line: fmt::Arguments<'_>) {
        if self.log.detail < detail {
            return;
        }
        self.notes().lines.push(line.to_string());
        if let Some(waiting) = &self.waiting {
            waiting.send(Event::Told).ok();
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address without what may hold a secret: user, password, query, fragment.
struct Place<'a>(&'a Url);

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}://{}{}",
            self.0.scheme(),
            super::host(self.0),
            self.0.path()
        )
    }
}

struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} ms", self.0.as_secs_f64() * 1e3)
    }
}
