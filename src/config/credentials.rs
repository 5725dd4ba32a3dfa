//! Where the password and the one-time code come from.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::source::Sources;
use crate::args::{Factor, SecondFactorArgs};
use crate::input::{CodeSource, PasswordSource};
use crate::settings;

/// Which second factor to use, and where its code comes from.
#[derive(Debug)]
pub(crate) struct SecondFactor {
    pub(crate) factor: Option<Factor>,
    pub(crate) code: CodeSource,
}

/// What flags say about the password.
pub(super) struct PasswordFlags {
    pub(super) password: Option<SecretString>,
    pub(super) stdin: bool,
    pub(super) file: Option<PathBuf>,
    pub(super) code_from_stdin: bool,
}

impl PasswordFlags {
    /// Where the password comes from.
    pub(super) fn source(self, sources: &Sources<'_>) -> Result<PasswordSource, ConfigError> {
        if self.stdin {
            return Ok(if self.code_from_stdin {
                PasswordSource::StdinWithCode
            } else {
                PasswordSource::Stdin
            });
        }
        if let Some(path) = self.file {
            return Ok(PasswordSource::File(path));
        }
        if let Some(password) = self.password {
            let password = not_empty(password, "--password")?;
            return Ok(PasswordSource::Given(password));
        }
        let Some(password) = sources.secret(settings::PASSWORD)? else {
            return Ok(PasswordSource::Prompt);
        };
        let password = not_empty(password, settings::PASSWORD.variable)?;
        Ok(PasswordSource::Given(password))
    }
}

impl SecondFactor {
    /// `password_from_stdin`: the code is then the second line of the same input.
    pub(super) fn load(
        args: SecondFactorArgs,
        password_from_stdin: bool,
        sources: &Sources<'_>,
    ) -> Result<Self, ConfigError> {
        let code = if args.otp_stdin && password_from_stdin {
            CodeSource::Prompt
        } else if args.otp_stdin {
            CodeSource::Stdin
        } else if let Some(command) = args.otp_command {
            CodeSource::Command(command)
        } else if let Some(code) = args.otp {
            CodeSource::Given(not_empty(code, "--otp")?)
        } else {
            match sources.secret(settings::OTP)? {
                Some(code) if !code.expose_secret().is_empty() => CodeSource::Given(code),
                _ => CodeSource::Prompt,
            }
        };
        Ok(Self {
            factor: args.factor,
            code,
        })
    }
}

impl SecondFactor {
    /// The same with a code that came along with the password.
    pub(crate) fn with_code(self, code: Option<SecretString>) -> Self {
        let code = code.map_or(self.code, CodeSource::Given);
        Self { code, ..self }
    }
}

fn not_empty(secret: SecretString, name: &'static str) -> Result<SecretString, ConfigError> {
    if secret.expose_secret().is_empty() {
        return Err(ConfigError::Empty(name));
    }
    Ok(secret)
}
