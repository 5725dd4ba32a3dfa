//! A source of settings below the flags: a file, or the environment.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::load_context::Variables;
use super::settings_file::SettingsFile;
use super::tenant::{self, TenantRef};
use crate::args;
use crate::settings::{self, Setting};

/// The variable by which systemd names the folder with a service's credentials.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The kind of a source; each overrides those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceKind {
    Flag,
    /// The file that `--env-file` names.
    EnvFile,
    /// The file of the profile that `--profile` names.
    Profile,
    Environment,
    /// The file of the profile that `PADLOCK_PROFILE` names.
    ProfileVariable,
    /// `.env` in the working directory.
    DotEnv,
    /// `default.env` in the configuration folder.
    Default,
    /// A saved session, which names its own tenant.
    Session,
}

/// A source of settings below the flags.
pub(super) struct Source<'a> {
    pub(super) kind: SourceKind,
    /// Its name in messages.
    pub(super) name: String,
    values: Values<'a>,
}

enum Values<'a> {
    Environment(Variables<'a>),
    File(SettingsFile),
    /// The files in the folder of systemd, which belong to the tenant that the environment names.
    Credentials {
        folder: PathBuf,
        environment: Variables<'a>,
    },
}

/// The tenant that a source names.
pub(super) enum SourceTenant {
    None,
    /// The setting is empty, so that no source below names the tenant either.
    Empty,
    Named(Setting, TenantRef),
}

impl<'a> Source<'a> {
    pub(super) fn environment(variables: Variables<'a>) -> Self {
        Self {
            kind: SourceKind::Environment,
            name: "the environment".to_owned(),
            values: Values::Environment(variables),
        }
    }

    /// The credentials that systemd gives to a service (systemd.exec(5)), if it gives any.
    pub(super) fn credentials(environment: Variables<'a>) -> Option<Self> {
        let folder = PathBuf::from(environment(CREDENTIALS_DIRECTORY)?);
        folder.is_absolute().then(|| Self {
            kind: SourceKind::Environment,
            name: format!("${CREDENTIALS_DIRECTORY}"),
            values: Values::Credentials {
                folder,
                environment,
            },
        })
    }

    pub(super) fn file(kind: SourceKind, name: String, file: SettingsFile) -> Self {
        Self {
            kind,
            name,
            values: Values::File(file),
        }
    }

    /// The value of the one of these settings that is set; an empty value counts only where no other
    /// is set. They are forms of one setting, so that two values contradict each other.
    pub(super) fn one_of(
        &self,
        forms: &[Setting],
    ) -> Result<Option<(Setting, SecretString)>, ConfigError> {
        let mut found: Option<(Setting, SecretString)> = None;
        for setting in forms {
            let Some(value) = self.value(*setting)? else {
                continue;
            };
            match &found {
                Some((first, one)) if !is_empty(one) && !is_empty(&value) => {
                    return Err(ConfigError::Combination(format!(
                        "{} and {} are both set in {}; keep one of them",
                        first.variable, setting.variable, self.name
                    )));
                }
                Some(_) if is_empty(&value) => {}
                _ => found = Some((*setting, value)),
            }
        }
        Ok(found)
    }

    /// The tenant that the source names.
    pub(super) fn tenant(&self) -> Result<SourceTenant, ConfigError> {
        let Some((setting, value)) = self.one_of(&[settings::DOMAIN, settings::ISSUER])? else {
            return Ok(SourceTenant::None);
        };
        let text = self.identifier(setting, &value)?;
        let tenant = match text.as_str() {
            // A template that was not filled in, which may come with a repository, unsets nothing.
            "" if self.kind == SourceKind::DotEnv => return Ok(SourceTenant::None),
            "" => return Ok(SourceTenant::Empty),
            text if setting == settings::DOMAIN => TenantRef::Auth0(tenant::auth0(text)?),
            text => TenantRef::issuer(text)?,
        };
        Ok(SourceTenant::Named(setting, tenant))
    }

    /// A value that is no secret.
    pub(super) fn identifier(
        &self,
        setting: Setting,
        value: &SecretString,
    ) -> Result<String, ConfigError> {
        let checked = args::without_control_characters(value.expose_secret());
        checked.map_err(|problem| self.invalid(setting, problem))
    }

    /// A setting of this source that is not valid.
    pub(super) fn invalid(&self, setting: Setting, problem: impl Into<String>) -> ConfigError {
        ConfigError::invalid(self.name_of(setting), problem)
    }

    /// A setting of this source, in messages.
    pub(super) fn name_of(&self, setting: Setting) -> String {
        match (&self.values, credential(setting)) {
            (Values::Credentials { .. }, Some(name)) => format!("{}/{name}", self.name),
            _ => format!("{} in {}", setting.variable, self.name),
        }
    }

    fn variable(
        &self,
        setting: Setting,
        variables: Variables<'_>,
    ) -> Result<Option<SecretString>, ConfigError> {
        let value = variables(setting.variable).map(std::ffi::OsString::into_string);
        let value = value.transpose();
        let value = value.map_err(|_| self.invalid(setting, "its value is not UTF-8"))?;
        Ok(value.map(SecretString::from))
    }

    /// The path of a credential, where there is one.
    fn credential(
        &self,
        setting: Setting,
        file: &Path,
    ) -> Result<Option<SecretString>, ConfigError> {
        if file.symlink_metadata().is_err() {
            return Ok(None);
        }
        let path = file.to_str().map(SecretString::from);
        let problem = "its path is not UTF-8";
        path.map(Some).ok_or_else(|| self.invalid(setting, problem))
    }

    fn value(&self, setting: Setting) -> Result<Option<SecretString>, ConfigError> {
        match &self.values {
            Values::Environment(variables) => self.variable(setting, variables),
            Values::Credentials {
                folder,
                environment,
            } => match credential(setting) {
                Some(name) => self.credential(setting, &folder.join(name)),
                None if setting.names_tenant() => self.variable(setting, environment),
                None => Ok(None),
            },
            Values::File(file) => Ok(file.value(setting.variable).cloned()),
        }
    }
}

/// The name of the credential that is this setting.
fn credential(setting: Setting) -> Option<&'static str> {
    let credentials = [
        (settings::PASSWORD_FILE, "password"),
        (settings::CLIENT_SECRET_FILE, "client-secret"),
        (settings::TOTP_SECRET_FILE, "totp-secret"),
    ];
    let mut credentials = credentials.into_iter();
    credentials.find_map(|(one, name)| (one == setting).then_some(name))
}

pub(super) fn is_empty(value: &SecretString) -> bool {
    value.expose_secret().is_empty()
}

#[cfg(test)]
impl SourceKind {
    /// All kinds, from the highest to the lowest.
    pub(super) const ALL: [Self; 7] = [
        Self::Flag,
        Self::EnvFile,
        Self::Profile,
        Self::Environment,
        Self::ProfileVariable,
        Self::DotEnv,
        Self::Default,
    ];
}
