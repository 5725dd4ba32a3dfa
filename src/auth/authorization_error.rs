//! Why a sign-in in a browser, here or elsewhere, comes to nothing although the provider did not
//! refuse it.

use super::error_table::{DEVICE_EXPIRED, IN_TIME};
use crate::failure::{Class, Diagnose};

/// Why a sign-in in a browser comes to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorizationError {
    #[error("the browser returned with a response of {found}, not of {expected}")]
    OtherIssuer { expected: String, found: String },
    #[error(
        "the browser returned with a response that does not name its issuer, which {0} always does"
    )]
    NoIssuer(String),
    #[error("the browser returned with an invalid response: {0}")]
    Malformed(String),
    #[error("{DEVICE_EXPIRED}{}", last(.problem.as_deref()))]
    Expired {
        /// What went wrong with the last poll.
        problem: Option<String>,
    },
}

impl Diagnose for AuthorizationError {
    fn class(&self) -> Class {
        match self {
            Self::OtherIssuer { .. } | Self::NoIssuer(_) | Self::Malformed(_) => Class::BadAnswer,
            Self::Expired { .. } => Class::TenantRefused,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::OtherIssuer { .. } | Self::NoIssuer(_) => {
                "sign in again; if this happens again, another server interferes with the login, \
                 and the code was not sent to any"
            }
            Self::Malformed(_) => "sign in again",
            Self::Expired { .. } => IN_TIME,
        };
        Some(hint.to_owned())
    }
}

fn last(problem: Option<&str>) -> String {
    problem.map_or_else(String::new, |problem| {
        format!(" (the last poll failed: {problem})")
    })
}
