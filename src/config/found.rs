//! A setting's value, and the source that it came from.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::dot_env;
use super::error::ConfigError;
use super::permissions::warn_if_others_can_read;
use super::report::Report;
use super::source::{Source, SourceKind};
use crate::input::secret;
use crate::redact::known;
use crate::settings::{Kind, Setting};

/// A setting's value, and its source.
pub(super) struct Found<'s, 'a> {
    pub(super) setting: Setting,
    pub(super) value: SecretString,
    pub(super) source: &'s Source<'a>,
    pub(super) report: &'a Report,
}

impl Found<'_, '_> {
    /// A value that is no secret.
    pub(super) fn text(&self) -> Result<String, ConfigError> {
        self.source.identifier(self.setting, &self.value)
    }

    /// A secret without a byte order mark and one line ending; may be empty.
    pub(super) fn secret(&self) -> Result<SecretString, ConfigError> {
        let clean = secret::clean(self.value.expose_secret());
        let clean = clean.map_err(|problem| self.invalid(problem))?;
        Ok(known(clean.into()))
    }

    /// The path of a file.
    pub(super) fn path(&self) -> Result<PathBuf, ConfigError> {
        let path = Path::new(self.value.expose_secret());
        let path = match self.source.kind {
            SourceKind::DotEnv => dot_env::named_file(path),
            _ => Ok(path.to_owned()),
        };
        let path = path.map_err(|problem| self.invalid(problem))?;
        warn_about_secret_file(self.setting, &path, self.report);
        Ok(path)
    }

    /// This setting is not valid.
    pub(super) fn invalid(&self, problem: impl Into<String>) -> ConfigError {
        self.source.invalid(self.setting, problem)
    }
}

/// Warns if this is the path of a secret that others can read.
pub(super) fn warn_about_secret_file(setting: Setting, path: &Path, report: &Report) {
    if setting.kind == Kind::SecretFile {
        warn_if_others_can_read(path, setting.what, report);
    }
}
