//! Results as text: tables, JSON, tokens, verdicts, failures. Nothing here prints.

mod target;
mod json_text;
mod json;
mod token;
mod list;
mod table;
mod verdict;
mod failure;
mod form;

pub use failure::{ErrorFormat, failure, recovery_code};
pub(crate) use form::{
    CLAIMS, CLIENT_CREDENTIALS, ClaimsForm, ClientCredentialsForm, Prints, SIGN_IN, SignIn,
    SignInForm, VerifiedClaims, claims, parser,
};
pub use target::OutputTarget;
pub(crate) use verdict::{invalid_line, valid_line};
