//! Where the person's password comes from.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::ConfigError;
use super::sources::Sources;
use crate::args::LoginArgs;

/// Where the password comes from.
#[derive(Debug)]
pub(crate) enum PasswordSource {
    Given(SecretString),
    Stdin,
    File(PathBuf),
    Prompt,
}

pub(super) fn password(args: &LoginArgs, sources: &Sources<'_>) -> Result<PasswordSource, ConfigError> {
    refuse_two_readers(args)?;
    if args.password_stdin {
        return Ok(PasswordSource::Stdin);
    }
    if let Some(path) = &args.password_file {
        return Ok(PasswordSource::File(path.clone()));
    }
    if let Some(password) = &args.password {
        return given(password.clone(), "--password", "the password").map(PasswordSource::Given);
    }
    match sources.secret("PADLOCK_PASSWORD")? {
        Some(password) => given(password, "PADLOCK_PASSWORD", "the password").map(PasswordSource::Given),
        None => Ok(PasswordSource::Prompt),
    }
}

/// Only one reader of standard input knows where it ends.
fn refuse_two_readers(args: &LoginArgs) -> Result<(), ConfigError> {
    let secret_from_stdin = args.tenant.client_secret_file.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if args.password_stdin && secret_from_stdin {
        return Err(ConfigError::StdinTwice { first: "--password-stdin", second: "--client-secret-file -" });
    }
    Ok(())
}

fn given(secret: SecretString, name: &str, what: &str) -> Result<SecretString, ConfigError> {
    if secret.expose_secret().is_empty() {
        return Err(ConfigError::Invalid { name: name.into(), problem: format!("{what} is empty") });
    }
    Ok(secret)
}
