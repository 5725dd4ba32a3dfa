//! Why a login fails at its second factor although the tenant did not refuse it.

use crate::args::Factor;
use crate::failure::{Class, Diagnose};

/// What is missing. The exit code is always that of a missing second factor.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MfaError {
    #[error("a second factor is required, but no code was given{}", list(.offered))]
    NoCode { offered: Vec<Factor> },
    #[error("the account has several second factors, but none was chosen{}", list(.offered))]
    Several { offered: Vec<Factor> },
    #[error("the account has no {} factor{}", .wanted.name(), list(.offered))]
    NotOffered {
        wanted: Factor,
        offered: Vec<Factor>,
    },
    #[error("a second factor is required, but no second factor is enrolled")]
    NotEnrolled { host: String, hint: String },
    #[error("a second factor is required, but the list of factors could not be read: {problem}")]
    NoList { problem: String },
    #[error("the tenant asks for more than {max} second factors")]
    TooMany { max: usize },
    #[error("a second factor is required, but those enrolled only work in a browser")]
    NotUsable,
    #[error("a second factor is required, but {host} only accepts one in a browser")]
    NoApi { host: String, hint: String },
    #[error("the push was not accepted within {seconds} s{}", last(.problem.as_deref()))]
    Unanswered {
        seconds: f64,
        /// What went wrong with the last polls.
        problem: Option<String>,
    },
    #[error("no push was sent, since it could not be accepted within {seconds} s")]
    NoTime { seconds: f64 },
}

impl MfaError {
    fn offered(&self) -> &[Factor] {
        match self {
            Self::NoCode { offered }
            | Self::Several { offered }
            | Self::NotOffered { offered, .. } => offered,
            Self::NotEnrolled { .. }
            | Self::NoList { .. }
            | Self::TooMany { .. }
            | Self::NotUsable
            | Self::NoApi { .. }
            | Self::Unanswered { .. }
            | Self::NoTime { .. } => &[],
        }
    }
}

impl Diagnose for MfaError {
    fn class(&self) -> Class {
        Class::MfaRequired
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoCode { offered } if offered.as_slice() == [Factor::Push] => {
                "sign in from a terminal, or add --factor push and accept the push on the phone"
            }
            Self::NoCode { offered } if offered.contains(&Factor::Otp) => {
                "sign in from a terminal, or give a code with --otp-command, --otp-stdin or \
                 PADLOCK_OTP, or the secret of the authenticator app with --totp-secret-file"
            }
            Self::NoCode { .. } => {
                "sign in from a terminal, or give a code with --otp-command, --otp-stdin or \
                 PADLOCK_OTP"
            }
            Self::Several { .. } | Self::NotOffered { .. } => "choose one with --factor",
            Self::NotEnrolled { host, hint } => return Some(hint.replace("{host}", host)),
            Self::NoList { .. } => {
                "try again; a code can be given with --otp-command or --otp-stdin"
            }
            Self::TooMany { .. } => "ask an administrator of the tenant to check its Actions",
            Self::NotUsable => "enroll another factor, such as an authenticator app",
            Self::NoApi { hint, .. } => return Some(hint.clone()),
            Self::Unanswered { .. } | Self::NoTime { .. } => {
                "allow more time with --timeout, or choose another factor with --factor"
            }
        };
        Some(hint.to_owned())
    }

    /// The tenant's response to the password.
    fn status(&self) -> Option<u16> {
        Some(403)
    }

    fn code(&self) -> Option<String> {
        Some("mfa_required".to_owned())
    }

    fn factors(&self) -> Box<[&'static str]> {
        self.offered().iter().map(|factor| factor.name()).collect()
    }
}

fn last(problem: Option<&str>) -> String {
    problem.map_or_else(String::new, |problem| {
        format!(" (polling failed: {problem})")
    })
}

fn list(offered: &[Factor]) -> String {
    let names: Vec<_> = offered.iter().map(|factor| factor.name()).collect();
    format!(" (enrolled: {})", names.join(", "))
}
