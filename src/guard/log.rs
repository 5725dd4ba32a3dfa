//! The log of decisions: one line of JSON for each on stderr.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

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

/// How long the end waits for a slow reader of stderr.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Lines for the thread that writes them, and `None` in the end.
static LINES: OnceLock<SyncSender<Option<String>>> = OnceLock::new();

/// Lines that were lost since the last one that was written.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Writes lines on a thread of its own.
#[derive(Clone)]
pub(super) struct DecisionLog {
    lines: SyncSender<Option<String>>,
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
    /// The log, and its thread.
    pub(super) fn start() -> Result<(Self, JoinHandle<()>), NoThread> {
        let (lines, waiting) = sync_channel(QUEUE_LENGTH);
        let thread = spawn("log", move || write_all(&waiting))?;
        LINES.set(lines.clone()).ok();
        let time = RefCell::default();
        Ok((Self { lines, time }, thread))
    }

    /// Waits until all lines are written, but not for a reader that has stopped.
    pub(super) fn finish(self, thread: &JoinHandle<()>) {
        let deadline = Instant::now() + LAST_LINES;
        let mut has_end = false;
        while !thread.is_finished() && Instant::now() < deadline {
            has_end = has_end || self.lines.try_send(None).is_ok();
            sleep(Duration::from_millis(2));
        }
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
        send(&self.lines, line);
    }
}

/// No thread waits for a slow reader.
fn send(lines: &SyncSender<Option<String>>, line: String) {
    if lines.try_send(Some(line)).is_err() {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

fn write_all(waiting: &Receiver<Option<String>>) {
    let mut batch = String::new();
    let mut has_ended = false;
    while !has_ended && let Ok(Some(line)) = waiting.recv() {
        batch.clear();
        push(&mut batch, &line);
        while batch.len() < BATCH
            && !has_ended
            && let Ok(line) = waiting.try_recv()
        {
            match line {
                Some(line) => push(&mut batch, &line),
                None => has_ended = true,
            }
        }
        let lost = DROPPED.swap(0, Ordering::Relaxed);
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

/// A line about the guard itself, once there is a log.
pub(super) fn say(line: &Value) {
    if let Some(lines) = LINES.get() {
        send(lines, line.to_string());
    }
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
