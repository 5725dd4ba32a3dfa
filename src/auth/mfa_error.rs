//! Why a login ends at its second factor although the tenant refused nothing.

use super::refusal;
use crate::args::Factor;

/// What is missing. Its exit code is that of a second factor that was not given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MfaError {
    #[error("the account wants a second factor, and no code was given{}", listed(.offered))]
    NoCode { offered: Vec<Factor> },
    #[error("the account has several second factors, and none was chosen{}", listed(.offered))]
    Several { offered: Vec<Factor> },
    #[error("the account has no second factor {}{}", .wanted.name(), listed(.offered))]
    NotOffered {
        wanted: Factor,
        offered: Vec<Factor>,
    },
    #[error("the account wants a second factor, and none is enrolled yet")]
    NotEnrolled { host: String },
    #[error("the account wants a second factor, and those that it has work in a browser alone")]
    NotUsable,
    #[error("the account wants a second factor, and {host} takes none outside a browser")]
    NoApi { host: String },
    #[error("nobody accepted the push within {seconds} s, the time-out")]
    Unanswered { seconds: f64 },
}

impl MfaError {
    /// The next step.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::NoCode { offered } if offered.as_slice() == [Factor::Push] => {
                "sign in on a terminal, or say --factor push and accept it on the phone".to_owned()
            }
            Self::NoCode { .. } => {
                "sign in on a terminal, or give a code with --otp-command, --otp-stdin or PADLOCK_OTP".to_owned()
            }
            Self::Several { .. } | Self::NotOffered { .. } => "choose one of them with --factor".to_owned(),
            Self::NotEnrolled { host } => refusal::ENROL.replace("{host}", host),
            Self::NotUsable => "enrol another at the tenant, such as an authenticator app".to_owned(),
            Self::NoApi { .. } => "sign in with a browser, or with an account that needs no second factor".to_owned(),
            Self::Unanswered { .. } => "allow more time with --timeout, or choose another with --factor".to_owned(),
        }
    }

    /// The factors that the account has, as `--factor` names them.
    pub(crate) fn offered(&self) -> &[Factor] {
        match self {
            Self::NoCode { offered }
            | Self::Several { offered }
            | Self::NotOffered { offered, .. } => offered,
            Self::NotEnrolled { .. }
            | Self::NotUsable
            | Self::NoApi { .. }
            | Self::Unanswered { .. } => &[],
        }
    }
}

fn listed(offered: &[Factor]) -> String {
    let names: Vec<_> = offered.iter().map(|factor| factor.name()).collect();
    format!(" (it has {})", names.join(", "))
}
