//! One fetch of an issuer's keys at a time, over all processes of the user, and what came of the
//! last one for a token that the keys did not fit.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::files::open_or_create_own;

/// How often a lock is tried.
const PAUSE: Duration = Duration::from_millis(5);

/// Bytes of a record, at most.
const MAX_RECORD: u64 = 1 << 10;

/// Whether this process may fetch.
#[derive(Debug)]
pub(in crate::provider) enum Lock {
    /// No other process fetches until this is dropped.
    Held(FetchLock),
    /// Another process has been fetching all the time.
    Busy,
    /// There is no folder to write to.
    Impossible,
}

/// Keeps other processes from fetching. The lock ends with the process at the latest.
#[derive(Debug)]
pub(in crate::provider) struct FetchLock(File);

/// The line in the file that is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(in crate::provider) struct FetchRecord {
    /// Seconds since 1970.
    pub(in crate::provider) fetched_at: i64,
    /// Whether it was for a token that the keys did not fit.
    pub(in crate::provider) for_token: bool,
    /// Whether it brought no keys.
    pub(in crate::provider) failed: bool,
}

impl FetchRecord {
    /// A fetch at `now` for a token that the keys did not fit.
    pub(in crate::provider) fn for_token(now: i64, failed: bool) -> Self {
        Self {
            fetched_at: now,
            for_token: true,
            failed,
        }
    }
}

/// Locks a file in a folder that exists, and waits for that as long as `patience` allows.
pub(super) fn lock(path: &Path, now: i64, patience: Duration) -> Lock {
    let Some(file) = open_or_create_own(path) else {
        return Lock::Impossible;
    };
    let started = Instant::now();
    while file.try_lock().is_err() {
        if started.elapsed() >= patience {
            return Lock::Busy;
        }
        sleep(PAUSE);
    }
    let mut lock = FetchLock(file);
    let none = FetchRecord {
        fetched_at: now,
        for_token: false,
        failed: false,
    };
    // Where nothing can be written, no process would learn of the fetches of another.
    if lock.record().is_none() && !lock.write(none) {
        return Lock::Impossible;
    }
    Lock::Held(lock)
}

impl FetchLock {
    /// The last fetch for a token, if it was in the `interval` (in seconds) before `now`.
    pub(in crate::provider) fn fetched_within(
        &mut self,
        interval: i64,
        now: i64,
    ) -> Option<FetchRecord> {
        let record = self.record().filter(|record| record.for_token)?;
        let age = now.checked_sub(record.fetched_at)?;
        (0..interval).contains(&age).then_some(record)
    }

    fn record(&mut self) -> Option<FetchRecord> {
        let mut text = Vec::new();
        self.0.seek(SeekFrom::Start(0)).ok()?;
        (&mut self.0).take(MAX_RECORD).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Replaces the record; whether that succeeded.
    pub(in crate::provider) fn write(&mut self, record: FetchRecord) -> bool {
        let write = |file: &mut File| {
            let line = serde_json::to_string(&record)? + "\n";
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(line.as_bytes())
        };
        write(&mut self.0).is_ok()
    }
}
