//! The terminal: prompts, and lines for the person who waits there.

use std::io::{self, BufRead, ErrorKind, Write};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::InputError;
use crate::redact::{known, redact};
use crate::settings::Setting;

/// Whether there is a terminal to prompt on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interactivity {
    Interactive,
    NonInteractive,
}

impl Interactivity {
    /// Whether there is a terminal to prompt on.
    pub(crate) fn is_interactive(self) -> bool {
        self == Self::Interactive
    }

    /// Fails where a setting would have to be prompted for and there is no terminal.
    pub(super) fn require_for(self, setting: Setting) -> Result<(), InputError> {
        match self {
            Self::Interactive => Ok(()),
            Self::NonInteractive => Err(InputError::NoTerminal(setting)),
        }
    }
}

/// Prints a line for the person at the terminal.
pub(crate) fn print_line(text: &str) -> Result<(), InputError> {
    writeln!(anstream::stderr(), "{}", redact(text)).map_err(InputError::Terminal)
}

/// Reads one line, visible as it is typed.
pub(super) fn read_line(question: &str) -> Result<Zeroizing<String>, InputError> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{}", redact(question))
        .and_then(|()| terminal.flush())
        .map_err(InputError::Terminal)?;
    let mut line = Zeroizing::new(String::with_capacity(256));
    let read = io::stdin().lock().read_line(&mut line);
    match read.map_err(InputError::terminal)? {
        0 => Err(InputError::Ended),
        _ => Ok(line),
    }
}

/// Reads a password without echo.
pub(super) fn read_password(question: &str) -> Result<SecretString, InputError> {
    let password = rpassword::prompt_password(redact(question))
        .map(|password| known(password.into()))
        .map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                // The cursor is still on the line of the question.
                print_line("").ok();
            }
            InputError::terminal(error)
        })?;
    match password.expose_secret() {
        "" => Err(InputError::Empty("password")),
        // The reader puts it in place of bytes that are not UTF-8: that is another password.
        typed if typed.contains(char::REPLACEMENT_CHARACTER) => {
            Err(InputError::NotUtf8("password"))
        }
        _ => Ok(password),
    }
}
