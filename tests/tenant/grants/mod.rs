//! The token endpoint: client authentication, and one module for each grant.

pub(super) mod assertion;
pub(super) mod authorization_code;
pub(super) mod client_authentication;
mod client_credentials;
pub(super) mod device;
mod password;
pub(super) mod refresh;
pub(super) mod request;
pub(super) mod token_endpoint;
