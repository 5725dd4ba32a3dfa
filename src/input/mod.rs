//! What the person is asked for: user name, password, codes; from flags, files, standard input or
//! the terminal.

pub(crate) mod read;
pub(crate) mod secret;
mod error;
mod interactivity;
mod terminal;
pub(crate) mod typed_secret;
mod choice;
mod confirmation;
mod form;
mod command;
mod countdown;
mod credentials;
mod code_request;
mod totp_code;
mod code;
mod qr_code;

pub(crate) use choice::choice;
pub(crate) use code::{CodeSource, code, without_separators};
pub(crate) use code_request::CodeRequest;
pub(crate) use confirmation::confirmation;
pub(crate) use countdown::Countdown;
pub(crate) use credentials::{
    CredentialsDialogue, Password, PasswordRecipient, PasswordSource, ensure_available,
};
pub(crate) use error::InputError;
pub(crate) use form::{Entry, Field, Form};
pub use interactivity::Interactivity;
pub(crate) use qr_code::QrStyle;
pub(crate) use secret::SecretError;
pub(crate) use terminal::{Answer, Question, Terminal};
pub use terminal::{print_on_terminal, restore_terminal};
