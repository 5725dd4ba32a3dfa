//! One file per command, each a sentence made of the modules above.

mod signed_in;
mod login;
mod client_credentials;
mod verify;

pub(crate) use client_credentials::client_credentials;
pub(crate) use login::login;
pub(crate) use verify::verify;
