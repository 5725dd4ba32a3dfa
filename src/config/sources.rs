//! Which source a setting comes from: a flag beats the environment, the environment beats the file.

use secrecy::{ExposeSecret, SecretString};

use super::env_file::EnvFile;
use super::{ConfigError, Variables};

/// How high a source ranks; the higher comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Flag,
    Environment,
    File,
}

/// What settings are taken from, besides the flags.
pub(super) struct Sources<'a> {
    pub(super) variables: Variables<'a>,
    pub(super) file: EnvFile,
}

impl Sources<'_> {
    /// A setting and the rank of its source. An empty value says that the setting is not wanted, whatever stands in
    /// sources below.
    pub(super) fn ranked(
        &self,
        flag: Option<&str>,
        variable: &'static str,
    ) -> Result<Option<(Rank, String)>, ConfigError> {
        if let Some(value) = flag {
            return Ok(Some((Rank::Flag, value.to_owned())).filter(|_| !value.is_empty()));
        }
        let found = self.lookup(variable)?;
        Ok(found
            .map(|(rank, value)| (rank, value.expose_secret().to_owned()))
            .filter(|(_, value)| !value.is_empty()))
    }

    /// A setting that is no secret.
    pub(super) fn text(
        &self,
        flag: Option<&str>,
        variable: &'static str,
    ) -> Result<Option<String>, ConfigError> {
        Ok(self.ranked(flag, variable)?.map(|(_, value)| value))
    }

    /// A secret setting, empty where it is set and empty.
    pub(super) fn secret(
        &self,
        variable: &'static str,
    ) -> Result<Option<SecretString>, ConfigError> {
        Ok(self.lookup(variable)?.map(|(_, value)| value))
    }

    fn lookup(&self, variable: &'static str) -> Result<Option<(Rank, SecretString)>, ConfigError> {
        if let Some(value) = (self.variables)(variable) {
            let value = value.into_string().map_err(|_| ConfigError::Invalid {
                name: variable.into(),
                problem: "its value is not UTF-8".into(),
            })?;
            return Ok(Some((Rank::Environment, value.into())));
        }
        Ok(self
            .file
            .value(variable)
            .map(|value| (Rank::File, value.clone())))
    }
}
