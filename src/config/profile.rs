//! Profiles: settings files by name, in padlock's configuration folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use crate::escape;
use crate::folders;

const EXTENSION: &str = ".env";

/// The profile that is read where nothing else names a tenant.
pub(super) const DEFAULT: &str = "default";

/// The file of a profile, which must exist; `source` is the flag or the variable that names it.
pub(super) fn file(profile: &str, source: &'static str) -> Result<PathBuf, ConfigError> {
    let file = path(profile, source)?;
    ensure_not_dangling(&file)?;
    if file.exists() {
        return Ok(file);
    }
    Err(ConfigError::NoProfile {
        file: escape::path(&file),
        existing: all().into_iter().map(|(name, _)| name).collect(),
    })
}

/// Bytes of a new name: a file's name may have 255, with `.env.new` after it.
const LONGEST_NAME: usize = 240;

/// The file of a profile that may be created. A link to a file elsewhere stays one.
pub(super) fn path_to_write(profile: &str, source: &'static str) -> Result<PathBuf, ConfigError> {
    let path = path(profile, source)?;
    ensure_not_dangling(&path)?;
    if let Ok(path) = fs::canonicalize(&path) {
        return Ok(path);
    }
    let problem = if profile.starts_with('-') {
        "expected a name that does not begin with -, as flags do"
    } else if profile.ends_with(EXTENSION) {
        "expected a name without .env, which is added to it"
    } else if profile.chars().any(char::is_control) {
        "it contains a control character"
    } else if profile.len() > LONGEST_NAME {
        "it is longer than 240 bytes"
    } else {
        return Ok(path);
    };
    Err(ConfigError::invalid(source, problem))
}

/// Fails where this is a link to nothing.
pub(super) fn ensure_not_dangling(path: &Path) -> Result<(), ConfigError> {
    match fs::read_link(path) {
        Ok(target) if !path.exists() => Err(ConfigError::DanglingProfile {
            file: escape::path(path),
            target: escape::path(&target),
        }),
        _ => Ok(()),
    }
}

/// Opens a profile, which is a plain file: a pipe would be waited for.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    File::open(path)
}

/// The file of a profile, whether it exists or not.
fn path(profile: &str, source: &'static str) -> Result<PathBuf, ConfigError> {
    let invalid = |problem| ConfigError::invalid(source, problem);
    // Not a path, which could lead out of the folder.
    let is_path = profile.contains(['/', '\\', '\0']);
    if profile.is_empty() || profile.starts_with('.') || is_path {
        return Err(invalid("expected a name such as staging, not a path"));
    }
    let folder =
        folders::config().ok_or_else(|| invalid("there is no home folder for profiles"))?;
    Ok(folder.join(format!("{profile}{EXTENSION}")))
}

/// The file that is read where nothing else names a tenant, if it exists.
pub(super) fn default_file() -> Option<PathBuf> {
    let file = folders::config()?.join(format!("{DEFAULT}{EXTENSION}"));
    file.exists().then_some(file)
}

/// The names of all profiles, escaped, and their files.
pub(super) fn all() -> Vec<(String, PathBuf)> {
    let entries = folders::config().and_then(|folder| fs::read_dir(folder).ok());
    let profile = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let name = name.strip_suffix(EXTENSION)?;
        let is_profile = !name.is_empty() && !name.starts_with('.');
        is_profile.then(|| (escape::escape(name).into_owned(), entry.path()))
    };
    let entries = entries.into_iter().flatten().flatten();
    let mut profiles: Vec<_> = entries.filter_map(profile).collect();
    profiles.sort_unstable();
    profiles
}
