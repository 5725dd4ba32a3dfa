//! Why the user's state could not be read or written.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::escape;
use crate::failure::{Class, Diagnose};

/// Why the user's state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    #[error("there is no home folder to keep padlock's state in")]
    NoFolder,
    #[error("{path} could not be {verb}")]
    Io {
        verb: &'static str,
        path: String,
        source: io::Error,
    },
    /// Other users can read or change it.
    #[error("{path} is not private: {problem}")]
    NotPrivate {
        path: String,
        problem: &'static str,
        /// The command that makes it private.
        command: String,
    },
    #[error("{path} is not a plain {expected}")]
    NotPlain {
        path: String,
        expected: &'static str,
    },
    #[error("{path} is larger than {limit} bytes")]
    TooLarge { path: String, limit: u64 },
    #[error("{path} is damaged: {problem}")]
    Damaged { path: String, problem: String },
    #[error("{path} was written by a newer padlock (format {version})")]
    Newer { path: String, version: u32 },
    #[error("another padlock process held the lock {path} for all of {timeout:?}")]
    Locked { path: String, timeout: Duration },
}

impl StateError {
    /// An error of the operating system at this path.
    pub(crate) fn io(verb: &'static str, path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = escape::path(path);
        move |source| Self::Io {
            verb,
            path: path.clone(),
            source,
        }
    }
}

/// What to do once a file is gone that cannot be used.
fn then(path: &str) -> &'static str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    if stem.starts_with("session") && end != "lock" {
        "and sign in again with --save"
    } else if stem.starts_with("totp-") {
        "wait until the code has changed, and run the command again"
    } else {
        "and run the command again"
    }
}

impl Diagnose for StateError {
    fn class(&self) -> Class {
        match self {
            Self::Locked { .. } => Class::Unreachable,
            _ => Class::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoFolder => "set HOME, or XDG_STATE_HOME to an absolute path".to_owned(),
            Self::NotPrivate { command, .. } => {
                format!("check what it contains, then run {command}")
            }
            Self::NotPlain { path, .. } | Self::TooLarge { path, .. } => {
                format!("move {path} away, {}", then(path))
            }
            Self::Damaged { path, .. } => {
                format!("remove {path}, {}", then(path))
            }
            Self::Newer { .. } => "update padlock".to_owned(),
            Self::Locked { .. } => {
                "wait for the other process, or allow more time with --timeout".to_owned()
            }
            Self::Io { verb, .. } if *verb == "locked" => {
                "set XDG_STATE_HOME to a folder on a file system that supports locks".to_owned()
            }
            Self::Io { .. } => return None,
        })
    }
}
