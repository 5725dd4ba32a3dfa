//! The records of sessions in files of the state folder, one for each: plain, or sealed with a key
//! from the keyring.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::error::SessionError;
use super::index::{Entry, newer_version};
use super::record::Session;
use super::sealed::{self, SealingKey};
use super::sealing_keys::SealingKeys;
use crate::args::StoreKind;
use crate::escape;
use crate::keyring::KeyringError;
use crate::state::{Replacement, StateError, StateFolder};

/// Bytes that the record of a session may grow by at a renewal: the longest response, as text in
/// JSON, encrypted and in base64, and some more.
const GROWTH: u64 = 3 << 20;

/// The records of sessions.
pub(super) struct Records {
    pub(super) folder: StateFolder,
    pub(super) keys: SealingKeys,
}

/// The key that the record of a session is sealed with, if it is.
pub(super) type RecordKey = Option<Rc<SealingKey>>;

/// The file of a session.
pub(super) fn name(entry: &Entry) -> String {
    let id = &entry.id;
    match entry.store {
        StoreKind::File => format!("session-{id}.json"),
        StoreKind::Keyring => format!("session-{id}.sealed"),
    }
}

impl Records {
    /// The record of a session; `None` where a save was interrupted before it was written.
    pub(super) fn read(&self, entry: &Entry) -> Result<Option<Session>, SessionError> {
        let bytes = self.folder.read(&name(entry))?;
        bytes.map(|bytes| self.decode(entry, &bytes)).transpose()
    }

    /// The record in the content of a session's file.
    pub(super) fn decode(&self, entry: &Entry, content: &[u8]) -> Result<Session, SessionError> {
        let name = name(entry);
        let session = match entry.store {
            StoreKind::File => Session::parse(content),
            StoreKind::Keyring => {
                let key = self.key_in(entry, content)?;
                let opened = key.open(&entry.id, content).ok_or_else(|| {
                    let problem = "it was not sealed for this session with the key in the keyring";
                    self.unreadable(&name, content, problem.to_owned())
                })?;
                Session::parse(&opened)
            }
        };
        let session = session.map_err(|problem| self.unreadable(&name, content, problem))?;
        session.remember_secrets();
        if session.is_newer() {
            return Err(session.newer_error());
        }
        Ok(session)
    }

    /// The key that the present record of a session is sealed with.
    pub(super) fn key_of(&self, entry: &Entry) -> Result<RecordKey, SessionError> {
        if entry.store == StoreKind::File {
            return Ok(None);
        }
        let content = self.folder.read(&name(entry))?.unwrap_or_default();
        self.key_in(entry, &content).map(Some)
    }

    /// A key for the first record of a session in this store.
    pub(super) fn new_key(&self, entry: &Entry) -> Result<RecordKey, KeyringError> {
        match entry.store {
            StoreKind::File => Ok(None),
            StoreKind::Keyring => self.keys.create(&entry.label()).map(Some),
        }
    }

    fn key_in(&self, entry: &Entry, content: &[u8]) -> Result<Rc<SealingKey>, SessionError> {
        let id = sealed::key_id(content);
        let id = id.map_err(|problem| self.unreadable(&name(entry), content, problem))?;
        let key = self.keys.find(&id)?;
        key.ok_or_else(|| SessionError::NoKey(entry.shown_account()))
    }

    /// The content of a session's file.
    pub(super) fn encode(
        entry: &Entry,
        key: &RecordKey,
        session: &Session,
    ) -> Result<Zeroizing<Vec<u8>>, SessionError> {
        let record = session.to_json();
        match key {
            None => Ok(record),
            Some(key) => key.seal(&entry.id, &record).ok_or(SessionError::NotSealed),
        }
    }

    /// Takes the space for the next record of a session, whose present one has `size` bytes.
    pub(super) fn prepare(&self, name: &str, size: usize) -> Result<Replacement<'_>, StateError> {
        self.folder.prepare(name, size as u64 + GROWTH)
    }

    /// Removes the record of a session and its key. A key that cannot be removed opens nothing any
    /// more.
    pub(super) fn remove(&self, entry: &Entry) -> Result<(), StateError> {
        let name = name(entry);
        let content = match entry.store {
            StoreKind::File => None,
            StoreKind::Keyring => self.folder.read(&name).ok().flatten(),
        };
        self.folder.remove(&name)?;
        let id = content.and_then(|content| sealed::key_id(&content).ok());
        id.and_then(|id| self.keys.remove(&id).ok());
        Ok(())
    }

    /// Why a file of this content cannot be used.
    pub(super) fn unreadable(&self, name: &str, content: &[u8], problem: String) -> StateError {
        let path = escape::path(&self.folder.path_of(name));
        match newer_version(content) {
            Some(version) => StateError::Newer { path, version },
            None => StateError::Damaged { path, problem },
        }
    }
}
