//! A line on stderr with how far a run has come, for runs that take a while.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::duration;

/// How long a run takes before the line appears.
const DELAY: Duration = Duration::from_secs(2);

/// How often the line is written again, at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// Back to the start of the line, and erase it (ECMA-48 EL).
const ERASE: &str = "\r\x1b[K";

/// How far a run has come.
pub(super) struct Progress {
    started: Instant,
    is_enabled: bool,
    /// The length of the input in bytes: that of a file is known, that of a pipe is not.
    length: Option<u64>,
    bytes: u64,
    /// When the line was written last.
    shown: Option<Instant>,
}

impl Progress {
    /// Never appears if it is not enabled, or if stderr is not a terminal.
    pub(super) fn new(is_enabled: bool) -> Self {
        let is_enabled = is_enabled && io::stderr().is_terminal();
        Self {
            started: Instant::now(),
            is_enabled,
            length: is_enabled.then(length_of_stdin).flatten(),
            bytes: 0,
            shown: None,
        }
    }

    /// `bytes` since the last call, `tokens` in all.
    pub(super) fn advance(&mut self, bytes: usize, tokens: u64) {
        self.bytes += bytes as u64;
        if self.is_due() {
            self.shown = Some(Instant::now());
            write(&format!("{ERASE}{}", self.line(tokens)));
        }
    }

    /// Removes the line.
    pub(super) fn end(&self) {
        if self.shown.is_some() {
            write(ERASE);
        }
    }

    fn is_due(&self) -> bool {
        let is_old = |shown: Instant| shown.elapsed() >= INTERVAL;
        self.is_enabled && self.started.elapsed() >= DELAY && self.shown.is_none_or(is_old)
    }

    fn line(&self, tokens: u64) -> String {
        let Some(length) = self.length.filter(|length| *length > 0) else {
            return format!("{tokens} tokens");
        };
        let bytes = self.bytes.clamp(1, length);
        let percent = bytes * 100 / length;
        let elapsed = self.started.elapsed().as_secs();
        let left = elapsed.saturating_mul(length - bytes) / bytes;
        format!(
            "{tokens} tokens, {percent}%, {} left",
            duration::short(left)
        )
    }
}

/// A progress line that cannot be written does not end the run.
fn write(text: &str) {
    let mut stderr = anstream::stderr();
    drop(write!(stderr, "{text}").and_then(|()| stderr.flush()));
}

#[cfg(unix)]
fn length_of_stdin() -> Option<u64> {
    use std::os::fd::AsFd;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let metadata = file.metadata().ok()?;
    metadata.is_file().then_some(metadata.len())
}

#[cfg(not(unix))]
fn length_of_stdin() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64, length: Option<u64>) -> Progress {
        let started = Instant::now().checked_sub(Duration::from_secs(seconds));
        Progress {
            started: started.unwrap(),
            is_enabled: true,
            length,
            bytes: 0,
            shown: None,
        }
    }

    #[test]
    fn the_line_is_due_after_two_seconds_and_then_ten_times_a_second() {
        assert!(!after(1, None).is_due());
        let mut progress = after(2, None);
        assert!(progress.is_due());
        progress.shown = Some(Instant::now());
        assert!(!progress.is_due());
        progress.shown = Instant::now().checked_sub(INTERVAL);
        assert!(progress.is_due());
        progress.is_enabled = false;
        assert!(!progress.is_due(), "not enabled");
    }

    #[test]
    fn all_bytes_count_and_the_time_left_follows_from_them() {
        let mut progress = after(10, Some(1000));
        progress.is_enabled = false; // writes nothing
        progress.advance(50, 1);
        progress.advance(200, 3);
        assert_eq!(progress.line(3), "3 tokens, 25%, 30s left");
        progress.advance(5000, 4);
        assert_eq!(progress.line(4), "4 tokens, 100%, 0s left", "the file grew");
        assert_eq!(after(10, None).line(7), "7 tokens");
        assert_eq!(after(10, Some(0)).line(7), "7 tokens");
    }
}
