//! A line that says what padlock waits for, and for how much longer.

use std::thread;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

use super::interactivity::Interactivity;
use super::terminal::Terminal;
use crate::duration;
use crate::escape::first_columns;
use crate::redact::redact;

/// The width of a terminal that does not say.
const USUAL_WIDTH: u16 = 80;

/// The line, cut to the terminal's width; it vanishes when this is dropped. Nothing is shown where
/// it cannot be seen.
pub(crate) struct Countdown {
    what: String,
    until: Instant,
    terminal: Option<Terminal>,
    /// Columns of the line on the screen.
    shown: usize,
}

impl Countdown {
    /// `what` is followed by ` (29 s left)`.
    pub(crate) fn new(what: &str, until: Instant, interactivity: Interactivity) -> Self {
        let terminal = match interactivity {
            Interactivity::Interactive => Terminal::open().ok(),
            _ => Terminal::stderr(),
        };
        Self {
            what: redact(what).into_owned(),
            until,
            terminal,
            shown: 0,
        }
    }

    /// Waits for this long.
    pub(crate) fn pause(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        self.wait_until(end, |time| -> Option<()> {
            thread::sleep(time);
            None
        });
    }

    /// Waits for something until the end; `next` waits for it for a while.
    pub(crate) fn wait_for<T>(&mut self, next: impl Fn(Duration) -> Option<T>) -> Option<T> {
        self.wait_until(self.until, next)
    }

    fn wait_until<T>(&mut self, end: Instant, next: impl Fn(Duration) -> Option<T>) -> Option<T> {
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
        {
            let left_in_all = self.until.saturating_duration_since(Instant::now());
            self.draw(&format!(" ({} left)", in_words(left_in_all)));
            let found = next(left.min(Duration::from_secs(1)));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// What does not fit is cut, but for the time that is left.
    fn draw(&mut self, left: &str) {
        let Some(terminal) = self.terminal.as_ref() else {
            return;
        };
        let width = terminal.width().unwrap_or(USUAL_WIDTH);
        let free = usize::from(width.saturating_sub(1)).saturating_sub(left.width());
        let text = match first_columns(&self.what, free) {
            whole if whole.len() == self.what.len() => format!("{whole}{left}"),
            _ => {
                let start = first_columns(&self.what, free.saturating_sub(1));
                format!("{}…{left}", start.trim_end())
            }
        };
        let rest = self.shown.saturating_sub(text.width());
        terminal.write(&format!("\r{text}{}", " ".repeat(rest)));
        self.shown = text.width();
    }
}

/// Seconds, rounded up; minutes too where there are many.
fn in_words(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    if seconds > 120 {
        duration::short(seconds)
    } else {
        format!("{seconds} s")
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|_| self.shown > 0) {
            terminal.write(&format!("\r{}\r", " ".repeat(self.shown)));
        }
    }
}
