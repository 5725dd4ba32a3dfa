//! Token and userinfo responses, as data. Nothing here is verified.

mod secrets;
mod token;
mod userinfo;

pub(crate) use secrets::remember_secrets;
pub(crate) use token::{TokenResponse, TokenResponseError, recovery_code};
pub(crate) use userinfo::{Userinfo, UserinfoError};
