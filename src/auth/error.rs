//! Why the tenant issued no tokens.

use std::time::Duration;

use url::Url;

use super::authorization_error::AuthorizationError;
use super::client::Client;
use super::error_response::TokenErrorResponse;
use super::error_table::NextStep;
use super::mfa_error::MfaError;
use super::step::Step;
use crate::config::ClientAuthentication;
use crate::failure::{Class, Diagnose};
use crate::http::{self, HttpError, Response};
use crate::input::InputError;
use crate::provider::Provider;
use crate::response::UserinfoError;
use crate::verify::VerificationError;

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
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    #[error("{host} sent an invalid {what}: {problem}")]
    InvalidResponse {
        host: String,
        what: &'static str,
        status: u16,
        problem: String,
        hint: &'static str,
    },
    /// What answers does not seem to be the server that was meant to.
    #[error("{error}")]
    Misdirected {
        error: Box<Self>,
        hint: &'static str,
    },
    #[error("the request could not be built: {0}")]
    Unsendable(&'static str),
    /// No header can hold it (RFC 9110 §5.5).
    #[error("the server issued a token with characters that cannot be sent")]
    UnsendableToken,
    #[error("{setting} cannot be used: the provider {host} takes no second factor with a password")]
    FactorNotTaken { setting: &'static str, host: String },
    #[error("the issuer has no userinfo endpoint")]
    NoUserinfo,
    #[error("{host} sent an invalid userinfo response")]
    InvalidUserinfo {
        host: String,
        status: u16,
        source: UserinfoError,
        hint: &'static str,
    },
    #[error("{0}")]
    OtherUser(UserinfoError),
    #[error(transparent)]
    UntrustedUserinfo(VerificationError),
}

impl AuthError {
    /// A successful response that is not what it should be.
    pub(super) fn invalid(
        provider: &Provider,
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
            hint: provider.address_hint(),
        }
    }

    /// An unsuccessful response.
    pub(super) fn refused(step: Step, client: &Client<'_>, url: &Url, response: &Response) -> Self {
        match TokenErrorResponse::read(step, client, response) {
            Ok(refusal) => refusal.into(),
            Err(problem) => {
                Self::invalid(client.provider, url, "token response", response, problem)
            }
        }
    }

    /// How long a poll has to wait, as far as the tenant's refusal says so.
    pub(super) fn pause(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.pause,
            _ => None,
        }
    }

    /// Whether the server may have done what the request asks for although its response was lost.
    pub(crate) fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Http(error) => error.may_have_arrived(),
            Self::Misdirected { error, .. } => error.may_have_been_processed(),
            Self::InvalidResponse { status, .. } => (200..300).contains(status),
            _ => false,
        }
    }

    /// Whether no token endpoint was found at that address, so that nothing was done with the request.
    pub(super) fn is_about_the_address(&self) -> bool {
        match self {
            Self::Http(error) => matches!(
                error,
                HttpError::Unreachable { .. }
                    | HttpError::ExpectsTls { .. }
                    | HttpError::Redirected { .. }
            ),
            Self::Refused(refusal) => refusal.is_unknown_path(),
            Self::InvalidResponse { status, .. } => matches!(status, 404 | 405 | 410),
            _ => false,
        }
    }

    /// Whether a push may still be accepted: nothing came back, or the server has a passing fault
    /// or too many requests.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Http(_) | Self::Refused(_))
            && matches!(self.class(), Class::Unreachable | Class::Throttled)
    }

    /// The same; if it is not what the token endpoint would respond, the hint is about the address.
    pub(super) fn at(self, provider: &Provider) -> Self {
        let is_elsewhere = match &self {
            Self::Http(error) => matches!(error.class(), Class::BadAnswer) && !error.is_plain(),
            Self::Refused(refusal) => provider.may_need_discovery() && refusal.is_unknown_path(),
            _ => false,
        };
        if !is_elsewhere {
            return self;
        }
        Self::Misdirected {
            error: Box::new(self),
            hint: provider.address_hint(),
        }
    }

    /// The same; the hint of a refused application at another provider than Auth0 names how it
    /// authenticated, and how it could.
    pub(super) fn naming_method(mut self, client: &Client<'_>, is_basic: bool) -> Self {
        let Self::Refused(refusal) = &mut self else {
            return self;
        };
        let is_about_client = match refusal.code.as_deref() {
            Some(code) => code == "invalid_client",
            None => refusal.status == Some(401),
        };
        if client.provider.is_named_by_domain() || !is_about_client {
            return self;
        }
        let advice = refusal.hint.take().unwrap_or_else(|| {
            "compare client ID and client secret or key with the provider's".to_owned()
        });
        let used = match &client.application.authentication {
            ClientAuthentication::None => "none",
            ClientAuthentication::PrivateKeyJwt(_) => "private_key_jwt",
            _ if is_basic => "client_secret_basic",
            _ => "client_secret_post",
        };
        let accepted = client.provider.auth_methods().map_or_else(
            || "the provider does not say what it accepts".to_owned(),
            |methods| format!("the provider accepts {methods}"),
        );
        refusal.hint = Some(format!(
            "{advice}; padlock used {used}, and {accepted}: see --client-auth"
        ));
        self
    }

    /// What the tenant's refusal means for what can be done next.
    pub(crate) fn next_step(&self) -> Option<NextStep> {
        match self {
            Self::Refused(refusal) => Some(refusal.next_step),
            _ => None,
        }
    }
}

impl From<TokenErrorResponse> for AuthError {
    fn from(refusal: TokenErrorResponse) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Diagnose for AuthError {
    fn class(&self) -> Class {
        match self {
            Self::Http(error) => error.class(),
            Self::Refused(refusal) => refusal.class,
            Self::Mfa(error) => error.class(),
            Self::Input(error) => error.class(),
            Self::Authorization(error) => error.class(),
            Self::Misdirected { error, .. } => error.class(),
            Self::InvalidResponse { .. } | Self::InvalidUserinfo { .. } | Self::UnsendableToken => {
                Class::BadAnswer
            }
            Self::Unsendable(_) => Class::Internal,
            Self::FactorNotTaken { .. } | Self::NoUserinfo => Class::Usage,
            Self::OtherUser(_) | Self::UntrustedUserinfo(_) => Class::UntrustedToken,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Http(error) => return error.hint(),
            Self::Refused(refusal) => return refusal.hint.clone(),
            Self::Mfa(error) => return error.hint(),
            Self::Input(error) => return error.hint(),
            Self::Authorization(error) => return error.hint(),
            Self::UntrustedUserinfo(error) => return error.hint(),
            Self::InvalidResponse { hint, .. }
            | Self::InvalidUserinfo { hint, .. }
            | Self::Misdirected { hint, .. } => hint,
            Self::FactorNotTaken { .. } => {
                "remove it; sign in with --browser where an account has a second factor"
            }
            Self::NoUserinfo => "run it without --userinfo",
            Self::Unsendable(_) | Self::UnsendableToken | Self::OtherUser(_) => return None,
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Http(error) => error.status(),
            Self::Refused(refusal) => refusal.status,
            Self::Misdirected { error, .. } => error.status(),
            Self::Mfa(error) => error.status(),
            Self::InvalidResponse { status, .. } | Self::InvalidUserinfo { status, .. } => {
                Some(*status)
            }
            Self::Input(_)
            | Self::Authorization(_)
            | Self::Unsendable(_)
            | Self::UnsendableToken
            | Self::FactorNotTaken { .. }
            | Self::NoUserinfo
            | Self::OtherUser(_)
            | Self::UntrustedUserinfo(_) => None,
        }
    }

    fn code(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.code.clone(),
            Self::Misdirected { error, .. } => error.code(),
            Self::Mfa(error) => error.code(),
            Self::Http(_)
            | Self::Input(_)
            | Self::InvalidResponse { .. }
            | Self::InvalidUserinfo { .. }
            | Self::Authorization(_)
            | Self::Unsendable(_)
            | Self::UnsendableToken
            | Self::FactorNotTaken { .. }
            | Self::NoUserinfo
            | Self::OtherUser(_)
            | Self::UntrustedUserinfo(_) => None,
        }
    }

    fn reasons(&self) -> Vec<String> {
        match self {
            Self::UntrustedUserinfo(error) => error.reasons(),
            _ => Vec::new(),
        }
    }

    fn factors(&self) -> Box<[&'static str]> {
        match self {
            Self::Mfa(error) => error.factors(),
            _ => Box::default(),
        }
    }
}
