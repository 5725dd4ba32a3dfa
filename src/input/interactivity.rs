//! Whether there is a person to ask.

use std::io::{self, IsTerminal};

use super::error::InputError;
use crate::settings::Setting;

/// Whether there is a person to ask, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interactivity {
    /// Standard input is a terminal.
    Interactive,
    /// Prompts are not allowed.
    NoInput,
    /// Standard input is a pipe or a file, which might hold what is missing.
    Piped,
    /// Standard input is nothing that could be read.
    NoTerminal,
}

impl Interactivity {
    /// That of this process; `no_input` where prompts are not allowed.
    #[must_use]
    pub fn of_process(no_input: bool) -> Self {
        match (io::stdin().is_terminal(), no_input) {
            (true, false) => Self::Interactive,
            (true, true) => Self::NoInput,
            (false, _) if is_piped() => Self::Piped,
            (false, _) => Self::NoTerminal,
        }
    }

    /// Whether there is a person to ask.
    #[must_use]
    pub fn is_interactive(self) -> bool {
        self == Self::Interactive
    }

    /// Fails where a person would have to be asked for a setting, and there is none.
    pub(super) fn require_for(self, setting: Setting) -> Result<(), InputError> {
        match self {
            Self::Interactive => Ok(()),
            Self::Piped => Err(InputError::Piped(setting)),
            Self::NoInput | Self::NoTerminal => Err(InputError::NoTerminal(setting)),
        }
    }
}

#[cfg(unix)]
fn is_piped() -> bool {
    use rustix::fs::{FileType, fstat};
    fstat(io::stdin()).is_ok_and(|stat| {
        let kind = FileType::from_raw_mode(stat.st_mode);
        matches!(
            kind,
            FileType::Fifo | FileType::Socket | FileType::RegularFile
        )
    })
}

#[cfg(not(unix))]
fn is_piped() -> bool {
    true
}
