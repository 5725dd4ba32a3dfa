//! One file per command, each a sentence made of the modules above.

mod login_keys;
mod start;
mod password_sign_in;
mod browser_sign_in;
mod device_sign_in;
mod signed_in;
mod account;
mod save;
mod login;
mod renewal;
mod session_token;
mod token;
mod status;
mod logout;
mod client_credentials;
mod run;
mod verify;
#[cfg(unix)]
mod guard;
mod man;
mod doctor;
mod setup_form;
mod setup;
mod profiles;

pub(crate) use client_credentials::client_credentials;
pub(crate) use doctor::doctor;
#[cfg(unix)]
pub(crate) use guard::guard;
pub(crate) use login::login;
pub(crate) use logout::logout;
pub(crate) use man::man;
pub(crate) use profiles::profiles;
pub(crate) use run::run;
pub(crate) use setup::setup;
pub(crate) use status::status;
pub(crate) use token::token;
pub(crate) use verify::verify;
