//! What is wrong with a setting.

use std::io::ErrorKind;

use crate::escape;
use crate::failure::{Class, Diagnose};
use crate::input::SecretError;
use crate::input::secret::MORE_TIME;
use crate::keys::KeySetError;
use crate::settings::Setting;

/// What is wrong with a setting. Names the setting, never a secret value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("no {} is given", .0.what)]
    Missing(Setting),
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: String },
    /// Settings that are each valid, and not together.
    #[error("{0}")]
    Combination(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{name} could not be read")]
    Unreadable {
        name: String,
        source: std::io::Error,
    },
    #[error("{first} and {second} both read standard input")]
    StdinTwice {
        first: &'static str,
        second: &'static str,
    },
    #[error(
        "no source of keys is given, and padlock does not decode tokens without verifying them"
    )]
    NoKeys,
    #[error("no audience is given, and a token for anyone would pass")]
    NoAudience,
    #[error("--roles-from-tenant asks one tenant, and the flags do not name exactly one")]
    RolesOfSeveral,
    #[error("{name} is not usable")]
    KeySet { name: String, source: KeySetError },
}

impl ConfigError {
    /// A setting that is not valid.
    pub(super) fn invalid(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            name: name.into(),
            problem: problem.into(),
        }
    }

    /// A file that could not be read.
    pub(super) fn unreadable(
        what: &str,
        path: &std::path::Path,
    ) -> impl Fn(std::io::Error) -> Self + use<> {
        let name = format!("{what} {}", escape::path(path));
        move |source| Self::Unreadable {
            name: name.clone(),
            source,
        }
    }
}

impl Diagnose for ConfigError {
    fn class(&self) -> Class {
        Class::Usage
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing(setting) => {
                return Some(format!(
                    "give {}, or set {} in the environment or in .env",
                    setting.recommended_flags(),
                    setting.variable
                ));
            }
            Self::Secret(error) => return error.hint(),
            Self::StdinTwice { .. } => "read one of them from a file",
            Self::NoAudience => {
                "give --audience API, or --any-audience to accept tokens for anyone"
            }
            Self::NoKeys => "give --issuer URL, --jwks URL|FILE or --secret-file FILE",
            Self::RolesOfSeveral => "give one --issuer, or --expect-issuer with the keys",
            Self::Unreadable { source, .. } if source.kind() == ErrorKind::TimedOut => MORE_TIME,
            Self::Empty(_)
            | Self::Invalid { .. }
            | Self::Combination(_)
            | Self::Unreadable { .. }
            | Self::KeySet { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
