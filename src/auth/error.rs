//! Why the tenant issued no tokens.

use url::Url;

use super::error_response::TokenErrorResponse;
use super::error_table::NextStep;
use super::mfa_error::MfaError;
use super::step::Step;
use crate::failure::{Class, Diagnose};
use crate::http::{self, HttpError, Response};
use crate::input::InputError;
use crate::response::UserinfoError;

/// Why the tenant issued no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}", .0.message)]
    Refused(Box<TokenErrorResponse>),
    #[error(transparent)]
    Mfa(#[from] MfaError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("{host} sent an invalid {what}: {problem}")]
    InvalidResponse {
        host: String,
        what: &'static str,
        status: u16,
        problem: String,
    },
    #[error("the request could not be built: {0}")]
    Unsendable(&'static str),
    #[error("the issuer has no userinfo endpoint")]
    NoUserinfo,
    #[error("{host} sent an invalid userinfo response")]
    InvalidUserinfo {
        host: String,
        status: u16,
        source: UserinfoError,
    },
    #[error("{0}")]
    OtherUser(UserinfoError),
}

impl AuthError {
    /// A successful response that is not what it should be.
    pub(super) fn invalid(
        url: &Url,
        what: &'static str,
        response: &Response,
        problem: String,
    ) -> Self {
        Self::InvalidResponse {
            host: http::host(url),
            what,
            status: response.status.as_u16(),
            problem,
        }
    }

    /// An unsuccessful response.
    pub(super) fn refused(step: Step, url: &Url, response: &Response) -> Self {
        match TokenErrorResponse::read(step, &http::host(url), response) {
            Ok(refusal) => Self::Refused(Box::new(refusal)),
            Err(problem) => Self::invalid(url, "token response", response, problem),
        }
    }

    /// What the tenant's refusal means for what can be done next.
    pub(crate) fn next_step(&self) -> Option<NextStep> {
        match self {
            Self::Refused(refusal) => Some(refusal.next_step),
            _ => None,
        }
    }
}

impl Diagnose for AuthError {
    fn class(&self) -> Class {
        match self {
            Self::Http(error) => error.class(),
            Self::Refused(refusal) => refusal.class,
            Self::Mfa(error) => error.class(),
            Self::Input(error) => error.class(),
            Self::InvalidResponse { .. } | Self::InvalidUserinfo { .. } => Class::BadAnswer,
            Self::Unsendable(_) => Class::Internal,
            Self::NoUserinfo => Class::Usage,
            Self::OtherUser(_) => Class::UntrustedToken,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Http(error) => return error.hint(),
            Self::Refused(refusal) => return refusal.hint.clone(),
            Self::Mfa(error) => return error.hint(),
            Self::Input(error) => return error.hint(),
            Self::InvalidResponse { .. } | Self::InvalidUserinfo { .. } => {
                "check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain"
            }
            Self::NoUserinfo => "run it without --userinfo",
            Self::Unsendable(_) | Self::OtherUser(_) => return None,
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Http(error) => error.status(),
            Self::Refused(refusal) => Some(refusal.status),
            Self::Mfa(error) => error.status(),
            Self::InvalidResponse { status, .. } | Self::InvalidUserinfo { status, .. } => {
                Some(*status)
            }
            Self::Input(_) | Self::Unsendable(_) | Self::NoUserinfo | Self::OtherUser(_) => None,
        }
    }

    fn code(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.code.clone(),
            Self::Mfa(error) => error.code(),
            Self::Http(_)
            | Self::Input(_)
            | Self::InvalidResponse { .. }
            | Self::InvalidUserinfo { .. }
            | Self::Unsendable(_)
            | Self::NoUserinfo
            | Self::OtherUser(_) => None,
        }
    }

    fn factors(&self) -> Box<[&'static str]> {
        match self {
            Self::Mfa(error) => error.factors(),
            _ => Box::default(),
        }
    }
}
