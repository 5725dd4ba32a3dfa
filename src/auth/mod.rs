//! The token endpoint: a grant in, the tokens that it answers or what its refusal means out.

mod answer;
mod assertion;
mod client;
mod refusal;
mod request;

pub(crate) use answer::TokenAnswer;
pub(crate) use client::Client;
pub(crate) use refusal::Refusal;

use url::Url;

use crate::http::{self, Answer, HttpError};

/// What the tenant was asked for, as far as a refusal's meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Password,
    ClientCredentials,
}

/// Why the tenant gave no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    #[error("the answer of {host} is no token answer: {problem}")]
    BadAnswer { host: String, status: u16, problem: String },
    #[error("the request could not be made: {0}")]
    Unsendable(&'static str),
}

impl AuthError {
    fn bad_answer(url: &Url, answer: &Answer, problem: String) -> Self {
        let status = answer.status.as_u16();
        Self::BadAnswer { host: http::host(url), status, problem }
    }
}
