//! What the person is asked for: user name, password, codes; from flags, files, standard input or
//! the terminal.

pub(crate) mod secret;
mod error;
mod terminal;
mod choice;
mod credentials;
mod code;
mod countdown;

pub(crate) use choice::choice;
pub(crate) use code::{CodeSource, code};
pub(crate) use countdown::Countdown;
pub(crate) use credentials::{PasswordSource, email, ensure_password_available, password};
pub(crate) use error::InputError;
pub(crate) use secret::SecretError;
pub(crate) use terminal::{Interactivity, print_line};
