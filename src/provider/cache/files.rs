//! Files that are the user's alone, in a folder that no other user can write to.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Writes a temporary file and renames it, so that no reader sees half a file.
pub(super) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(std::process::id().to_string());
    let written = create(&temporary)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // An earlier process with this ID may have left one.
    drop(fs::remove_file(path));
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file for reading.
#[cfg(unix)]
pub(super) fn open_own(path: &Path) -> Option<File> {
    open(path, rustix::fs::OFlags::RDONLY)
}

/// Opens a file for reading and writing, and creates it if there is none.
#[cfg(unix)]
pub(super) fn open_or_create_own(path: &Path) -> Option<File> {
    use rustix::fs::OFlags;
    open(path, OFlags::RDWR | OFlags::CREATE)
}

/// Only if it is the user's, and no other user can write to it or its folder.
#[cfg(unix)]
fn open(path: &Path, flags: rustix::fs::OFlags) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let folder = File::open(path.parent()?).ok()?;
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR).ok()?;
    let file = File::from(file);
    (is_own(&folder) && is_own(&file) && file.metadata().is_ok_and(|found| found.is_file()))
        .then_some(file)
}

/// Creates the folder, for the user alone; false if it is not.
#[cfg(unix)]
pub(super) fn create_own_folder(path: &Path) -> bool {
    use std::os::unix::fs::DirBuilderExt;
    let created = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    created
        .and_then(|()| File::open(path))
        .is_ok_and(|folder| is_own(&folder))
}

#[cfg(unix)]
fn is_own(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    file.metadata()
        .is_ok_and(|found| found.uid() == user && found.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<File> {
    File::create(path)
}

#[cfg(not(unix))]
pub(super) fn open_own(path: &Path) -> Option<File> {
    File::open(path).ok()
}

#[cfg(not(unix))]
pub(super) fn open_or_create_own(path: &Path) -> Option<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).ok()
}

#[cfg(not(unix))]
pub(super) fn create_own_folder(path: &Path) -> bool {
    fs::create_dir_all(path).is_ok()
}
