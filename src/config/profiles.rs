//! All profiles, each with the tenant and the application that it names.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::load_context::LoadContext;
use super::profile;
use super::report::Report;
use super::settings_file::SettingsFile;
use super::source::{Source, SourceKind, SourceTenant};
use super::tenant::TenantRef;
use crate::input::read::bounded;
use crate::input::secret::LIMIT;
use crate::settings;

/// A profile.
pub(crate) struct Profile {
    /// Escaped.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) names: Result<Named, ConfigError>,
}

/// What a profile names.
#[derive(Default)]
pub(crate) struct Named {
    pub(crate) tenant: Option<TenantRef>,
    pub(crate) client_id: Option<String>,
}

/// All profiles, by name.
pub(crate) fn profiles(context: &LoadContext<'_>) -> Vec<Profile> {
    let profiles = profile::all().into_iter();
    let profile = |(name, file): (String, PathBuf)| Profile {
        names: named(&file, context.report),
        name,
        file,
    };
    profiles.map(profile).collect()
}

fn named(path: &Path, report: &Report) -> Result<Named, ConfigError> {
    profile::ensure_not_dangling(path)?;
    let bytes = profile::open_plain(path).and_then(|file| bounded(file, LIMIT));
    let bytes = bytes.map_err(ConfigError::unreadable("the settings file", path))?;
    let file = SettingsFile::parse(&bytes, path, report)?;
    let source = Source::file(SourceKind::Profile, crate::escape::path(path), file);
    let tenant = match source.tenant()? {
        SourceTenant::Named(_, tenant) => Some(tenant),
        SourceTenant::None | SourceTenant::Empty => None,
    };
    let client_id = source.one_of(&[settings::CLIENT_ID])?;
    let client_id = client_id.map(|(setting, value)| source.identifier(setting, &value));
    Ok(Named {
        tenant,
        client_id: client_id.transpose()?.filter(|id| !id.is_empty()),
    })
}
