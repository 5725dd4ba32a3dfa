//! The file of a profile that `setup` writes: read, and replaced only as it was read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::load_context::LoadContext;
use super::profile;
use super::profile_text::{ASKED, repaired};
use super::report::Report;
use super::settings_file::SettingsFile;
use super::source::{Source, SourceKind, SourceTenant};
use super::tenant::TenantRef;
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::bounded;
use crate::input::secret::{LIMIT, utf8};
use crate::settings::Setting;
use crate::state::{StateError, StateFolder};

/// How long another process may take to write the file.
const WRITING: Duration = Duration::from_secs(5);

/// The file of a profile.
pub(crate) struct ProfileFile {
    pub(crate) path: PathBuf,
    /// What it has now, if it exists.
    pub(super) old: Option<Old>,
}

/// What a profile has.
pub(super) struct Old {
    bytes: Zeroizing<Vec<u8>>,
    /// Every line of it can be read.
    pub(super) text: Zeroizing<String>,
    file: SettingsFile,
    pub(super) tenant: Option<OldTenant>,
    /// What cannot be read, and becomes of it.
    pub(super) repairs: Option<String>,
}

/// The tenant that the file names.
pub(super) enum OldTenant {
    Named(TenantRef),
    /// Not a valid one, so that the rest may be any other tenant's.
    Invalid,
}

impl OldTenant {
    pub(super) fn is(&self, tenant: &TenantRef) -> bool {
        matches!(self, Self::Named(named) if named.is_same(tenant))
    }
}

impl ProfileFile {
    /// The file of this profile, read if it exists.
    pub(crate) fn open(name: Option<&str>, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let path = profile::path_to_write(name.unwrap_or(profile::DEFAULT), "--profile")?;
        Self::read(path, context.report)
    }

    /// The same file as it is now.
    pub(crate) fn reopen(&self, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        Self::read(self.path.clone(), context.report)
    }

    fn read(path: PathBuf, report: &Report) -> Result<Self, ConfigError> {
        let bytes = content(&path).map_err(ConfigError::unreadable("the settings file", &path))?;
        let old = bytes.map(|bytes| Old::parse(bytes, &path, report));
        Ok(Self {
            old: old.transpose()?,
            path,
        })
    }

    /// Whether something would be replaced.
    pub(crate) fn exists(&self) -> bool {
        self.old.is_some()
    }

    /// What of it cannot be read.
    pub(crate) fn repairs(&self) -> Option<&str> {
        self.old.as_ref()?.repairs.as_deref()
    }

    /// The error of a run that may not replace it.
    pub(crate) fn exists_error(&self) -> ConfigError {
        let file = escape::path(&self.path);
        ConfigError::ProfileExists { file }
    }

    /// The error where it is not as it was read.
    pub(crate) fn changed_error(&self) -> ConfigError {
        if !self.exists() {
            return self.exists_error();
        }
        let file = escape::path(&self.path);
        ConfigError::ProfileChanged { file }
    }

    /// Fails where the file could not be written.
    pub(crate) fn ensure_writable(&self) -> Result<(), StateError> {
        let (folder, name) = self.place()?;
        let _lock = folder.lock_whole(Deadline::after(WRITING))?;
        folder.prepare(name, 1).map(drop)
    }

    /// Replaces the file as a whole, or leaves it as it is: `false` where it is not as it was read.
    pub(crate) fn replace(&self, content: &[u8]) -> Result<bool, StateError> {
        let (folder, name) = self.place()?;
        let _lock = folder.lock_whole(Deadline::after(WRITING))?;
        let found = self::content(&self.path).map_err(StateError::io("read", &self.path))?;
        if found != self.old.as_ref().map(|old| old.bytes.clone()) {
            return Ok(false);
        }
        folder.write(name, content)?;
        Ok(true)
    }

    fn place(&self) -> Result<(StateFolder, &str), StateError> {
        let name = self.path.file_name().and_then(|name| name.to_str());
        let (Some(folder), Some(name)) = (self.path.parent(), name) else {
            let problem = std::io::Error::other("its name is not UTF-8");
            return Err(StateError::io("written", &self.path)(problem));
        };
        Ok((StateFolder::of_settings(folder.to_owned())?, name))
    }
}

/// The content of a plain file, if it exists. A pipe would be waited for.
fn content(path: &Path) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    use std::io::ErrorKind;
    match profile::open_plain(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        file => bounded(file?, LIMIT).map(Some),
    }
}

impl Old {
    fn parse(bytes: Zeroizing<Vec<u8>>, path: &Path, report: &Report) -> Result<Self, ConfigError> {
        let is_text = utf8(&bytes).and_then(|text| {
            if text.contains('\0') {
                return Err("it contains a NUL character, as UTF-16 text does");
            }
            Ok(text)
        });
        let (text, repairs) = match is_text {
            Ok(text) => repaired(text),
            Err(problem) => (Zeroizing::default(), vec![format!("all of it ({problem})")]),
        };
        let file = SettingsFile::parse(text.as_bytes(), path, report)?;
        let source = Source::file(SourceKind::Profile, escape::path(path), file.clone());
        let tenant = match source.tenant() {
            Ok(SourceTenant::Named(_, tenant)) => Some(OldTenant::Named(tenant)),
            // Its name may be among the lines that cannot be read.
            Ok(_) if repairs.is_empty() => None,
            _ => Some(OldTenant::Invalid),
        };
        Ok(Self {
            repairs: (!repairs.is_empty()).then(|| repairs.join(", ")),
            bytes,
            text,
            file,
            tenant,
        })
    }

    /// The value of a setting.
    pub(super) fn value(&self, setting: Setting) -> Option<&str> {
        let value = self.file.value(setting.variable)?;
        Some(value.expose_secret())
    }

    /// The values of the settings that are asked for. A tenant that is not valid is asked for again.
    pub(super) fn asked(&self) -> Vec<(Setting, SecretString)> {
        let is_invalid = matches!(self.tenant, Some(OldTenant::Invalid));
        let asked = ASKED.into_iter();
        let asked = asked.filter(|setting| !(is_invalid && setting.names_tenant()));
        let value = |setting: Setting| Some((setting, self.file.value(setting.variable)?.clone()));
        asked.filter_map(value).collect()
    }

    /// The settings that are not asked for, in the order of their lines.
    pub(super) fn others(&self) -> Vec<Setting> {
        let mut others = Vec::new();
        let settings = self.text.lines().filter_map(SettingsFile::setting_of);
        for setting in settings.copied() {
            if !ASKED.contains(&setting) && !others.contains(&setting) {
                others.push(setting);
            }
        }
        others
    }
}
