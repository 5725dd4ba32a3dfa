//! Why a user's roles are not available.

use std::time::Duration;

use crate::duration;
use crate::failure::{Class, Diagnose};
use crate::http::HttpError;

/// Why a user's roles are not available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManagementError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the issuer {0:?} is not a URL, so its tenant cannot be asked for roles")]
    NoAddress(String),
    #[error("the application may not read users' roles at {host}{words}")]
    NotAllowed {
        host: String,
        words: String,
        status: u16,
    },
    #[error("too many requests to the Management API of {host}")]
    Throttled {
        host: String,
        status: u16,
        wait: Option<Duration>,
    },
    #[error("the Management API of {host} responded with status {status}{words}")]
    Refused {
        host: String,
        words: String,
        status: u16,
    },
    #[error("{host} sent an invalid list of roles: {problem}")]
    InvalidResponse { host: String, problem: &'static str },
    #[error("the tenant's access token has characters that are invalid in a header")]
    Unsendable,
}

impl Diagnose for ManagementError {
    fn class(&self) -> Class {
        match self {
            Self::Http(error) => error.class(),
            Self::NoAddress(_) => Class::Usage,
            Self::Throttled { .. } => Class::Throttled,
            Self::Refused { status: 500.., .. } => Class::Unreachable,
            Self::NotAllowed { .. } | Self::Refused { .. } => Class::TenantRefused,
            Self::InvalidResponse { .. } | Self::Unsendable => Class::BadAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Http(error) => return error.hint(),
            Self::NotAllowed { .. } => {
                "authorize the application for the Auth0 Management API with the scope \
                 read:users or read:roles: Applications → APIs → Auth0 Management API → \
                 Machine to Machine Applications"
            }
            Self::Throttled { wait, .. } => return Some(duration::retry_hint(*wait)),
            Self::Refused { .. } | Self::InvalidResponse { .. } => {
                "check the domain or the issuer: only Auth0 tenants have this API"
            }
            Self::NoAddress(_) | Self::Unsendable => return None,
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Http(error) => error.status(),
            Self::NotAllowed { status, .. }
            | Self::Refused { status, .. }
            | Self::Throttled { status, .. } => Some(*status),
            Self::NoAddress(_) | Self::InvalidResponse { .. } | Self::Unsendable => None,
        }
    }
}
