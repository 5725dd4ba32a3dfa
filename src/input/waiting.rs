//! A line that says what is waited for and how long still.

use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The line, which fits any width; it vanishes when this is dropped. Where stderr is no terminal that can take a line back
/// nothing is shown.
pub(crate) struct Waiting {
    what: String,
    until: Instant,
    line: ProgressBar,
}

impl Waiting {
    /// `what` fits before ` (29 s left)`.
    pub(crate) fn new(what: String, until: Instant) -> Self {
        let style = ProgressStyle::with_template("{wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self {
            what,
            until,
            line: ProgressBar::new_spinner().with_style(style),
        }
    }

    /// Waits for this long, but not beyond the end. Whether there is time left.
    pub(crate) fn pause(&self, how_long: Duration) -> bool {
        let end = (Instant::now() + how_long).min(self.until);
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
        let left = self
            .until
            .saturating_duration_since(Instant::now())
            .as_secs_f64()
            .ceil();
        self.line
            .set_message(format!("{} ({left} s left)", self.what));
        self.line.tick();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
