//! What is asked of the person: e-mail address, password, codes; from flags, files, standard input or the terminal.

mod choice;
mod code;
mod waiting;

pub(crate) use choice::choice;
pub(crate) use code::code;
pub(crate) use waiting::Waiting;

use std::io::{self, BufRead, ErrorKind, Write};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::config::{
    ConfigError, PasswordSource, read_secret, read_secret_from_stdin, read_two_secrets_from_stdin,
};
use crate::text;

/// Why what was needed could not be had from the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("no {what} is given, and nobody can be asked")]
    NotAsked {
        what: &'static str,
        flags: &'static str,
    },
    #[error("the {0} is empty")]
    Empty(&'static str),
    #[error("the {0} that was typed is not UTF-8")]
    NotUnicode(&'static str),
    #[error("the terminal could not be read")]
    Terminal(#[source] io::Error),
    #[error("the input ended before anything was entered")]
    Ended,
    #[error("interrupted")]
    Interrupted,
    #[error("none of the answers is one of those offered")]
    NoChoice,
    #[error("the command that was to give the one-time code {problem}")]
    Command { problem: String },
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
    let line = line("Email: ")?;
    let email = line.trim();
    if email.is_empty() {
        Err(InputError::Empty("e-mail address"))
    } else {
        Ok(email.to_owned())
    }
}

/// Fails if the password would have to be asked for and there is nobody to ask: before anything is sent.
pub(crate) fn password_can_be_had(
    source: &PasswordSource,
    person: Person,
) -> Result<(), InputError> {
    match source {
        PasswordSource::Prompt => present(
            person,
            "password",
            "--password-stdin or --password-file, or set PADLOCK_PASSWORD",
        ),
        _ => Ok(()),
    }
}

/// What the person knows: the password, and the one-time code where it came along.
pub(crate) struct Credentials {
    pub(crate) password: SecretString,
    pub(crate) code: Option<SecretString>,
}

/// The password. The prompt names who signs in and which host will receive the password.
pub(crate) fn password(
    source: PasswordSource,
    email: &str,
    host: &str,
) -> Result<Credentials, InputError> {
    let password = match source {
        PasswordSource::Given(password) => password,
        PasswordSource::Stdin => read_secret_from_stdin("the password")?,
        PasswordSource::StdinWithCode => {
            let (password, code) = read_two_secrets_from_stdin("the password")?;
            return Ok(Credentials { password, code });
        }
        PasswordSource::File(path) => read_secret(&path, "the password")?,
        PasswordSource::Prompt => prompt(email, host)?,
    };
    Ok(Credentials {
        password,
        code: None,
    })
}

/// Tells the person at the terminal something, on a line of its own.
pub(crate) fn tell(text: &str) -> Result<(), InputError> {
    writeln!(anstream::stderr(), "{text}").map_err(InputError::Terminal)
}

fn prompt(email: &str, host: &str) -> Result<SecretString, InputError> {
    let question = format!(
        "Password for {} at {}: ",
        text::escape(email),
        text::escape(host)
    );
    let password = rpassword::prompt_password(question)
        .map(SecretString::from)
        .map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                // The cursor still stands behind the question.
                tell("").ok();
            }
            from_terminal(error)
        })?;
    match password.expose_secret() {
        "" => Err(InputError::Empty("password")),
        // What the reader puts in the place of bytes that it does not understand: another password.
        typed if typed.contains(char::REPLACEMENT_CHARACTER) => {
            Err(InputError::NotUnicode("password"))
        }
        _ => Ok(password),
    }
}

/// One line from the terminal, visible as it is typed. At its end nobody answers any more.
fn line(question: &str) -> Result<Zeroizing<String>, InputError> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question}")
        .and_then(|()| terminal.flush())
        .map_err(InputError::Terminal)?;
    let mut line = Zeroizing::new(String::with_capacity(256));
    match io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(from_terminal)?
    {
        0 => Err(InputError::Ended),
        _ => Ok(line),
    }
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
        ErrorKind::UnexpectedEof => InputError::Ended,
        _ => InputError::Terminal(error),
    }
}
