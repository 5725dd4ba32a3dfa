//! The dialogue with a person, on the terminal itself: neither a redirected stdout nor `2>log`
//! hides any of it.

mod line;
#[cfg(unix)]
mod job;
#[cfg(unix)]
mod mode;
#[cfg(unix)]
mod device;
#[cfg(not(unix))]
mod console;

use std::io;

use zeroize::Zeroizing;

use super::error::InputError;
use crate::redact::redact;
use crate::wrap::wrap;
#[cfg(not(unix))]
use console::{Device, PromptMode};
#[cfg(unix)]
use device::Device;
use line::{Problem, Typing};
#[cfg(unix)]
use mode::PromptMode;

#[cfg(not(unix))]
pub use console::restore_terminal;
#[cfg(unix)]
pub use mode::restore_terminal;

/// A terminal with a person at it. From the first question until this is dropped, nothing that is
/// typed is echoed but the answers to questions that show them: what was pasted along with an
/// answer may be a password.
pub(crate) struct Terminal {
    mode: Option<PromptMode>,
    device: Device,
}

/// A question to the person.
pub(crate) struct Question<'a> {
    pub(crate) text: &'a str,
    /// What it asks for.
    pub(crate) what: &'a str,
    pub(crate) answer: Answer,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Without echo.
    Secret,
    Visible,
    /// Visible, and Enter alone is an answer too.
    Optional,
    /// Without echo, and Enter alone is an answer too.
    OptionalSecret,
}

impl Terminal {
    pub(crate) fn open() -> Result<Self, InputError> {
        Ok(Self {
            mode: None,
            device: Device::open().map_err(InputError::Terminal)?,
        })
    }

    /// Standard error, for who only watches there.
    pub(super) fn stderr() -> Option<Self> {
        let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
        let device = is_terminal.then(Device::stderr)?.ok()?;
        Some(Self { mode: None, device })
    }

    /// Prints a line, wrapped at words; further lines are indented.
    pub(crate) fn print(&self, text: &str, indent: usize) -> Result<(), InputError> {
        let text = wrap(&redact(text), self.width(), indent);
        self.device
            .write(&format!("{text}\n"))
            .map_err(InputError::Terminal)
    }

    /// Writes text as it is.
    pub(crate) fn write(&self, text: &str) {
        self.device.write(text).ok();
    }

    pub(crate) fn width(&self) -> Option<u16> {
        self.device.width()
    }

    /// Asks until the answer is one.
    pub(crate) fn ask(&mut self, question: &Question<'_>) -> Result<Zeroizing<String>, InputError> {
        self.ask_while_needed(question, &|| false)?
            .ok_or(InputError::Ended)
    }

    /// The same, until the answer is not needed any more; `None` then.
    pub(crate) fn ask_while_needed(
        &mut self,
        question: &Question<'_>,
        is_needless: &dyn Fn() -> bool,
    ) -> Result<Option<Zeroizing<String>>, InputError> {
        let text = wrap(&redact(question.text), self.width(), 0);
        let is_secret = matches!(question.answer, Answer::Secret | Answer::OptionalSecret);
        let is_optional = matches!(question.answer, Answer::Optional | Answer::OptionalSecret);
        loop {
            let mode = match self.mode.take() {
                Some(mode) => mode,
                None => self.device.begin().map_err(InputError::terminal)?,
            };
            let mode = self.mode.insert(mode);
            let read = self.device.read_line(&text, !is_secret, mode, is_needless);
            let line = match read.map_err(InputError::terminal)? {
                Typing::Line(line) => line,
                Typing::Ended => return Err(InputError::Ended),
                Typing::Needless => return Ok(None),
            };
            match line.text(is_secret) {
                Ok(answer) => return Ok(Some(answer)),
                Err(Problem::Empty) if is_optional => {
                    return Ok(Some(Zeroizing::default()));
                }
                Err(problem) => self.print(&explain(problem, question.what), 0)?,
            }
        }
    }
}

/// Prints a line for the person at the terminal, if there still is one.
pub fn print_on_terminal(text: &str) {
    if let Ok(terminal) = Terminal::open() {
        terminal.print(text, 0).ok();
    }
}

fn explain(problem: Problem, what: &str) -> String {
    match problem {
        Problem::Empty => format!("Enter the {what}, or press Ctrl-C to cancel."),
        Problem::Control => format!(
            "The {what} contains a control character, such as that of an arrow key; enter it again."
        ),
        Problem::NotUtf8 => {
            format!("The {what} is not UTF-8; set the terminal to UTF-8, or enter another one.")
        }
        Problem::TooLong => format!("The {what} is longer than 64 KiB; enter it again."),
    }
}
