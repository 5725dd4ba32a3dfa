//! Where the person's password and one-time code come from.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::ConfigError;
use super::sources::Sources;
use crate::args::{Factor, LoginArgs};

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

/// Which second factor is wanted, and where its code comes from.
#[derive(Debug)]
pub(crate) struct SecondFactor {
    pub(crate) factor: Option<Factor>,
    pub(crate) code: CodeSource,
}

/// Where a one-time code comes from, should one be needed.
#[derive(Clone, Debug)]
pub(crate) enum CodeSource {
    Given(SecretString),
    Stdin,
    /// What a shell's command prints.
    Command(String),
    Prompt,
}

pub(super) fn password(
    args: &LoginArgs,
    sources: &Sources<'_>,
) -> Result<PasswordSource, ConfigError> {
    refuse_two_readers(args)?;
    if args.password_stdin {
        let with_code = args.second_factor.otp_stdin;
        return Ok(if with_code {
            PasswordSource::StdinWithCode
        } else {
            PasswordSource::Stdin
        });
    }
    if let Some(path) = &args.password_file {
        return Ok(PasswordSource::File(path.clone()));
    }
    if let Some(password) = &args.password {
        return given(password.clone(), "--password", "the password").map(PasswordSource::Given);
    }
    match sources.secret("PADLOCK_PASSWORD")? {
        Some(password) => {
            given(password, "PADLOCK_PASSWORD", "the password").map(PasswordSource::Given)
        }
        None => Ok(PasswordSource::Prompt),
    }
}

pub(super) fn second_factor(
    args: &LoginArgs,
    sources: &Sources<'_>,
) -> Result<SecondFactor, ConfigError> {
    let code = match &args.second_factor {
        // The second line, if there is one, comes with the password.
        of if of.otp_stdin && args.password_stdin => CodeSource::Prompt,
        of if of.otp_stdin => CodeSource::Stdin,
        of if of.otp_command.is_some() => {
            CodeSource::Command(of.otp_command.clone().unwrap_or_default())
        }
        of => match (&of.otp, sources.secret("PADLOCK_OTP")?) {
            (Some(code), _) => {
                CodeSource::Given(given(code.clone(), "--otp", "the one-time code")?)
            }
            (None, Some(code)) if !code.expose_secret().is_empty() => CodeSource::Given(code),
            _ => CodeSource::Prompt,
        },
    };
    Ok(SecondFactor {
        factor: args.second_factor.factor,
        code,
    })
}

/// Only one reader of standard input knows where it ends.
fn refuse_two_readers(args: &LoginArgs) -> Result<(), ConfigError> {
    let secret_from_stdin = args
        .tenant
        .client_secret_file
        .as_ref()
        .is_some_and(|path| path.as_os_str() == "-");
    let second = "--client-secret-file -";
    match (args.password_stdin, args.second_factor.otp_stdin) {
        (true, _) if secret_from_stdin => Err(ConfigError::StdinTwice {
            first: "--password-stdin",
            second,
        }),
        (_, true) if secret_from_stdin => Err(ConfigError::StdinTwice {
            first: "--otp-stdin",
            second,
        }),
        _ => Ok(()),
    }
}

fn given(secret: SecretString, name: &str, what: &str) -> Result<SecretString, ConfigError> {
    if secret.expose_secret().is_empty() {
        return Err(ConfigError::Invalid {
            name: name.into(),
            problem: format!("{what} is empty"),
        });
    }
    Ok(secret)
}
