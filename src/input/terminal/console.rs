//! The same where there is no `/dev/tty`: standard input and standard error.

use std::io::{self, BufRead, Write};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::line::{Keys, Line, Typing};

/// A console.
pub(super) struct Device(());

/// Nothing has to be restored: the reader of passwords does.
pub(super) struct PromptMode(());

impl Device {
    #[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self(()))
    }

    pub(super) fn stderr() -> io::Result<Self> {
        Self::open()
    }

    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        anstream::stderr().write_all(text.as_bytes())
    }

    pub(super) fn width(&self) -> Option<u16> {
        terminal_size::terminal_size().map(|(width, _)| width.0)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
    pub(super) fn begin(&self) -> io::Result<PromptMode> {
        Ok(PromptMode(()))
    }

    pub(super) fn read_line(
        &self,
        question: &str,
        is_echoed: bool,
        _: &PromptMode,
        _: &dyn Fn() -> bool,
    ) -> io::Result<Typing> {
        let text = if is_echoed {
            self.write(question)?;
            let mut text = Zeroizing::new(String::with_capacity(256));
            if io::stdin().lock().read_line(&mut text)? == 0 {
                return Ok(Typing::Ended);
            }
            SecretString::from(text.as_str())
        } else {
            SecretString::from(rpassword::prompt_password(question)?)
        };
        let mut line = Line::new(false);
        for byte in text.expose_secret().trim_end_matches(['\r', '\n']).bytes() {
            line.push(byte, Keys::default());
        }
        Ok(Typing::Line(line))
    }
}

/// Nothing to restore.
pub fn restore_terminal() {}
