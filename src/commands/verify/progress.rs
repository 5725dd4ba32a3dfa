//! A progress bar on stderr, for a person who has waited a while.

use std::fs::File;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A shorter run needs none.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a run has come.
pub(super) struct Progress {
    started: Instant,
    wanted: bool,
    bar: Option<ProgressBar>,
    bytes: u64,
}

impl Progress {
    /// Where none is `wanted`, or stderr is no terminal, nothing ever appears.
    pub(super) fn new(wanted: bool) -> Self {
        Self {
            started: Instant::now(),
            wanted,
            bar: None,
            bytes: 0,
        }
    }

    /// So many more bytes are done, and so many tokens in all.
    pub(super) fn advance(&mut self, bytes: usize, tokens: u64) {
        self.bytes += bytes as u64;
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(bar);
        bar.set_position(self.bytes);
        bar.set_message(format!("{tokens} tokens"));
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Of a file the length is known; of a pipe it is not.
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
    let about = file.metadata().ok()?;
    about.is_file().then_some(about.len())
}

#[cfg(not(unix))]
fn length_of_stdin() -> Option<u64> {
    None
}
