//! Profiles: settings files by name, in padlock's configuration folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use crate::escape;

const EXTENSION: &str = ".env";

/// The file of a profile, which must exist; `source` is the flag or the variable that names it.
pub(super) fn file(profile: &str, source: &'static str) -> Result<PathBuf, ConfigError> {
    let invalid = |problem| ConfigError::invalid(source, problem);
    // Not a path, which could lead out of the folder.
    let is_path = profile.contains(['/', '\\', '\0']);
    if profile.is_empty() || profile.starts_with('.') || is_path {
        return Err(invalid("expected a name such as staging, not a path"));
    }
    let folder = folder().ok_or_else(|| invalid("there is no home folder for profiles"))?;
    let file = folder.join(format!("{profile}{EXTENSION}"));
    if file.exists() {
        return Ok(file);
    }
    Err(ConfigError::NoProfile {
        file: escape::path(&file),
        existing: existing(&folder),
    })
}

/// The file that is read where nothing else names a tenant, if it exists.
pub(super) fn default_file() -> Option<PathBuf> {
    let file = folder()?.join("default.env");
    file.exists().then_some(file)
}

fn folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "padlock")?;
    Some(folders.config_dir().to_owned())
}

/// The names of all profiles.
fn existing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let name = name.strip_suffix(EXTENSION)?;
        let is_profile = !name.is_empty() && !name.starts_with('.');
        is_profile.then(|| escape::escape(name).into_owned())
    };
    let mut names: Vec<_> = entries.filter_map(name).collect();
    names.sort_unstable();
    names
}
