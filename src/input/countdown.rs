//! A line that says what padlock waits for, and for how much longer.

use std::thread;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

use super::interactivity::Interactivity;
use super::terminal::Terminal;
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
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
        {
            let left_in_all = self.until.saturating_duration_since(Instant::now());
            let seconds = left_in_all.as_secs_f64().ceil();
            self.draw(&format!(" ({seconds} s left)"));
            thread::sleep(left.min(Duration::from_secs(1)));
        }
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

impl Drop for Countdown {
    fn drop(&mut self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|_| self.shown > 0) {
            terminal.write(&format!("\r{}\r", " ".repeat(self.shown)));
        }
    }
}
