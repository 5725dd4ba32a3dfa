//! The token endpoint and what belongs to it: grants, second factors, userinfo, error responses.

mod step;
mod error_table;
mod authenticator;
mod mfa_required;
mod explanation;
mod error_response;
mod mfa_error;
mod client;
mod error;
mod assertion;
mod body;
mod request;
mod grants;
mod pace;
mod push;
mod mfa;
mod factor_choice;
mod second_factor;
mod sign_in;
mod userinfo;

pub(crate) use client::Client;
pub(crate) use sign_in::{PasswordSignIn, ensure_factor_is_taken};
