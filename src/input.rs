//! What is asked of the person: e-mail address and password, from flags, files, standard input or the terminal.

use std::io::{self, BufRead, ErrorKind, Write};

use secrecy::{ExposeSecret, SecretString};

use crate::config::{ConfigError, PasswordSource, read_secret, read_secret_from_stdin};
use crate::text;

/// Why what was needed could not be had from the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("no {what} is given, and there is no terminal to ask on")]
    NotAsked { what: &'static str, flags: &'static str },
    #[error("the {0} is empty")]
    Empty(&'static str),
    #[error("the terminal could not be read")]
    Terminal(#[source] io::Error),
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    Secret(#[from] ConfigError),
}

/// Whether there is somebody to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    AtTerminal,
    Absent,
}

/// The account: as given, else asked for.
pub(crate) fn email(given: Option<&str>, person: Person) -> Result<String, InputError> {
    if let Some(email) = given {
        return Ok(email.to_owned());
    }
    present(person, "e-mail address", "--email, or set PADLOCK_EMAIL")?;
    let mut terminal = io::stderr().lock();
    write!(terminal, "Email: ").and_then(|()| terminal.flush()).map_err(InputError::Terminal)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(from_terminal)?;
    let email = line.trim();
    if email.is_empty() { Err(InputError::Empty("e-mail address")) } else { Ok(email.to_owned()) }
}

/// Fails if the password would have to be asked for and there is nobody to ask: before anything is sent.
pub(crate) fn password_can_be_had(source: &PasswordSource, person: Person) -> Result<(), InputError> {
    match source {
        PasswordSource::Prompt => {
            present(person, "password", "--password-stdin or --password-file, or set PADLOCK_PASSWORD")
        }
        _ => Ok(()),
    }
}

/// The password. The prompt names who signs in and which host will receive the password.
pub(crate) fn password(source: PasswordSource, email: &str, host: &str) -> Result<SecretString, InputError> {
    match source {
        PasswordSource::Given(password) => Ok(password),
        PasswordSource::Stdin => Ok(read_secret_from_stdin("the password")?),
        PasswordSource::File(path) => Ok(read_secret(&path, "the password")?),
        PasswordSource::Prompt => prompt(email, host),
    }
}

fn prompt(email: &str, host: &str) -> Result<SecretString, InputError> {
    let question = format!("Password for {} at {}: ", text::escape(email), text::escape(host));
    let password = rpassword::prompt_password(question).map(SecretString::from).map_err(from_terminal)?;
    if password.expose_secret().is_empty() { Err(InputError::Empty("password")) } else { Ok(password) }
}

fn present(person: Person, what: &'static str, flags: &'static str) -> Result<(), InputError> {
    match person {
        Person::AtTerminal => Ok(()),
        Person::Absent => Err(InputError::NotAsked { what, flags }),
    }
}

fn from_terminal(error: io::Error) -> InputError {
    match error.kind() {
        ErrorKind::Interrupted => InputError::Interrupted,
        _ => InputError::Terminal(error),
    }
}
