//! A progress bar on stderr, for runs that take a while.

use std::fs::File;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a run takes before the bar appears.
const DELAY: Duration = Duration::from_secs(2);

/// How far a run has come.
pub(super) struct Progress {
    started: Instant,
    is_enabled: bool,
    bar: Option<ProgressBar>,
    bytes: u64,
}

impl Progress {
    /// Never appears if it is not enabled, or if stderr is not a terminal.
    pub(super) fn new(is_enabled: bool) -> Self {
        Self {
            started: Instant::now(),
            is_enabled,
            bar: None,
            bytes: 0,
        }
    }

    /// `bytes` since the last call, `tokens` in all.
    pub(super) fn advance(&mut self, bytes: usize, tokens: u64) {
        self.bytes += bytes as u64;
        if !self.is_enabled || self.started.elapsed() < DELAY {
            return;
        }
        let bar = self.bar.get_or_insert_with(bar);
        bar.set_position(self.bytes);
        bar.set_message(format!("{tokens} tokens"));
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The length of a file is known, that of a pipe is not.
fn bar() -> ProgressBar {
    let length = length_of_stdin().filter(|length| *length > 0);
    let template = match length {
        Some(_) => "{msg} {bar:40} {percent}% {eta} left",
        None => "{spinner} {msg}",
    };
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

#[cfg(unix)]
fn length_of_stdin() -> Option<u64> {
    use std::os::fd::AsFd;
    let file = File::from(std::io::stdin().as_fd().try_clone_to_owned().ok()?);
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

    fn old(is_enabled: bool) -> Progress {
        let mut progress = Progress::new(is_enabled);
        progress.started = progress.started.checked_sub(DELAY).unwrap();
        progress
    }

    #[test]
    fn the_bar_appears_after_two_seconds_and_counts_all_bytes() {
        let mut progress = Progress::new(true);
        progress.advance(100, 1);
        assert!(progress.bar.is_none());
        progress.started = progress.started.checked_sub(DELAY).unwrap();
        progress.advance(200, 3);
        progress.advance(30, 4);
        let bar = progress.bar.as_ref().unwrap();
        assert_eq!((bar.position(), bar.message().as_str()), (330, "4 tokens"));
        assert!(!bar.is_finished());
        progress.end();
        assert!(progress.bar.unwrap().is_finished());
    }

    #[test]
    fn a_bar_that_is_not_enabled_never_appears() {
        let mut progress = old(false);
        progress.advance(100, 1);
        assert!(progress.bar.is_none());
        progress.end();
    }
}
