//! One file per command, each a sentence made of the modules above.

mod login_keys;
mod start;
mod password_sign_in;
mod browser_sign_in;
mod device_sign_in;
mod signed_in;
mod account;
mod login;
mod client_credentials;
mod verify;

pub(crate) use client_credentials::client_credentials;
pub(crate) use login::login;
pub(crate) use verify::verify;
