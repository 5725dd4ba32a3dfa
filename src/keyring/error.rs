//! Why the keyring cannot be used.

use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::escape;
use crate::failure::{Class, Diagnose};

/// Why the keyring cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "there it is not supported")
)]
pub(crate) enum KeyringError {
    #[cfg_attr(
        target_os = "linux",
        expect(dead_code, reason = "there it is supported")
    )]
    #[error("this system's keyring is not supported: padlock uses the Secret Service of Linux")]
    Unsupported,
    #[error("the keyring cannot be reached: DBUS_SESSION_BUS_ADDRESS is not set")]
    NoBus,
    /// The operating system's reason.
    #[error("the keyring cannot be reached over the bus of DBUS_SESSION_BUS_ADDRESS: {0}")]
    Unreachable(String),
    #[error("the keyring did not respond within {0:?}")]
    Late(Duration),
    #[error("the keyring sent an invalid response")]
    Invalid,
    #[error("no keyring service is running")]
    NoService,
    #[error("the keyring service has no default keyring")]
    NoDefault,
    #[error("the keyring is locked")]
    Locked,
    /// The keyring wants to ask the user.
    #[error("the keyring wants to ask for confirmation in a dialog, which padlock does not open")]
    Asks,
    /// The error's name.
    #[error("the keyring refused the request: {0}")]
    Refused(String),
    #[error("the system has no random numbers")]
    NoRandomNumbers,
}

impl KeyringError {
    /// What an error of this name means.
    #[cfg(target_os = "linux")]
    pub(super) fn of_reply(name: &str) -> Self {
        match name {
            "org.freedesktop.Secret.Error.IsLocked" => Self::Locked,
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner" => Self::NoService,
            "org.freedesktop.Secret.Error.NoSuchObject"
            | "org.freedesktop.DBus.Error.UnknownObject"
            | "org.freedesktop.DBus.Error.UnknownMethod" => Self::NoDefault,
            name => Self::Refused(escape::excerpt(name, 100)),
        }
    }

    /// Whether a connection is of no use after it.
    pub(crate) fn ends_connection(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Late(_) | Self::Invalid)
    }
}

impl Diagnose for KeyringError {
    fn class(&self) -> Class {
        match self {
            Self::Unsupported => Class::Usage,
            _ => Class::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unsupported => "use --store file",
            Self::Locked => {
                "unlock the keyring, for example in its password manager, or sign in with --save \
                 --store file"
            }
            Self::NoDefault => {
                "create a default keyring in your desktop's password manager, or sign in with \
                 --save --store file"
            }
            Self::NoBus | Self::Unreachable(_) | Self::NoService => {
                "run padlock in a desktop session with a keyring (the Secret Service), or sign in \
                 with --save --store file"
            }
            Self::NoRandomNumbers => return None,
            Self::Late(_) | Self::Invalid | Self::Asks | Self::Refused(_) => {
                "restart the keyring service, or sign in with --save --store file"
            }
        };
        Some(hint.to_owned())
    }
}
