//! The user name and the password, from wherever the settings say.

use std::path::PathBuf;

use secrecy::SecretString;

use super::error::InputError;
use super::secret;
use super::terminal::{Interactivity, read_line, read_password};
use crate::escape::escape;
use crate::settings;

/// Where the password comes from.
#[derive(Debug)]
pub(crate) enum PasswordSource {
    Given(SecretString),
    Stdin,
    /// The first line is the password, the second the one-time code.
    StdinWithCode,
    File(PathBuf),
    Prompt,
}

impl PasswordSource {
    /// Whether the person types the password at a prompt.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// Whether reading it may take a person's time, which does not count as the network's.
    pub(crate) fn may_wait(&self) -> bool {
        !matches!(self, Self::Given(_) | Self::File(_))
    }
}

/// A password, and the one-time code where it came with it.
pub(crate) struct Password {
    pub(crate) password: SecretString,
    pub(crate) code: Option<SecretString>,
}

/// The user name: as given, else prompted for.
pub(crate) fn email(
    given: Option<String>,
    interactivity: Interactivity,
) -> Result<String, InputError> {
    if let Some(email) = given {
        return Ok(email);
    }
    interactivity.require_for(settings::EMAIL)?;
    let line = read_line("Email: ")?;
    match line.trim() {
        "" => Err(InputError::Empty("e-mail address")),
        email => Ok(email.to_owned()),
    }
}

/// Fails, before anything is sent, where the password would have to be prompted for and there is no
/// terminal.
pub(crate) fn ensure_password_available(
    source: &PasswordSource,
    interactivity: Interactivity,
) -> Result<(), InputError> {
    match source {
        PasswordSource::Prompt => interactivity.require_for(settings::PASSWORD),
        PasswordSource::Given(_)
        | PasswordSource::Stdin
        | PasswordSource::StdinWithCode
        | PasswordSource::File(_) => Ok(()),
    }
}

/// The password. The prompt names the account and the host that will receive the password.
pub(crate) fn password(
    source: PasswordSource,
    email: &str,
    host: &str,
) -> Result<Password, InputError> {
    let password = match source {
        PasswordSource::Given(password) => password,
        PasswordSource::Stdin => secret::from_stdin("the password")?,
        PasswordSource::StdinWithCode => {
            let (password, code) = secret::two_from_stdin("the password")?;
            return Ok(Password { password, code });
        }
        PasswordSource::File(path) => secret::from_file(&path, "the password")?,
        PasswordSource::Prompt => {
            let (email, host) = (escape(email), escape(host));
            read_password(&format!("Password for {email} at {host}: "))?
        }
    };
    Ok(Password {
        password,
        code: None,
    })
}
