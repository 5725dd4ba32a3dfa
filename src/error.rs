//! Every failure that a run can meet, with its class and its hint.

use std::error::Error as _;

use crate::auth::AuthError;
use crate::config::ConfigError;
use crate::failure::{Class, Failure};
use crate::http::{Clocks, HttpError};
use crate::input::InputError;
use crate::provider::ProviderError;
use crate::time;
use crate::verify::{Remedy, Untrusted};

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
    Lacking { problem: String, hint: Option<&'static str> },
    #[error("the id_token is not to be trusted")]
    Untrusted(Untrusted),
    /// The same, with a rule about times among the broken ones, where the tenant's clock is known.
    #[error("the id_token is not to be trusted")]
    Untimely(Untrusted, Clocks),
    #[error("the token has no claim {name:?}")]
    NoClaim { name: String },
}

impl Error {
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
            class: class(&error),
            message: with_causes(&error),
            hint: hint(&error),
            status,
            code,
            factors: match &error {
                Error::Auth(AuthError::Mfa(error)) => error.offered().iter().map(|factor| factor.name()).collect(),
                _ => Box::default(),
            },
            reasons: match &error {
                Error::Untrusted(untrusted) | Error::Untimely(untrusted, _) => {
                    untrusted.reasons().iter().map(ToString::to_string).collect()
                }
                _ => Vec::new(),
            },
        }
    }
}

/// The tenant's status and `error`, where it answered.
fn refused_with(error: &Error) -> (Option<u16>, Option<String>) {
    match error {
        Error::Auth(AuthError::Refused(refusal)) => (Some(refusal.status), refusal.code.clone()),
        // What the tenant answered to the password.
        Error::Auth(AuthError::Mfa(_)) => (Some(403), Some("mfa_required".to_owned())),
        Error::Auth(AuthError::BadAnswer { status, .. }) | Error::Provider(ProviderError::Status { status, .. }) => {
            (Some(*status), None)
        }
        Error::Http(error) | Error::Provider(ProviderError::Http(error)) | Error::Auth(AuthError::Http(error)) => {
            match error {
                HttpError::Redirected { status, .. } => (Some(*status), None),
                _ => (None, None),
            }
        }
        _ => (None, None),
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

fn class(error: &Error) -> Class {
    match error {
        Error::Input(InputError::Interrupted) => Class::Interrupted,
        Error::Config(_) | Error::Input(_) | Error::Auth(AuthError::NoUserinfo) => Class::Usage,
        Error::Http(error) | Error::Provider(ProviderError::Http(error)) | Error::Auth(AuthError::Http(error)) => {
            class_of_http(error)
        }
        Error::Provider(ProviderError::Status { status, .. }) if *status >= 500 => Class::Unreachable,
        Error::Provider(_) | Error::Lacking { .. } | Error::Auth(AuthError::BadAnswer { .. }) => Class::BadAnswer,
        Error::Auth(AuthError::Refused(refusal)) => refusal.class,
        Error::Auth(AuthError::Mfa(_)) => Class::MfaRequired,
        Error::Untrusted(_) | Error::Untimely(..) | Error::Auth(AuthError::OtherUser { .. }) => Class::UntrustedToken,
        Error::NoClaim { .. } => Class::ClaimMissing,
        Error::Auth(AuthError::Unsendable(_)) => Class::Internal,
    }
}

fn class_of_http(error: &HttpError) -> Class {
    match error {
        HttpError::CaFile { .. } | HttpError::Proxy { .. } => Class::Usage,
        HttpError::Client { .. } => Class::Internal,
        HttpError::Unreachable { .. } | HttpError::Broken { .. } | HttpError::TimedOut { .. } => Class::Unreachable,
        HttpError::TooLong { .. } | HttpError::Garbled { .. } | HttpError::Redirected { .. } => Class::BadAnswer,
    }
}

fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Config(ConfigError::Missing { flag, variable, .. }) => {
            Some(format!("give {flag}, or set {variable} in the environment or in .env"))
        }
        Error::Config(ConfigError::StdinTwice { .. }) => Some("read one of them from a file".into()),
        Error::Input(InputError::NotAsked { flags, .. }) => Some(format!("give {flags}")),
        Error::Http(error) | Error::Provider(ProviderError::Http(error)) | Error::Auth(AuthError::Http(error)) => {
            hint_for_http(error).map(str::to_owned)
        }
        Error::Provider(ProviderError::OtherIssuer { .. }) => {
            Some("if you trust it, write --issuer exactly as it calls itself, the last slash included".into())
        }
        Error::Auth(AuthError::BadAnswer { .. }) | Error::Provider(_) => {
            Some("check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain".into())
        }
        Error::Auth(AuthError::Refused(refusal)) => refusal.hint.clone(),
        Error::Auth(AuthError::Mfa(error)) => Some(error.hint()),
        Error::Auth(AuthError::NoUserinfo) => Some("leave --userinfo out".into()),
        Error::Lacking { hint, .. } => hint.map(str::to_owned),
        Error::Untrusted(untrusted) => hint_for_token(untrusted),
        Error::Untimely(_, clocks) => Some(compared(*clocks)),
        Error::NoClaim { .. } => Some("see what there is with --all-claims, or ask for more with --scope".into()),
        _ => None,
    }
}

fn hint_for_http(error: &HttpError) -> Option<&str> {
    match error {
        HttpError::Unreachable { hint, .. } => Some(hint),
        HttpError::Broken { .. } => Some("try again; what was sent is not repeated without being asked"),
        HttpError::TimedOut { .. } => Some("try again, or allow more time with --timeout"),
        HttpError::Redirected { .. } | HttpError::TooLong { .. } | HttpError::Garbled { .. } => {
            Some("check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain")
        }
        HttpError::CaFile { .. } => {
            Some("certificates in PEM form are meant; see --ca-file, SSL_CERT_FILE and SSL_CERT_DIR")
        }
        HttpError::Proxy { .. } => Some("an address is meant, such as http://proxy.example:3128"),
        HttpError::Client { .. } => None,
    }
}

fn hint_for_token(untrusted: &Untrusted) -> Option<String> {
    if let Some(Remedy::AllowAlgorithm(algorithm)) = untrusted.remedy() {
        return Some(format!(
            "if the application is meant to sign with {algorithm} (Applications → … → Advanced Settings → OAuth), \
             set AUTH0_ALGORITHM={algorithm}"
        ));
    }
    untrusted.is_about_time().then(|| "compare this machine's clock with the tenant's; --leeway allows for 60 s".into())
}

/// Seconds by which clocks differ that are set right: what an answer takes on its way, and more.
const USUAL_DIFFERENCE: u64 = 10;

fn compared(Clocks { here, there }: Clocks) -> String {
    let (ours, theirs) = (time::date(here), time::date(there));
    let difference = here.saturating_sub(there);
    let seconds = difference.unsigned_abs();
    if seconds <= USUAL_DIFFERENCE {
        return format!("this machine's clock ({ours}) and the tenant's agree, so the fault is in the token");
    }
    let direction = if difference > 0 { "ahead" } else { "behind" };
    format!(
        "this machine's clock says {ours}, the tenant's {theirs}: {} {direction}; set it right",
        time::rough(seconds)
    )
}
