//! The user's state folder, and the files in it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::StateError;
use super::fault::reached;
use super::handle::{self, Expected, check};
use super::lock::{FileLock, SILENTLY};
use crate::deadline::Deadline;
use crate::folders;

/// Bytes of the largest file that is read.
const LIMIT: u64 = 32 << 20;

/// What is added to a file's name while its replacement is being written.
const NEW: &str = ".new";

/// The user's state folder, which is open, and private to the user.
#[derive(Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
    handle: File,
}

impl StateFolder {
    /// The folder, if it exists.
    pub(crate) fn open() -> Result<Option<Self>, StateError> {
        Self::open_at(folders::state().ok_or(StateError::NoFolder)?)
    }

    /// The folder, created where it is missing.
    pub(crate) fn create() -> Result<Self, StateError> {
        Self::create_at(folders::state().ok_or(StateError::NoFolder)?)
    }

    /// A folder of files that are written by hand too, such as settings: others may list it, and
    /// the files that are written here are private.
    pub(crate) fn of_settings(path: PathBuf) -> Result<Self, StateError> {
        let handle = handle::open_folder(&path);
        let handle = handle.or_else(|_| {
            handle::create_folder(&path)?;
            handle::open_folder(&path)
        });
        let handle = handle.map_err(StateError::io("created", &path))?;
        Ok(Self { path, handle })
    }

    pub(super) fn open_at(path: PathBuf) -> Result<Option<Self>, StateError> {
        let handle = match handle::open_folder(&path) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            handle => handle.map_err(StateError::io("opened", &path))?,
        };
        if cfg!(unix) {
            check(&handle, &path, Expected::Folder)?;
        }
        Ok(Some(Self { path, handle }))
    }

    pub(super) fn create_at(path: PathBuf) -> Result<Self, StateError> {
        if let Some(folder) = Self::open_at(path.clone())? {
            return Ok(folder);
        }
        let created = handle::create_folder(&path).and_then(|()| handle::open_folder(&path));
        let handle = created.map_err(StateError::io("created", &path))?;
        if cfg!(unix) {
            check(&handle, &path, Expected::Folder)?;
        }
        Ok(Self { path, handle })
    }

    /// The path of a file, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The content of a file, if it exists.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        let path = self.path_of(name);
        let file = match handle::open(&self.handle, &self.path, name) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| not_opened(error, &path))?,
        };
        check(&file, &path, Expected::File)?;
        let unreadable = StateError::io("read", &path);
        let length = file.metadata().map_err(&unreadable)?.len();
        let capacity = usize::try_from(length.min(LIMIT)).unwrap_or_default();
        // With room for all of it, no copy of a part is left in memory.
        let mut content = Zeroizing::new(Vec::with_capacity(capacity + 1));
        file.take(LIMIT + 1)
            .read_to_end(&mut content)
            .map_err(&unreadable)?;
        if content.len() as u64 > LIMIT {
            return Err(StateError::TooLarge {
                path: crate::escape::path(&path),
                limit: LIMIT,
            });
        }
        Ok(Some(content))
    }

    /// Takes the exclusive lock of this name, or waits for it until the deadline. `announce` is called
    /// once where that takes long.
    pub(crate) fn lock(
        &self,
        name: &str,
        deadline: Deadline,
        announce: fn(&str),
    ) -> Result<FileLock, StateError> {
        let name = format!("{name}.lock");
        let path = self.path_of(&name);
        let file = handle::open_or_create(&self.handle, &self.path, &name);
        let file = file.map_err(|error| not_opened(error, &path))?;
        check(&file, &path, Expected::File)?;
        FileLock::wait(file, &path, deadline, announce)
    }

    /// Takes the exclusive lock of the folder itself, which leaves no file in it. `None` on a file
    /// system without locks of folders.
    pub(crate) fn lock_whole(&self, deadline: Deadline) -> Result<Option<FileLock>, StateError> {
        let own = handle::open_folder(&self.path).map_err(StateError::io("opened", &self.path))?;
        match FileLock::wait(own, &self.path, deadline, SILENTLY) {
            Err(StateError::Io { .. }) => Ok(None),
            lock => lock.map(Some),
        }
    }

    /// Prepares to replace a file, or to create it: the new file exists, is private, and has `room`
    /// bytes of space. Only one process at a time may do so, which a lock has to ensure.
    pub(crate) fn prepare(&self, name: &str, room: u64) -> Result<Replacement<'_>, StateError> {
        let temporary = format!("{name}{NEW}");
        let path = self.path_of(&temporary);
        // An earlier process may have been killed before it was done.
        self.delete(&temporary)?;
        let file = handle::create_new(&self.handle, &self.path, &temporary);
        let file = file.map_err(StateError::io("created", &path))?;
        reached("new file created");
        let mut replacement = Replacement {
            folder: self,
            name: name.to_owned(),
            temporary,
            file,
            is_done: false,
        };
        let reserved = handle::reserve(&mut replacement.file, room);
        reserved.map_err(StateError::io("written", &path))?;
        reached("space reserved");
        Ok(replacement)
    }

    /// Writes a file at once, where nothing is lost if that fails.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), StateError> {
        self.prepare(name, content.len() as u64)?.commit(content)
    }

    /// What an interrupted replacement of a file had written, whole or not.
    pub(crate) fn read_unfinished(
        &self,
        name: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
        self.read(&format!("{name}{NEW}"))
    }

    /// Completes an interrupted replacement of a file, which had written all of its content: what
    /// follows is space that was reserved.
    pub(crate) fn complete(&self, name: &str, length: usize) -> Result<(), StateError> {
        let temporary = format!("{name}{NEW}");
        let unwritten = StateError::io("written", &self.path_of(name));
        let file = handle::open_or_create(&self.handle, &self.path, &temporary);
        let cut = file.and_then(|file| {
            file.set_len(length as u64)?;
            file.sync_all()
        });
        cut.map_err(&unwritten)?;
        let renamed = handle::rename(&self.handle, &self.path, &temporary, name);
        renamed.map_err(&unwritten)?;
        self.sync()
    }

    /// Removes a file, if it exists.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StateError> {
        self.delete(&format!("{name}{NEW}"))?;
        self.delete(name)?;
        self.sync()
    }

    /// The names of all files.
    pub(crate) fn names(&self) -> Result<Vec<String>, StateError> {
        let unreadable = StateError::io("read", &self.path);
        let entries = fs::read_dir(&self.path).map_err(&unreadable)?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(&unreadable)?.file_name();
            names.extend(name.into_string());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn delete(&self, name: &str) -> Result<(), StateError> {
        let deleted = handle::remove(&self.handle, &self.path, name);
        deleted.map_err(StateError::io("removed", &self.path_of(name)))
    }

    /// Makes the names of files last through a crash of the machine.
    fn sync(&self) -> Result<(), StateError> {
        let synced = if cfg!(unix) {
            self.handle.sync_all()
        } else {
            Ok(())
        };
        synced.map_err(StateError::io("written", &self.path))
    }
}

/// Why a file could not be opened. std has no stable name for what `O_NOFOLLOW` says of a link.
fn not_opened(error: std::io::Error, path: &Path) -> StateError {
    if path.is_symlink() || path.is_dir() {
        return StateError::NotPlain {
            path: crate::escape::path(path),
            expected: "file",
        };
    }
    StateError::io("opened", path)(error)
}

/// A file that is about to be replaced. Dropped without [`Replacement::commit`], it leaves the old
/// file as it was.
#[derive(Debug)]
#[must_use]
pub(crate) struct Replacement<'a> {
    folder: &'a StateFolder,
    name: String,
    temporary: String,
    file: File,
    is_done: bool,
}

impl Replacement<'_> {
    /// Puts the content in the place of the old file. On return it is on the disk.
    pub(crate) fn commit(mut self, content: &[u8]) -> Result<(), StateError> {
        let folder = self.folder;
        let unwritten = StateError::io("written", &folder.path_of(&self.name));
        self.file.write_all(content).map_err(&unwritten)?;
        reached("new file written");
        self.file
            .set_len(content.len() as u64)
            .map_err(&unwritten)?;
        self.file.sync_all().map_err(&unwritten)?;
        reached("new file synced");
        handle::rename(&folder.handle, &folder.path, &self.temporary, &self.name)
            .map_err(&unwritten)?;
        self.is_done = true;
        reached("new file renamed");
        folder.sync()?;
        reached("folder synced");
        Ok(())
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            drop(self.folder.delete(&self.temporary));
        }
    }
}
