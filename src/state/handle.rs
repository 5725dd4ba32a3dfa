//! Opens and creates files below an open folder, for the user alone. The folder's handle decides
//! which folder that is, not its path, which someone could change in between.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use super::error::StateError;
use crate::escape;

#[cfg(unix)]
use rustix::fs::{AtFlags, Mode, OFlags};

/// What a path is expected to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    File,
    Folder,
}

/// Fails where the file is of another type, belongs to another user, or where other users can read
/// or change it.
pub(super) fn check(file: &File, path: &Path, expected: Expected) -> Result<(), StateError> {
    let found = file.metadata().map_err(StateError::io("read", path))?;
    let (is_expected, name) = match expected {
        Expected::File => (found.is_file(), "file"),
        Expected::Folder => (found.is_dir(), "folder"),
    };
    if !is_expected {
        return Err(StateError::NotPlain {
            path: escape::path(path),
            expected: name,
        });
    }
    check_private(&found, path, expected)
}

#[cfg(unix)]
fn check_private(found: &Metadata, path: &Path, expected: Expected) -> Result<(), StateError> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let word = escape::shell_word(path);
    let not_private = |problem, command| StateError::NotPrivate {
        path: escape::path(path),
        problem,
        command,
    };
    if found.uid() != user {
        let command = format!("chown {user} {word}");
        return Err(not_private("it belongs to another user", command));
    }
    if found.mode() & 0o077 != 0 {
        let mode = if expected == Expected::File {
            "600"
        } else {
            "700"
        };
        let problem = match found.mode() & 0o022 {
            0 => "other users can read it",
            _ => "other users can change it",
        };
        return Err(not_private(problem, format!("chmod {mode} {word}")));
    }
    Ok(())
}

/// Elsewhere the user's profile folder is private.
#[cfg(not(unix))]
fn check_private(_: &Metadata, _: &Path, _: Expected) -> Result<(), StateError> {
    Ok(())
}

/// Creates the folder and those above it, for the user alone.
#[cfg(unix)]
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)
}

#[cfg(unix)]
pub(super) fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Opens a file to read it, without following a link or waiting for the writer of a pipe.
#[cfg(unix)]
pub(super) fn open(folder: &File, _path: &Path, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, name, flags, Mode::empty())?.into())
}

/// Opens a file to lock it, and creates it where it is missing.
#[cfg(unix)]
pub(super) fn open_or_create(folder: &File, _path: &Path, name: &str) -> io::Result<File> {
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    Ok(rustix::fs::openat(folder, name, flags, mode)?.into())
}

/// Creates a file that does not exist, which only the user can read from its first moment.
#[cfg(unix)]
pub(super) fn create_new(folder: &File, _path: &Path, name: &str) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    Ok(rustix::fs::openat(folder, name, flags, mode)?.into())
}

#[cfg(unix)]
pub(super) fn rename(folder: &File, _path: &Path, from: &str, to: &str) -> io::Result<()> {
    Ok(rustix::fs::renameat(folder, from, folder, to)?)
}

/// Removes a file, if it exists.
#[cfg(unix)]
pub(super) fn remove(folder: &File, _path: &Path, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Err(rustix::io::Errno::NOENT) => Ok(()),
        result => Ok(result?),
    }
}

/// Takes the space that a file will need, so that a full disk is found now.
#[cfg(target_os = "linux")]
pub(super) fn reserve(file: &mut File, bytes: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(&*file, FallocateFlags::empty(), 0, bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => fill(file, bytes),
        result => Ok(result?),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn reserve(file: &mut File, bytes: u64) -> io::Result<()> {
    fill(file, bytes)
}

/// Where the file system cannot reserve space, zeros take it.
fn fill(file: &mut File, bytes: u64) -> io::Result<()> {
    use std::io::{Seek, Write};
    let zeros = [0; 4096];
    for _ in 0..bytes.div_ceil(4096) {
        file.write_all(&zeros)?;
    }
    file.rewind()
}

#[cfg(not(unix))]
mod elsewhere {
    use std::fs::{self, File};
    use std::io::{self, ErrorKind};
    use std::path::Path;

    pub(in crate::state) fn create_folder(path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    /// A folder cannot be opened there; its path stands for it.
    pub(in crate::state) fn open_folder(path: &Path) -> io::Result<File> {
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("folder"))
    }

    pub(in crate::state) fn open(_: &File, path: &Path, name: &str) -> io::Result<File> {
        File::open(path.join(name))
    }

    pub(in crate::state) fn open_or_create(_: &File, path: &Path, name: &str) -> io::Result<File> {
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(name))
    }

    pub(in crate::state) fn create_new(_: &File, path: &Path, name: &str) -> io::Result<File> {
        File::options()
            .write(true)
            .create_new(true)
            .open(path.join(name))
    }

    pub(in crate::state) fn rename(_: &File, path: &Path, from: &str, to: &str) -> io::Result<()> {
        fs::rename(path.join(from), path.join(to))
    }

    pub(in crate::state) fn remove(_: &File, path: &Path, name: &str) -> io::Result<()> {
        match fs::remove_file(path.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

#[cfg(not(unix))]
pub(super) use elsewhere::{
    create_folder, create_new, open, open_folder, open_or_create, remove, rename,
};
