//! Turns arguments, environment and files into settings that cannot be wrong.

mod error;
mod dotenv;
mod source;
mod stdin;
mod network;
mod tenant;
mod application;
mod credentials;
mod token_request_options;
mod roles;
mod login;
mod client_credentials;
mod key_source;
mod verify;

pub(crate) use application::{Application, ClientAuthentication};
pub(crate) use client_credentials::ClientCredentials;
pub(crate) use credentials::SecondFactor;
pub(crate) use error::ConfigError;
pub(crate) use key_source::KeySource;
pub(crate) use login::{CredentialSources, Login, PasswordGrant, SignInOutput, SignInRules};
pub(crate) use network::Network;
pub(crate) use roles::{ManagementApi, RolesSettings};
pub(crate) use source::Variables;
pub(crate) use tenant::{TenantRef, is_loopback};
pub(crate) use token_request_options::TokenRequestOptions;
pub(crate) use verify::{ClaimsOutput, Verify};
