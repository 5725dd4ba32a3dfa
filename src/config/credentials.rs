//! Where the password and the one-time code come from.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::missing::Missing;
use super::tenant_sources::TenantSources;
use crate::args::{Factor, SecondFactorArgs};
use crate::escape;
use crate::input::{CodeSource, PasswordSource, secret};
use crate::redact::known;
use crate::settings;
use crate::totp::TotpSecret;

/// Who signs in.
#[derive(Debug)]
pub(crate) struct CredentialSources {
    /// `None`: prompt for it.
    pub(crate) email: Option<String>,
    pub(crate) password: PasswordSource,
}

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
    pub(super) command: Option<String>,
    pub(super) code_from_stdin: bool,
}

impl CredentialSources {
    pub(super) fn load(
        email: Option<String>,
        password: PasswordFlags,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            email: sources.text(email, settings::EMAIL)?,
            password: password.source(sources)?,
        })
    }

    /// Notes what a person would be asked for.
    pub(super) fn require(&self, missing: &mut Missing) {
        missing.require(self.email.as_ref(), settings::EMAIL);
        let password = (!self.password.is_prompt()).then_some(());
        missing.require(password, settings::PASSWORD);
    }
}

impl PasswordFlags {
    /// Where the password comes from.
    pub(super) fn source(
        self,
        sources: &TenantSources<'_, '_>,
    ) -> Result<PasswordSource, ConfigError> {
        let report = sources.report;
        if self.stdin {
            report.origin(settings::PASSWORD, "--password-stdin");
            return Ok(if self.code_from_stdin {
                PasswordSource::StdinWithCode
            } else {
                PasswordSource::Stdin
            });
        }
        if self.file.is_some() {
            let path = sources.path(self.file, settings::PASSWORD_FILE)?;
            return Ok(path.map_or(PasswordSource::Prompt, PasswordSource::File));
        }
        if let Some(command) = self.command {
            report.origin(settings::PASSWORD, "--password-command");
            return Ok(PasswordSource::Command(command));
        }
        if let Some(password) = self.password {
            report.flag(settings::PASSWORD, true);
            let password = not_empty(&password, "--password")?;
            return Ok(PasswordSource::Given(password));
        }
        let Some(found) = sources.find(&[settings::PASSWORD, settings::PASSWORD_FILE])? else {
            return Ok(PasswordSource::Prompt);
        };
        if found.setting == settings::PASSWORD_FILE {
            return Ok(PasswordSource::File(found.path()?));
        }
        let password = not_empty(&found.secret()?, settings::PASSWORD.variable)?;
        Ok(PasswordSource::Given(password))
    }
}

impl SecondFactor {
    /// `password_from_stdin`: the code is then the second line of the same input.
    pub(super) fn load(
        args: SecondFactorArgs,
        password_from_stdin: bool,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let (factor, is_typed) = (args.factor, args.totp_secret_file.is_some());
        let code = code_source(args, password_from_stdin, sources)?;
        let is_otp = factor.is_none_or(|factor| factor == Factor::Otp);
        if !is_otp && is_typed {
            let message = "--totp-secret-file can only be combined with --factor otp";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        Ok(Self {
            factor,
            code: match code {
                CodeSource::Totp(_) if !is_otp => CodeSource::Prompt,
                code => code,
            },
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

fn code_source(
    args: SecondFactorArgs,
    password_from_stdin: bool,
    sources: &TenantSources<'_, '_>,
) -> Result<CodeSource, ConfigError> {
    let origin = |flag: &str| sources.report.origin(settings::OTP, flag);
    if args.otp_stdin {
        origin("--otp-stdin");
        return Ok(if password_from_stdin {
            CodeSource::Prompt
        } else {
            CodeSource::Stdin
        });
    }
    if let Some(command) = args.otp_command {
        origin("--otp-command");
        return Ok(CodeSource::Command(command));
    }
    if let Some(code) = args.otp {
        origin("--otp");
        if is_blank(&code) {
            return Err(ConfigError::Empty("--otp"));
        }
        return Ok(CodeSource::Given(not_empty(&code, "--otp")?));
    }
    if args.totp_secret_file.is_some() {
        let path = sources.path(args.totp_secret_file, settings::TOTP_SECRET_FILE)?;
        return path.map_or(Ok(CodeSource::Prompt), |path| totp(&path, sources));
    }
    match sources.find(&[settings::OTP, settings::TOTP_SECRET_FILE])? {
        None => Ok(CodeSource::Prompt),
        Some(found) if found.setting == settings::TOTP_SECRET_FILE => totp(&found.path()?, sources),
        Some(found) => {
            let code = Some(found.secret()?).filter(|code| !is_blank(code));
            Ok(code.map_or(CodeSource::Prompt, CodeSource::Given))
        }
    }
}

fn totp(path: &Path, sources: &TenantSources<'_, '_>) -> Result<CodeSource, ConfigError> {
    let what = "the TOTP secret";
    let text = secret::from_file(path, what, sources.deadline)?;
    let secret = TotpSecret::parse(&text).map_err(|problem| {
        let name = format!("{what} in {}", escape::path(path));
        ConfigError::invalid(name, problem.to_string())
    })?;
    Ok(CodeSource::Totp(secret))
}

/// Spaces around a code are no part of it.
fn is_blank(code: &SecretString) -> bool {
    code.expose_secret().trim().is_empty()
}

/// A secret that must not be empty; `name` is its flag or variable.
fn not_empty(secret: &SecretString, name: &'static str) -> Result<SecretString, ConfigError> {
    let problem = match secret::clean(secret.expose_secret()) {
        Ok("") => return Err(ConfigError::Empty(name)),
        Ok(clean) => return Ok(known(clean.into())),
        Err(problem) => problem,
    };
    Err(ConfigError::invalid(name, problem))
}
