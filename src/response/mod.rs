//! Token, error and userinfo responses, as data. Nothing here is verified.

mod text;
mod secrets;
mod members;
mod challenge;
mod oauth_error;
mod authorization;
mod device;
mod token;
mod userinfo;

pub(crate) use authorization::AuthorizationResponse;
pub(crate) use device::DeviceAuthorization;
pub(crate) use members::Members;
pub(crate) use oauth_error::{MfaRequirements, OAuthError};
pub(crate) use secrets::remember_secrets;
pub(crate) use text::without_mark;
pub(crate) use token::{NoIdToken, TokenResponse, TokenResponseError, recovery_code};
pub(crate) use userinfo::{Userinfo, UserinfoError};
