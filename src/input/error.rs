//! Why something could not be read from the person.

use std::io;

use super::secret::SecretError;
use crate::failure::{Class, Diagnose};
use crate::settings::Setting;

/// Why something could not be read from the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("no {} is given, and padlock cannot prompt for it (no terminal, or --no-input)", .0.what)]
    NoTerminal(Setting),
    #[error("the {0} is empty")]
    Empty(&'static str),
    #[error("the {0} that was typed is not UTF-8")]
    NotUtf8(&'static str),
    #[error("the terminal could not be read")]
    Terminal(#[source] io::Error),
    #[error("the input ended before anything was entered")]
    Ended,
    #[error("interrupted")]
    Interrupted,
    #[error("no valid choice was entered")]
    NoChoice,
    #[error("the command given with --otp-command {problem}")]
    Command { problem: String },
    #[error(transparent)]
    Secret(#[from] SecretError),
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
            Self::NoTerminal(_)
            | Self::Empty(_)
            | Self::NotUtf8(_)
            | Self::Terminal(_)
            | Self::Ended
            | Self::NoChoice
            | Self::Command { .. }
            | Self::Secret(_) => Class::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoTerminal(setting) => Some(format!(
                "give {}, or set {}",
                setting.recommended_flags(),
                setting.variable
            )),
            Self::NotUtf8(_) => Some(
                "set the terminal to UTF-8, or give a UTF-8 file with --password-file".to_owned(),
            ),
            Self::Secret(error) => error.hint(),
            Self::Empty(_)
            | Self::Terminal(_)
            | Self::Ended
            | Self::Interrupted
            | Self::NoChoice
            | Self::Command { .. } => None,
        }
    }
}
