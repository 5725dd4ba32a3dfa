//! The token endpoint and what belongs to it: grants, second factors, userinfo, error responses.

mod step;
mod client;
mod ways;
mod error_table;
mod authenticator;
mod mfa_required;
mod explanation;
mod error_response;
mod mfa_error;
mod authorization_error;
mod error;
mod assertion;
mod body;
mod request;
mod authorization;
mod grants;
mod pace;
mod push;
mod mfa;
mod factor_choice;
mod second_factor;
mod sign_in;
mod device;
mod userinfo;
mod probe;

pub(crate) use authorization::{Authorization, AuthorizationRequest};
pub(crate) use client::Client;
pub(crate) use device::{DeviceCode, DeviceStatus};
pub(crate) use error::AuthError;
pub(crate) use error_table::NextStep;
pub(crate) use probe::ProbedGrant;
pub(crate) use request::GrantOutcome;
pub(crate) use sign_in::{PasswordSignIn, ensure_factor_is_taken};
