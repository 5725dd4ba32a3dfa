//! Turns arguments, environment and files into settings that cannot be wrong.

mod error;
mod missing;
mod report;
mod load_context;
mod network;
mod tenant;
mod permissions;
mod settings_file;
mod dot_env;
mod profile;
mod source;
mod found;
mod belonging;
mod recipient;
mod sources;
mod tenant_sources;
mod stdin;
mod client_auth_method;
mod application;
mod credentials;
mod token_request_options;
mod roles;
mod sign_in_rules;
mod sign_in_output;
mod handover;
mod redirect_uri;
mod sign_in_method;
mod session;
mod login;
mod client_credentials;
mod key_source;
mod verify;
mod doctor;

pub(crate) use application::{Application, ClientAuthentication};
pub(crate) use client_credentials::{CacheUse, ClientCredentials};
pub(crate) use credentials::{CredentialSources, SecondFactor};
pub(crate) use doctor::DoctorSettings;
pub(crate) use error::ConfigError;
pub(crate) use key_source::KeySource;
pub(crate) use load_context::{LoadContext, Variables};
pub(crate) use login::{Login, UserGrant};
pub(crate) use network::Network;
pub(crate) use redirect_uri::RedirectUri;
pub(crate) use report::Report;
pub(crate) use roles::{ManagementApi, RolesSettings};
pub(crate) use session::{
    RenewalSettings, SaveSettings, SavedClient, SessionChoice, SessionClient, handover_of_token,
};
pub(crate) use sign_in_method::{BrowserMethod, PasswordMethod, SignInMethod};
pub(crate) use sign_in_output::SignInOutput;
pub(crate) use sign_in_rules::SignInRules;
pub(crate) use tenant::{TenantRef, is_loopback};
pub(crate) use token_request_options::TokenRequestOptions;
pub(crate) use verify::{ClaimsOutput, Verify};
