//! Why something could not be read from the person.

use std::io;

use super::secret::SecretError;
use crate::failure::{Class, Diagnose};
use crate::settings::{self, Setting};
use crate::state::StateError;
use crate::threads::NoThread;

/// Why something could not be read from the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("no {} is given, and padlock cannot prompt for it (no terminal, or --no-input)", .0.what)]
    NoTerminal(Setting),
    #[error("no {} is given, and padlock cannot prompt for it (standard input is not a terminal)", .0.what)]
    Piped(Setting),
    #[error("the terminal could not be read")]
    Terminal(#[source] io::Error),
    #[error("the input ended before anything was entered")]
    Ended,
    #[error("interrupted")]
    Interrupted,
    #[error("no valid choice was entered")]
    NoChoice,
    /// `flag` gives the command.
    #[error("the command given with {flag} {problem}")]
    Command { flag: &'static str, problem: String },
    #[error("the command given with {0} did not end in time")]
    LateCommand(&'static str),
    /// Of a code that is computed; another process could send it a second time.
    #[error("the one-time code cannot be recorded as used, so that none is sent")]
    CodeNotRecorded(#[source] StateError),
    #[error("other processes used up every one-time code in the meantime")]
    CodesUsed,
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

impl InputError {
    /// A failure to read the terminal.
    pub(super) fn terminal(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Interrupted => Self::Interrupted,
            io::ErrorKind::UnexpectedEof => Self::Ended,
            _ => Self::Terminal(error),
        }
    }
}

impl Diagnose for InputError {
    fn class(&self) -> Class {
        match self {
            Self::Interrupted => Class::Interrupted,
            Self::CodeNotRecorded(error) => error.class(),
            Self::CodesUsed => Class::Throttled,
            Self::NoThread(error) => error.class(),
            Self::Secret(error) => error.class(),
            Self::NoTerminal(_)
            | Self::Piped(_)
            | Self::Terminal(_)
            | Self::Ended
            | Self::NoChoice
            | Self::Command { .. }
            | Self::LateCommand(_) => Class::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Piped(setting) if *setting == settings::PASSWORD => {
                Some("add --password-stdin to read the password from standard input".to_owned())
            }
            Self::NoTerminal(setting) | Self::Piped(setting) => Some(format!(
                "give {}, or set {}",
                setting.recommended_flags(),
                setting.variable
            )),
            Self::LateCommand(_) => Some("allow more time with --timeout".to_owned()),
            Self::CodeNotRecorded(StateError::Damaged { path, .. }) => {
                Some(format!("remove {path}"))
            }
            Self::CodeNotRecorded(error) => error.hint(),
            Self::CodesUsed => Some("run fewer logins of one account at a time".to_owned()),
            Self::Secret(error) => error.hint(),
            Self::NoThread(error) => error.hint(),
            Self::Terminal(_)
            | Self::Ended
            | Self::Interrupted
            | Self::NoChoice
            | Self::Command { .. } => None,
        }
    }
}
