//! Which source a setting comes from: flags override the environment, which overrides the file.

use std::ffi::OsString;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::dotenv::SettingsFile;
use super::error::ConfigError;
use crate::args::SettingsFileArgs;
use crate::deadline::Deadline;
use crate::redact::known;
use crate::settings::Setting;

/// Looks up one variable of the environment.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The kind of a source; one overrides those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Flag,
    Environment,
    File,
}

/// The environment and the settings file.
pub(super) struct Sources<'a> {
    variables: Variables<'a>,
    pub(super) file: SettingsFile,
    /// When the run has to end, whatever is still to be read.
    pub(super) deadline: Deadline,
}

impl<'a> Sources<'a> {
    /// Reads the settings file. The deadline starts now; `timeout` in seconds.
    pub(super) fn load(
        args: &SettingsFileArgs,
        timeout: f64,
        variables: Variables<'a>,
    ) -> Result<Self, ConfigError> {
        let deadline = Deadline::after(Duration::from_secs_f64(timeout));
        let file = SettingsFile::load(args, deadline)?;
        Ok(Self {
            variables,
            file,
            deadline,
        })
    }

    /// A setting and the rank of its source. An empty value unsets it, whatever the sources below say.
    pub(super) fn ranked(
        &self,
        flag: Option<String>,
        setting: Setting,
    ) -> Result<Option<(Rank, String)>, ConfigError> {
        let found = match flag {
            Some(value) => Some((Rank::Flag, value)),
            None => self
                .lookup(setting)?
                .map(|(rank, value)| (rank, value.expose_secret().to_owned())),
        };
        Ok(found.filter(|(_, value)| !value.is_empty()))
    }

    /// A setting that is not a secret.
    pub(super) fn text(
        &self,
        flag: Option<String>,
        setting: Setting,
    ) -> Result<Option<String>, ConfigError> {
        Ok(self.ranked(flag, setting)?.map(|(_, value)| value))
    }

    /// A secret setting, empty where it is set and empty.
    pub(super) fn secret(&self, setting: Setting) -> Result<Option<SecretString>, ConfigError> {
        Ok(self.lookup(setting)?.map(|(_, value)| known(value)))
    }

    fn lookup(&self, setting: Setting) -> Result<Option<(Rank, SecretString)>, ConfigError> {
        let name = setting.variable;
        if let Some(value) = (self.variables)(name) {
            let value = value.into_string();
            let value = value.map_err(|_| ConfigError::invalid(name, "its value is not UTF-8"))?;
            return Ok(Some((Rank::Environment, value.into())));
        }
        let value = self.file.value(name);
        Ok(value.map(|value| (Rank::File, value.clone())))
    }
}
