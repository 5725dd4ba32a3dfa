//! `.env` in the working directory. It may come with a cloned repository, so it counts only as far
//! as other users cannot have written it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::permissions::{changeable_by_others, is_group_writable};
use super::report::Report;
use super::settings_file::SettingsFile;
use crate::input::read::bounded;
use crate::input::secret::LIMIT;

/// The file's path, from the working directory.
pub(super) const PATH: &str = ".env";

/// Its name in messages.
pub(super) const NAME: &str = "./.env";

/// Reads `.env`, if it exists and only this user and root can have written it.
pub(super) fn load(report: &Report) -> Result<Option<SettingsFile>, ConfigError> {
    let path = Path::new(PATH);
    let file = match open_trusted(path, report) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ConfigError::unreadable("the settings file", path)(error)),
    };
    let bytes = bounded(file, LIMIT).map_err(ConfigError::unreadable("the settings file", path))?;
    SettingsFile::parse(&bytes, path, report).map(Some)
}

/// A file that `.env` names: a plain file below the working directory, links resolved.
pub(super) fn named_file(path: &Path) -> Result<PathBuf, String> {
    let file = fs::canonicalize(path).map_err(|error| error.to_string())?;
    if !is_below_working_directory(&file) {
        return Err(format!("a file that {NAME} names must be below its folder"));
    }
    if !file.is_file() {
        return Err("it is not a plain file".to_owned());
    }
    Ok(file)
}

fn open_trusted(path: &Path, report: &Report) -> io::Result<Option<File>> {
    let metadata = match fs::metadata(path) {
        // A link in a circle, or one whose target cannot be read.
        Err(error) if error.kind() != ErrorKind::NotFound && path.is_symlink() => {
            note_ignored("it is a link that leads nowhere", report);
            return Ok(None);
        }
        metadata => metadata?,
    };
    if metadata.is_dir() {
        // A Python environment may have this name.
        return Ok(None);
    }
    if !is_trusted(&metadata, path, report) {
        return Ok(None);
    }
    let file = open(path)?;
    // The file may have been replaced since.
    let is_trusted = is_trusted(&file.metadata()?, path, report);
    Ok(is_trusted.then_some(file))
}

/// Opens without waiting for the writer of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let flags = i32::try_from(flags).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

fn is_trusted(metadata: &Metadata, path: &Path, report: &Report) -> bool {
    let mut problems = changeable_by_others(metadata, PATH);
    if !metadata.is_file() {
        problems = vec!["it is not a plain file".to_owned()];
    } else if !fs::canonicalize(path).is_ok_and(|file| is_below_working_directory(&file)) {
        problems.push("it is a link to a file outside of its folder".to_owned());
    }
    if !problems.is_empty() {
        note_ignored(&problems.join(", and "), report);
        return false;
    }
    if is_group_writable(metadata) {
        report.note(format!(
            "warning: the members of its group can change {NAME}; to prevent that: chmod g-w .env"
        ));
    }
    true
}

fn note_ignored(reason: &str, report: &Report) {
    report.note(format!(
        "warning: {NAME} is ignored, since {reason}; to read it anyway: --env-file .env"
    ));
}

fn is_below_working_directory(file: &Path) -> bool {
    fs::canonicalize(".").is_ok_and(|folder| file.starts_with(folder))
}
