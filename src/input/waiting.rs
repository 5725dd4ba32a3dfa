//! A line that says what is waited for and how long still.

use std::io::{self, IsTerminal, Write};
use std::thread;
use std::time::{Duration, Instant};

/// The line; it vanishes when this is dropped. Where stderr is no terminal nothing is shown.
pub(crate) struct Waiting {
    what: String,
    until: Instant,
    shown: bool,
}

impl Waiting {
    /// `what` fits before ` (29 s left)`.
    pub(crate) fn new(what: String, until: Instant) -> Self {
        Self { what, until, shown: io::stderr().is_terminal() }
    }

    /// Waits for this long, but not beyond the end. Whether there is time left.
    pub(crate) fn pause(&self, how_long: Duration) -> bool {
        let end = (Instant::now() + how_long).min(self.until);
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.show();
            thread::sleep(left.min(Duration::from_secs(1)));
        }
        Instant::now() < self.until
    }

    fn show(&self) {
        if self.shown {
            let left = self.until.saturating_duration_since(Instant::now()).as_secs_f64().ceil();
            let mut terminal = io::stderr().lock();
            // What cannot be shown is waited for all the same.
            drop(write!(terminal, "\r\x1b[K{} ({left} s left) ", self.what).and_then(|()| terminal.flush()));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.shown {
            drop(write!(io::stderr(), "\r\x1b[K"));
        }
    }
}
