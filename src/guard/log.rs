//! The log of decisions: one line of JSON for each on stderr.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::decision::Decision;
use crate::duration;
use crate::failure::Failure;
use crate::output::json_line;
use crate::redact::redact;
use crate::threads::{NoThread, spawn};

/// Lines that wait for a slow reader of stderr; further ones are counted, so that no decision waits.
const QUEUE_LENGTH: usize = 8192;

/// Bytes that are written at once, at most about.
const BATCH: usize = 64 << 10;

/// How long lines are collected: to wake the thread for each costs more than the decision.
const PAUSE: Duration = Duration::from_millis(5);

/// Writes lines on a thread of its own.
pub(super) struct DecisionLog {
    lines: SyncSender<String>,
    dropped: &'static AtomicU64,
    /// A second, and its text, which many lines share.
    time: RefCell<(i64, Option<String>)>,
}

#[derive(Serialize)]
struct Line<'d> {
    time: Option<&'d str>,
    status: u16,
    class: &'d str,
    /// `None`: no check has that path. The first check has no name.
    check: Option<&'d str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    reasons: &'d [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'d str>,
    duration_us: u128,
}

impl DecisionLog {
    /// The log, and its thread, which ends when all clones of the log are gone.
    pub(super) fn start() -> Result<(Self, JoinHandle<()>), NoThread> {
        static DROPPED: AtomicU64 = AtomicU64::new(0);
        let (lines, waiting) = sync_channel(QUEUE_LENGTH);
        let thread = spawn("log", move || write_all(&waiting, &DROPPED))?;
        let log = Self {
            lines,
            dropped: &DROPPED,
            time: RefCell::default(),
        };
        Ok((log, thread))
    }

    /// `check` is its name; `now` is in seconds since 1970.
    pub(super) fn add(&self, decision: &Decision, check: Option<&str>, now: i64, took: Duration) {
        let subject = decision.subject.as_ref();
        let mut time = self.time.borrow_mut();
        if time.0 != now || time.1.is_none() {
            *time = (now, duration::timestamp(now));
        }
        let line = Line {
            time: time.1.as_deref(),
            status: decision.status.as_u16(),
            class: decision.class,
            check,
            reasons: &decision.reasons,
            iss: subject.map(|(issuer, _)| issuer.as_str()),
            sub: subject.map(|(_, subject)| subject.as_str()),
            duration_us: took.as_micros(),
        };
        let line = serde_json::to_string(&line).unwrap_or_default();
        if self.lines.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Clone for DecisionLog {
    fn clone(&self) -> Self {
        Self {
            lines: self.lines.clone(),
            dropped: self.dropped,
            time: RefCell::default(),
        }
    }
}

fn write_all(waiting: &Receiver<String>, dropped: &AtomicU64) {
    let mut batch = String::new();
    while let Ok(line) = waiting.recv() {
        batch.clear();
        push(&mut batch, &line);
        while batch.len() < BATCH
            && let Ok(line) = waiting.try_recv()
        {
            push(&mut batch, &line);
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            push(&mut batch, &format!("{{\"dropped_lines\":{lost}}}"));
        }
        // A log that cannot be written stops no decision.
        drop(io::stderr().write_all(redact(&batch).as_bytes()));
        if batch.len() < BATCH {
            sleep(PAUSE);
        }
    }
}

/// A line about the guard itself.
pub(super) fn say(line: &Value) {
    let line = json_line(&line.to_string()).into_owned() + "\n";
    drop(io::stderr().write_all(redact(&line).as_bytes()));
}

/// Says that the keys of an issuer cannot be fetched, and why, or that they can again.
pub(crate) fn report_keys(issuer: &str, failure: Option<&Failure>) {
    say(&match failure {
        Some(failure) => json!({
            "keys": issuer,
            "class": failure.class.name(),
            "message": failure.message,
            "hint": failure.hint,
        }),
        None => json!({ "keys": issuer, "class": "fetched" }),
    });
}

fn push(batch: &mut String, line: &str) {
    // serde_json writes no line end in ASCII.
    if line.is_ascii() {
        batch.push_str(line);
    } else {
        batch.push_str(&json_line(line));
    }
    batch.push('\n');
}
