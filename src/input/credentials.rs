//! The user name and the password, from wherever the settings say.

use std::path::PathBuf;

use secrecy::SecretString;

use super::command;
use super::error::InputError;
use super::interactivity::Interactivity;
use super::secret;
use super::terminal::{Answer, Question, Terminal};
use super::typed_secret::is_typed;
use crate::deadline::Deadline;
use crate::escape;
use crate::redact::known;
use crate::settings;

/// Columns of an account or a host in a prompt.
const MAX_COLUMNS: usize = 60;

/// Where the password comes from.
#[derive(Debug)]
pub(crate) enum PasswordSource {
    Given(SecretString),
    Stdin,
    /// The first line is the password, the second the one-time code.
    StdinWithCode,
    File(PathBuf),
    /// The output of a shell command.
    Command(String),
    Prompt,
}

impl PasswordSource {
    /// Whether the person types the password at a prompt.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// The same with its file read or its command run, so that an unusable one is reported before
    /// anything is sent.
    pub(crate) fn read_ahead(self, deadline: Deadline) -> Result<Self, InputError> {
        match self {
            Self::File(path) => {
                let password = secret::from_file(&path, "the password", deadline)?;
                Ok(Self::Given(password))
            }
            Self::Command(command) => {
                let password = from_command(&command, deadline)?;
                Ok(Self::Given(password))
            }
            other => Ok(other),
        }
    }

    /// Whether a program may write it yet: a command, or the file of the shell's `<(…)`.
    pub(crate) fn is_from_program(&self) -> bool {
        match self {
            Self::Command(_) => true,
            Self::File(path) => !path.is_file(),
            Self::Given(_) | Self::Stdin | Self::StdinWithCode | Self::Prompt => false,
        }
    }

    /// Whether a person or a command may take time over it, which does not count as the run's.
    pub(crate) fn takes_time(&self) -> bool {
        match self {
            Self::Prompt | Self::Stdin | Self::StdinWithCode => true,
            Self::Given(_) => false,
            Self::File(_) | Self::Command(_) => self.is_from_program(),
        }
    }
}

/// A password, and the one-time code where it came with it.
pub(crate) struct Password {
    pub(crate) password: SecretString,
    pub(crate) code: Option<SecretString>,
}

/// Fails, before anything is sent, where the e-mail address or the password would have to be
/// prompted for and there is no terminal.
pub(crate) fn ensure_available(
    email: Option<&str>,
    password: &PasswordSource,
    interactivity: Interactivity,
) -> Result<(), InputError> {
    if email.is_none() {
        interactivity.require_for(settings::EMAIL)?;
    }
    if password.is_prompt() {
        interactivity.require_for(settings::PASSWORD)?;
    }
    Ok(())
}

fn from_command(shell: &str, deadline: Deadline) -> Result<SecretString, InputError> {
    command::first_line("--password-command", "password", shell, deadline)
}

/// Who will receive a typed password, for its prompt.
#[derive(Debug)]
pub(crate) struct PasswordRecipient {
    pub(crate) host: String,
    /// The source of settings that names it, where the person did not choose it.
    pub(crate) named_by: Option<&'static str>,
}

/// The dialogue about who signs in. It opens the terminal when there is something to ask.
#[derive(Default)]
pub(crate) struct CredentialsDialogue(Option<Terminal>);

impl CredentialsDialogue {
    /// The user name: as given, else prompted for.
    pub(crate) fn email(&mut self, given: Option<String>) -> Result<String, InputError> {
        if let Some(email) = given {
            return Ok(email);
        }
        let email = self.ask(&Question {
            text: "Email: ",
            what: settings::EMAIL.what,
            answer: Answer::Visible,
        })?;
        Ok(email.to_string())
    }

    /// The password. The prompt names the account and the host that will receive the password.
    pub(crate) fn password(
        &mut self,
        source: PasswordSource,
        email: &str,
        recipient: &PasswordRecipient,
        deadline: Deadline,
    ) -> Result<Password, InputError> {
        let password = match source {
            PasswordSource::Given(password) => password,
            PasswordSource::Stdin if is_typed() => self.typed_password(email, recipient)?,
            PasswordSource::StdinWithCode if is_typed() => {
                let password = self.typed_password(email, recipient)?;
                let code = Some(self.typed_code()?);
                return Ok(Password { password, code });
            }
            PasswordSource::Stdin => secret::from_stdin("the password", deadline)?,
            PasswordSource::StdinWithCode => {
                let (password, code) = secret::two_from_stdin("the password", deadline)?;
                return Ok(Password { password, code });
            }
            PasswordSource::File(path) => secret::from_file(&path, "the password", deadline)?,
            PasswordSource::Command(command) => from_command(&command, deadline)?,
            PasswordSource::Prompt => self.typed_password(email, recipient)?,
        };
        Ok(Password {
            password,
            code: None,
        })
    }

    /// The password, typed once more after one that was wrong.
    pub(crate) fn another_password(
        &mut self,
        email: &str,
        recipient: &PasswordRecipient,
    ) -> Result<SecretString, InputError> {
        let wrong = "The e-mail address or the password is wrong; try again.";
        self.terminal()?.print(wrong, 0)?;
        self.typed_password(email, recipient)
    }

    fn typed_password(
        &mut self,
        email: &str,
        recipient: &PasswordRecipient,
    ) -> Result<SecretString, InputError> {
        let email = escape::account(email, MAX_COLUMNS);
        let host = escape::host(&recipient.host, MAX_COLUMNS);
        let source = recipient.named_by.map(|source| format!(" (from {source})"));
        let source = source.unwrap_or_default();
        let password = self.ask(&Question {
            text: &format!("Password for {email} at {host}{source}: "),
            what: settings::PASSWORD.what,
            answer: Answer::Secret,
        })?;
        Ok(known(password.as_str().into()))
    }

    /// The code that `--otp-stdin` reads after the password. It is shown, as at its own prompt.
    fn typed_code(&mut self) -> Result<SecretString, InputError> {
        let code = self.ask(&Question {
            text: "One-time code: ",
            what: settings::OTP.what,
            answer: Answer::Visible,
        })?;
        Ok(known(code.trim().into()))
    }

    fn ask(&mut self, question: &Question<'_>) -> Result<zeroize::Zeroizing<String>, InputError> {
        self.terminal()?.ask(question)
    }

    fn terminal(&mut self) -> Result<&mut Terminal, InputError> {
        let terminal = match self.0.take() {
            Some(terminal) => terminal,
            None => Terminal::open()?,
        };
        Ok(self.0.insert(terminal))
    }
}
