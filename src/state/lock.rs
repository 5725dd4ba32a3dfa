//! An exclusive lock between the processes of a user.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::error::StateError;
use crate::deadline::Deadline;
use crate::escape;

/// The first pause between two attempts; it doubles, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(1);

const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How long a wait is kept from the person.
const ANNOUNCED_AFTER: Duration = Duration::from_secs(1);

/// For a lock that no process holds for long.
pub(crate) const SILENTLY: fn(&str) = |_| ();

/// A lock that is held until it is dropped, or until the process ends in whatever way. Its file
/// stays: if it were removed, two processes could lock two files of the same name.
#[derive(Debug)]
#[must_use]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock until the deadline, and announces a long wait. A file system without locks
    /// is an error.
    pub(super) fn wait(
        file: File,
        path: &Path,
        deadline: Deadline,
        announce: fn(&str),
    ) -> Result<Self, StateError> {
        let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
        let mut is_announced = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => {
                    return Err(StateError::io("locked", path)(error));
                }
                Err(TryLockError::WouldBlock) if deadline.remaining().is_zero() => {
                    return Err(StateError::Locked {
                        path: escape::path(path),
                        timeout: deadline.timeout(),
                    });
                }
                Err(TryLockError::WouldBlock) => {
                    if !is_announced && begun.elapsed() >= ANNOUNCED_AFTER {
                        is_announced = true;
                        let seconds = deadline.remaining().as_secs_f64().ceil();
                        announce(&format!(
                            "Waiting for another padlock process; this may take up to {seconds} s."
                        ));
                    }
                    thread::sleep(pause.min(deadline.remaining()));
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}
