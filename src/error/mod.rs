//! Every failure that a run can meet, with its class and its hint.

mod hints;

use std::error::Error as _;

use crate::auth::AuthError;
use crate::config::ConfigError;
use crate::failure::{Class, Failure};
use crate::http::{Clocks, HttpError};
use crate::input::InputError;
use crate::management::ManagementError;
use crate::provider::ProviderError;
use crate::text::excerpt;
use crate::verify::{Missing, Reason, Untrusted};

/// Why a run ended without its result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error("the tenant's answer is not usable: {problem}")]
    Lacking {
        problem: String,
        hint: Option<&'static str>,
    },
    #[error(transparent)]
    Management(#[from] ManagementError),
    #[error("the id_token is not to be trusted")]
    Untrusted(Untrusted),
    /// The same, with a rule about times among the broken ones, where the tenant's clock is known.
    #[error("the id_token is not to be trusted")]
    Untimely(Untrusted, Clocks),
    #[error("the access token is not to be trusted")]
    UntrustedAccessToken(Untrusted),
    #[error("the token is not to be trusted")]
    UntrustedToken(Untrusted),
    #[error("{untrusted} of {tokens} tokens {} not to be trusted{}", are(*.untrusted), lacking_too(*.lacking))]
    SomeUntrusted {
        untrusted: u64,
        lacking: u64,
        tokens: u64,
    },
    #[error("the token is genuine, but lacks what is required")]
    Lacks(Missing),
    #[error("{lacking} of {tokens} tokens {} genuine, but lack{} what is required", are(*.lacking), s(*.lacking))]
    SomeLack { lacking: u64, tokens: u64 },
    #[error("the token has no claim \"{}\"", excerpt(.name, 80))]
    NoClaim { name: String, hint: &'static str },
    #[error("{0} of one token, and standard input holds several")]
    OneTokenOnly(&'static str),
    #[error("the result could not be written")]
    Output(#[source] std::io::Error),
    #[error("")]
    Silent(Class),
    #[error("a worker thread ended early")]
    Thread,
}

impl Error {
    /// The request that got no usable answer, whoever made it.
    fn http(&self) -> Option<&HttpError> {
        match self {
            Self::Http(error)
            | Self::Provider(ProviderError::Http(error))
            | Self::Auth(AuthError::Http(error))
            | Self::Management(ManagementError::Http(error)) => Some(error),
            _ => None,
        }
    }

    /// The same failure, knowing what the clocks say.
    pub(crate) fn beside(self, clocks: Option<Clocks>) -> Self {
        match (self, clocks) {
            (Self::Untrusted(untrusted), Some(clocks)) if untrusted.is_about_time() => {
                Self::Untimely(untrusted, clocks)
            }
            (error, _) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (status, code) = refused_with(&error);
        Self {
            class: error.class(),
            message: with_causes(&error),
            hint: hints::hint(&error),
            status,
            code,
            factors: match &error {
                Error::Auth(AuthError::Mfa(error)) => {
                    error.offered().iter().map(|factor| factor.name()).collect()
                }
                _ => Box::default(),
            },
            reasons: reasons(&error).iter().map(ToString::to_string).collect(),
            silent: matches!(error, Error::Silent(_)),
        }
    }
}

fn are(number: u64) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

fn s(number: u64) -> &'static str {
    if number == 1 { "s" } else { "" }
}

fn lacking_too(number: u64) -> String {
    if number == 0 {
        String::new()
    } else {
        format!(", and {number} lack{} what is required", s(number))
    }
}

fn reasons(error: &Error) -> &[Reason] {
    match error {
        Error::Untrusted(untrusted)
        | Error::Untimely(untrusted, _)
        | Error::UntrustedAccessToken(untrusted)
        | Error::UntrustedToken(untrusted) => untrusted.reasons(),
        Error::Lacks(missing) => missing.reasons(),
        _ => &[],
    }
}

/// The tenant's status and `error`, where it answered.
fn refused_with(error: &Error) -> (Option<u16>, Option<String>) {
    match error {
        Error::Auth(AuthError::Refused(refusal)) => (Some(refusal.status), refusal.code.clone()),
        // What the tenant answered to the password.
        Error::Auth(AuthError::Mfa(_)) => (Some(403), Some("mfa_required".to_owned())),
        Error::Management(
            ManagementError::NotAllowed { status, .. }
            | ManagementError::Refused { status, .. }
            | ManagementError::Throttled { status, .. },
        )
        | Error::Auth(AuthError::BadAnswer { status, .. } | AuthError::BadTokens { status, .. })
        | Error::Provider(ProviderError::Status { status, .. }) => (Some(*status), None),
        other => match other.http() {
            Some(HttpError::Redirected { status, .. }) => (Some(*status), None),
            _ => (None, None),
        },
    }
}

/// The message and, behind colons, what caused it.
fn with_causes(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        message = format!("{message}: {next}");
        cause = next.source();
    }
    message
}

impl Error {
    /// What kind of failure it is.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Input(InputError::Interrupted) => Class::Interrupted,
            Self::Config(_)
            | Self::Input(_)
            | Self::OneTokenOnly(_)
            | Self::Auth(AuthError::NoUserinfo) => Class::Usage,
            Self::Http(error)
            | Self::Provider(ProviderError::Http(error))
            | Self::Auth(AuthError::Http(error)) => class_of_http(error),
            Self::Provider(ProviderError::Status { status: 429, .. }) => Class::Throttled,
            Self::Provider(ProviderError::Status { status: 500.., .. }) => Class::Unreachable,
            Self::Provider(_)
            | Self::Lacking { .. }
            | Self::Auth(AuthError::BadAnswer { .. } | AuthError::BadTokens { .. }) => {
                Class::BadAnswer
            }
            Self::Auth(AuthError::Refused(refusal)) => refusal.class,
            Self::Auth(AuthError::Mfa(_)) => Class::MfaRequired,
            Self::Management(error) => class_of_management(error),
            Self::Untrusted(_)
            | Self::Untimely(..)
            | Self::UntrustedAccessToken(_)
            | Self::UntrustedToken(_)
            | Self::Auth(AuthError::OtherUser { .. })
            | Self::SomeUntrusted { .. } => Class::UntrustedToken,
            Self::NoClaim { .. } | Self::Lacks(_) | Self::SomeLack { .. } => Class::ClaimMissing,
            Self::Thread | Self::Output(_) | Self::Auth(AuthError::Unsendable(_)) => {
                Class::Internal
            }
            Self::Silent(class) => *class,
        }
    }
}

fn class_of_management(error: &ManagementError) -> Class {
    match error {
        ManagementError::Http(error) => class_of_http(error),
        ManagementError::NoAddress(_) => Class::Usage,
        ManagementError::Throttled { .. } => Class::Throttled,
        ManagementError::Refused { status, .. } if *status >= 500 => Class::Unreachable,
        ManagementError::NotAllowed { .. } | ManagementError::Refused { .. } => {
            Class::TenantRefused
        }
        ManagementError::BadAnswer { .. } | ManagementError::Unsendable => Class::BadAnswer,
    }
}

fn class_of_http(error: &HttpError) -> Class {
    match error {
        HttpError::CaFile { .. } | HttpError::Proxy { .. } => Class::Usage,
        HttpError::Client { .. } => Class::Internal,
        HttpError::Unreachable { .. } | HttpError::Broken { .. } | HttpError::TimedOut { .. } => {
            Class::Unreachable
        }
        HttpError::TooLong { .. } | HttpError::Garbled { .. } | HttpError::Redirected { .. } => {
            Class::BadAnswer
        }
    }
}
