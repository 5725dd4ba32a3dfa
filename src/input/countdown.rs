//! A line that says what padlock waits for, and for how much longer.

use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::redact::redact;

/// The line, cut to the terminal's width; it vanishes when this is dropped. Nothing is shown where
/// stderr is no terminal.
pub(crate) struct Countdown {
    what: String,
    until: Instant,
    line: ProgressBar,
}

impl Countdown {
    /// `what` is followed by ` (29 s left)`.
    pub(crate) fn new(what: &str, until: Instant) -> Self {
        let style = ProgressStyle::with_template("{wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self {
            what: redact(what).into_owned(),
            until,
            line: ProgressBar::new_spinner().with_style(style),
        }
    }

    /// Waits for this long, but not beyond the end. Returns whether there is time left.
    pub(crate) fn pause(&self, pause: Duration) -> bool {
        let end = (Instant::now() + pause).min(self.until);
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
        {
            self.show();
            thread::sleep(left.min(Duration::from_secs(1)));
        }
        Instant::now() < self.until
    }

    fn show(&self) {
        let left = self.until.saturating_duration_since(Instant::now());
        let left = left.as_secs_f64().ceil();
        self.line
            .set_message(format!("{} ({left} s left)", self.what));
        self.line.tick();
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
