//! The token endpoint and what belongs to it: grants, second factors, userinfo, and what a refusal means.

mod answer;
mod assertion;
mod client;
mod mfa;
mod mfa_error;
mod refusal;
mod request;
mod userinfo;

pub(crate) use answer::TokenAnswer;
pub(crate) use client::{Client, Granted};
pub(crate) use mfa::{Authenticator, Challenge, CodeChallenge, MfaToken, Poll, Push};
pub(crate) use mfa_error::MfaError;
pub(crate) use refusal::{Meaning, Refusal};
pub(crate) use userinfo::Userinfo;

use secrecy::SecretString;
use url::Url;

use crate::http::{self, Answer, HttpError};

/// What the tenant was asked for, as far as a refusal's meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Password,
    ClientCredentials,
    /// Which second factors there are, and the start of one.
    SecondFactor,
    Otp,
    /// A code that came by message.
    MessageCode,
    Push,
    RecoveryCode,
    Userinfo,
}

/// Why the tenant gave no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Mfa(#[from] MfaError),
    #[error("the answer of {host} is no {what}: {problem}")]
    BadAnswer {
        host: String,
        what: &'static str,
        status: u16,
        problem: String,
    },
    /// The tenant tells a new recovery code only once, so it is handed on whatever else is wrong.
    #[error("the answer of {host} is no token answer: {problem}")]
    BadTokens {
        host: String,
        status: u16,
        problem: String,
        recovery_code: Option<SecretString>,
    },
    #[error("the request could not be made: {0}")]
    Unsendable(&'static str),
    #[error("the issuer names no userinfo endpoint")]
    NoUserinfo,
    #[error("the userinfo is about another user than the id_token: its sub is {found}")]
    OtherUser { found: String },
}

impl AuthError {
    fn bad_tokens(url: &Url, answer: &Answer, problem: String) -> Self {
        let (host, status) = (http::host(url), answer.status.as_u16());
        Self::BadTokens {
            host,
            status,
            problem,
            recovery_code: answer::recovery_code(&answer.body),
        }
    }

    /// A recovery code that came along with what else is wrong.
    pub(crate) fn recovery_code(&self) -> Option<&SecretString> {
        match self {
            Self::BadTokens { recovery_code, .. } => recovery_code.as_ref(),
            _ => None,
        }
    }

    /// What the tenant's refusal means for what is to be done next.
    pub(crate) fn meaning(&self) -> Option<Meaning> {
        match self {
            Self::Refused(refusal) => Some(refusal.meaning),
            _ => None,
        }
    }
}
