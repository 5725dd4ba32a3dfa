//! The log of decisions: lines of JSON, which a thread of its own writes to stderr.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::decision::Decision;
use super::line::add_line;
use crate::duration;
use crate::escape::escape_json;
use crate::failure::Failure;
use crate::redact::redact;
use crate::threads::{NoThread, spawn};

/// Bytes that wait for a slow reader of stderr; further lines are counted, so that no decision waits.
const MAX_WAITING: usize = 2 << 20;

/// Bytes that are written at once, about.
const BATCH: usize = 64 << 10;

/// How long lines are collected: to wake the thread for each costs more than the decision.
const PAUSE: Duration = Duration::from_millis(5);

/// How long the end waits for a slow reader of stderr.
const LAST_LINES: Duration = Duration::from_secs(1);

/// What all threads have to say.
static LINES: Lines = Lines {
    waiting: Mutex::new(Waiting {
        text: String::new(),
        dropped: 0,
        is_over: false,
    }),
    changed: Condvar::new(),
};

struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// Whole lines.
struct Waiting {
    text: String,
    /// Lines that were lost since the last one that was written.
    dropped: u64,
    is_over: bool,
}

/// What one thread adds to the log.
#[derive(Default)]
pub(super) struct DecisionLog {
    /// Reused, so that a line allocates nothing.
    line: RefCell<String>,
    /// A second, and its text, which many lines share.
    time: RefCell<(i64, Option<String>)>,
}

impl DecisionLog {
    /// `check` is its name; `now` is in seconds since 1970.
    pub(super) fn add(&self, decision: &Decision, check: Option<&str>, now: i64, took: Duration) {
        let mut time = self.time.borrow_mut();
        if time.0 != now || time.1.is_none() {
            *time = (now, duration::timestamp(now));
        }
        let mut line = self.line.borrow_mut();
        line.clear();
        add_line(&mut line, time.1.as_deref(), decision, check, took);
        LINES.add(&line);
    }
}

impl Lines {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line with its end.
    fn add(&self, line: &str) {
        let mut waiting = self.waiting();
        if waiting.text.len() + line.len() > MAX_WAITING {
            waiting.dropped += 1;
            return;
        }
        let is_first = waiting.text.is_empty();
        waiting.text.push_str(line);
        drop(waiting);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// Swaps the lines that wait for `written`, which is empty; says whether they are the last.
    fn take(&self, written: &mut String) -> bool {
        let waiting = self.waiting();
        let is_idle = |waiting: &mut Waiting| waiting.text.is_empty() && !waiting.is_over;
        let waiting = self.changed.wait_while(waiting, is_idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut waiting.text, written);
        let dropped = std::mem::take(&mut waiting.dropped);
        if dropped > 0 {
            writeln!(written, "{{\"dropped_lines\":{dropped}}}").ok();
        }
        waiting.is_over
    }
}

/// Whole lines of about as many bytes as are written at once: what redacting a text takes grows with
/// its length.
fn parts(mut lines: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let rest = lines.as_bytes().get(BATCH..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(lines.len(), |end| BATCH + end + 1);
        let (part, others) = lines.split_at(end);
        lines = others;
        (!part.is_empty()).then_some(part)
    })
}

/// Starts the thread that writes the lines.
pub(super) fn start() -> Result<JoinHandle<()>, NoThread> {
    spawn("log", || {
        let mut lines = String::new();
        let mut is_last = false;
        while !is_last {
            is_last = LINES.take(&mut lines);
            for part in parts(&lines) {
                // A log that cannot be written stops no decision.
                drop(io::stderr().write_all(redact(part).as_bytes()));
            }
            lines.clear();
            if !is_last {
                sleep(PAUSE);
            }
        }
    })
}

/// Waits until all lines are written, but not for a reader that has stopped.
pub(super) fn finish(thread: &JoinHandle<()>) {
    LINES.waiting().is_over = true;
    LINES.changed.notify_one();
    let deadline = Instant::now() + LAST_LINES;
    while !thread.is_finished() && Instant::now() < deadline {
        sleep(Duration::from_millis(2));
    }
}

/// A line about the guard itself.
pub(super) fn say(line: &Value) {
    LINES.add(&(escape_json(&line.to_string()).into_owned() + "\n"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_in_parts_that_end_with_a_line() {
        let line = format!("{{\"a\":\"{}\"}}\n", "ü".repeat(5000));
        for count in [0, 1, 6, 7, 40] {
            let lines = line.repeat(count);
            let parts: Vec<_> = parts(&lines).collect();
            assert_eq!(parts.concat(), lines);
            for part in parts {
                assert!(part.ends_with('\n') && part.len() <= BATCH + line.len());
            }
        }
        assert_eq!(parts("no end").collect::<Vec<_>>(), ["no end"]);
    }
}
