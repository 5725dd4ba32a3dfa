//! Collects every setting that is missing, so that one run names them all.

use super::error::ConfigError;
use crate::settings::Setting;

/// The settings that are missing so far.
#[derive(Default)]
pub(super) struct Missing(Vec<Setting>);

impl Missing {
    /// The value; where it is missing, that is noted.
    pub(super) fn require<T>(&mut self, value: Option<T>, setting: Setting) -> Option<T> {
        if value.is_none() && !self.0.contains(&setting) {
            self.0.push(setting);
        }
        value
    }

    /// The value; where settings for it are missing, these are noted. Any other error is returned.
    pub(super) fn collect<T>(
        &mut self,
        result: Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(ConfigError::Missing(settings)) => {
                for setting in settings {
                    self.require(None::<()>, setting);
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Fails if anything is missing.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.0.as_slice() {
            [] => Ok(()),
            settings => Err(ConfigError::Missing(settings.to_vec())),
        }
    }

    /// Fails if several settings are missing. A single one is reported where it is needed, which may
    /// know more about it.
    pub(super) fn check_several(&self) -> Result<(), ConfigError> {
        match self.0.as_slice() {
            [] | [_] => Ok(()),
            settings => Err(ConfigError::Missing(settings.to_vec())),
        }
    }

    /// The error that names what is missing.
    pub(super) fn into_error(self) -> ConfigError {
        ConfigError::Missing(self.0)
    }
}
