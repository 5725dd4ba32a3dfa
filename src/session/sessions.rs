//! The saved sessions of the user: chosen, read, saved, renewed, removed.

use std::time::Duration;

use super::error::SessionError;
use super::index::{Entry, Index, newer_version};
use super::record::{Session, SignedInSession};
use super::records::{self, RecordKey, Records};
use super::sealing_keys::SealingKeys;
use crate::args::StoreKind;
use crate::config::{SessionChoice, Variables};
use crate::deadline::Deadline;
use crate::escape;
use crate::keyring::KeyringError;
use crate::state::{FileLock, Replacement, SILENTLY, StateError, StateFolder, reached};
use crate::verify::Claims;

/// The file with the index.
const INDEX: &str = "sessions.json";

/// The saved sessions.
pub(crate) struct Sessions {
    records: Records,
}

/// Where a sign-in will be kept.
#[derive(Clone, Debug)]
pub(crate) struct ChosenStore {
    kind: StoreKind,
    /// Whether the settings name it.
    is_named: bool,
    /// Why it is not the keyring, which is used where nothing else is named.
    no_keyring: Option<KeyringError>,
}

/// A session that was saved.
pub(crate) struct Saved {
    pub(crate) session: Session,
    /// Its file, for messages.
    pub(crate) path: String,
    pub(crate) store: ChosenStore,
}

/// A renewal for which everything on this machine is ready.
#[must_use]
pub(crate) struct PreparedRenewal<'a> {
    records: &'a Records,
    entry: Entry,
    key: RecordKey,
    replacement: Replacement<'a>,
}

impl Sessions {
    /// The sessions, if any was ever saved. A keyring is waited for until `timeout`.
    pub(crate) fn open(
        variables: Variables<'_>,
        timeout: Duration,
    ) -> Result<Option<Self>, StateError> {
        let folder = StateFolder::open()?;
        Ok(folder.map(|folder| Self::of(folder, variables, timeout)))
    }

    /// The sessions, to save one in this store, or the best one. Fails, before a password is sent for
    /// nothing, where nothing can be written.
    pub(crate) fn create(
        store: Option<StoreKind>,
        variables: Variables<'_>,
        timeout: Duration,
    ) -> Result<(Self, ChosenStore), SessionError> {
        let sessions = Self::of(StateFolder::create()?, variables, timeout);
        // Each process has a name of its own, since none of them has a lock.
        let name = format!("session-save-{}", std::process::id());
        drop(sessions.records.prepare(&name, 0)?);
        let available = match store {
            Some(StoreKind::File) => Ok(()),
            store => sessions.records.keys.ensure_available(store.is_some()),
        };
        let chosen = ChosenStore {
            kind: store.unwrap_or(StoreKind::Keyring),
            is_named: store.is_some(),
            no_keyring: None,
        };
        let chosen = match available {
            Ok(()) => chosen,
            Err(error) => chosen.without_keyring(error)?,
        };
        Ok((sessions, chosen))
    }

    fn of(folder: StateFolder, variables: Variables<'_>, timeout: Duration) -> Self {
        let keys = SealingKeys::new(variables, timeout);
        Self {
            records: Records { folder, keys },
        }
    }

    /// The entries that the settings name or leave open.
    pub(crate) fn fitting(&self, choice: &SessionChoice) -> Result<Vec<Entry>, StateError> {
        Ok(self.index()?.fitting(choice))
    }

    /// The one session that the settings name. One that has ended counts where no other fits.
    pub(crate) fn choose(&self, choice: &SessionChoice) -> Result<(Entry, Session), SessionError> {
        let index = self.index()?;
        let mut found = Vec::new();
        for entry in index.fitting(choice) {
            if let Some(session) = self.read(&entry)? {
                found.push((entry, session));
            }
        }
        if found.iter().any(|(_, session)| session.is_alive()) {
            found.retain(|(_, session)| session.is_alive());
        }
        match found.len() {
            0 => Err(SessionError::None(
                index.sessions.iter().map(Entry::description).collect(),
            )),
            1 => Ok(found.remove(0)),
            _ if found.iter().all(|(_, session)| !session.is_alive()) => Ok(found.remove(0)),
            _ => {
                let entries: Vec<_> = found.iter().map(|(entry, _)| entry).collect();
                Err(SessionError::Ambiguous(Entry::descriptions(&entries)))
            }
        }
    }

    /// The one session that the settings name, to end it: one whose revocation failed before too.
    pub(crate) fn choose_to_end(&self, choice: &SessionChoice) -> Result<Entry, SessionError> {
        let mut fitting = self.fitting(choice)?;
        match fitting.len() {
            1 => Ok(fitting.remove(0)),
            _ => match self.choose(choice) {
                Err(SessionError::Ambiguous(sessions)) => Err(SessionError::AmbiguousEnd(sessions)),
                chosen => Ok(chosen?.0),
            },
        }
    }

    /// The record of a session; `None` where a save was interrupted before it was written.
    pub(crate) fn read(&self, entry: &Entry) -> Result<Option<Session>, SessionError> {
        self.records.read(entry)
    }

    /// Takes the lock of a session, without which it must not be changed.
    pub(crate) fn lock(
        &self,
        entry: &Entry,
        deadline: Deadline,
        announce: fn(&str),
    ) -> Result<FileLock, StateError> {
        let name = format!("session-{}", entry.id);
        let lock = self.records.folder.lock(&name, deadline, announce)?;
        reached("session locked");
        Ok(lock)
    }

    /// Keeps a sign-in, in place of an earlier one of the same account, whichever store has that.
    pub(crate) fn save(
        &self,
        sign_in: &SignedInSession<'_>,
        claims: &Claims,
        mut store: ChosenStore,
        deadline: Deadline,
        announce: fn(&str),
    ) -> Result<Saved, SessionError> {
        let mut session = Session::new(sign_in, claims);
        let mut entry = Entry::of(&session, store.kind).ok_or(StateError::NoFolder)?;
        let _lock = self.lock(&entry, deadline, announce)?;
        let index = self.index()?;
        let old = index.sessions.iter().find(|old| old.id == entry.id);
        // A record that can no longer be read is replaced too.
        if let Some(Ok(Some(old))) = old.map(|old| self.read(old)) {
            session.follow(old.generation);
        }
        let key = self.key_for(&mut entry, old, &mut store)?;
        let content = Records::encode(&entry, &key, &session)?;
        let name = records::name(&entry);
        let prepared = self.records.prepare(&name, content.len())?;
        self.change_index(deadline, |index| index.put(entry.clone()))?;
        if let Some(old) = old.filter(|old| old.store != entry.store) {
            self.records.remove(old)?;
        }
        prepared.commit(&content)?;
        self.records.folder.remove(&mark(&entry.id))?;
        let path = escape::path(&self.records.folder.path_of(&name));
        Ok(Saved {
            session,
            path,
            store,
        })
    }

    /// The key for a record that is saved: the present one's, else a new one. A keyring that does not
    /// take it is replaced by a file, unless the settings name it.
    fn key_for(
        &self,
        entry: &mut Entry,
        old: Option<&Entry>,
        store: &mut ChosenStore,
    ) -> Result<RecordKey, KeyringError> {
        let same = old.filter(|old| old.store == entry.store);
        if let Some(Ok(key)) = same.map(|same| self.records.key_of(same)) {
            return Ok(key);
        }
        self.records.new_key(entry).or_else(|error| {
            *store = store.clone().without_keyring(error)?;
            entry.store = store.kind;
            Ok(None)
        })
    }

    /// Finds everything that could go wrong on this machine, before a refresh token is sent.
    pub(crate) fn prepare(
        &self,
        entry: &Entry,
        session: &Session,
    ) -> Result<PreparedRenewal<'_>, SessionError> {
        let key = self.records.key_of(entry)?;
        let size = Records::encode(entry, &key, session)?.len();
        Ok(PreparedRenewal {
            records: &self.records,
            entry: entry.clone(),
            key,
            replacement: self.records.prepare(&records::name(entry), size)?,
        })
    }

    /// Whether an earlier process sent the refresh token of this record, and was killed before it
    /// had stored the response.
    pub(crate) fn was_interrupted(
        &self,
        entry: &Entry,
        session: &Session,
    ) -> Result<bool, StateError> {
        let Some(mark) = self.records.folder.read(&mark(&entry.id))? else {
            return Ok(false);
        };
        let generation = std::str::from_utf8(&mark).ok();
        let generation = generation.and_then(|text| text.trim().parse::<u64>().ok());
        Ok(generation.is_none_or(|generation| generation == session.generation))
    }

    /// Completes the replacement of a record that a killed process had written whole, if there is
    /// one.
    pub(crate) fn complete_interrupted(
        &self,
        entry: &Entry,
        session: &Session,
    ) -> Result<Option<Session>, StateError> {
        let (folder, name) = (&self.records.folder, records::name(entry));
        let Ok(Some(bytes)) = folder.read_unfinished(&name) else {
            return Ok(None);
        };
        // What was not cut off yet are the zeros of the space that was reserved.
        let end = bytes.iter().rposition(|byte| *byte != 0);
        let content = &bytes[..end.map_or(0, |end| end + 1)];
        let next = self.records.decode(entry, content).ok();
        let Some(next) = next.filter(|next| next.generation > session.generation) else {
            return Ok(None);
        };
        folder.complete(&name, content.len())?;
        folder.remove(&mark(&entry.id))?;
        Ok(Some(next))
    }

    /// Writes a record where no token was spent for it.
    pub(crate) fn write(&self, entry: &Entry, session: &Session) -> Result<(), SessionError> {
        let key = self.records.key_of(entry)?;
        let content = Records::encode(entry, &key, session)?;
        let prepared = self.records.prepare(&records::name(entry), content.len())?;
        Ok(prepared.commit(&content)?)
    }

    /// Removes a session.
    pub(crate) fn remove(&self, entry: &Entry, deadline: Deadline) -> Result<(), StateError> {
        self.records.remove(entry)?;
        self.records.folder.remove(&mark(&entry.id))?;
        self.change_index(deadline, |index| {
            index.sessions.retain(|one| one.id != entry.id);
        })
    }

    fn index(&self) -> Result<Index, StateError> {
        let Some(bytes) = self.records.folder.read(INDEX)? else {
            return Ok(Index::default());
        };
        let index = Index::parse(&bytes);
        let index = index.map_err(|problem| self.records.unreadable(INDEX, &bytes, problem))?;
        // To write it again would lose what this padlock does not know.
        match newer_version(&bytes) {
            Some(_) => Err(self.records.unreadable(INDEX, &bytes, String::new())),
            None => Ok(index),
        }
    }

    fn change_index(
        &self,
        deadline: Deadline,
        change: impl FnOnce(&mut Index),
    ) -> Result<(), StateError> {
        let _lock = self.records.folder.lock(INDEX, deadline, SILENTLY)?;
        let mut index = self.index()?;
        change(&mut index);
        self.records.folder.write(INDEX, &index.to_json())
    }
}

impl ChosenStore {
    /// A file instead, unless the settings name the keyring.
    fn without_keyring(self, error: KeyringError) -> Result<Self, KeyringError> {
        if self.is_named {
            return Err(error);
        }
        Ok(Self {
            kind: StoreKind::File,
            no_keyring: Some(error),
            ..self
        })
    }

    /// What a person should know of the store, besides the path of the file.
    pub(crate) fn remark(&self) -> String {
        match (self.kind, &self.no_keyring) {
            (StoreKind::Keyring, _) => ", encrypted with a key in the keyring".to_owned(),
            (StoreKind::File, Some(error)) => format!(", since {error}"),
            (StoreKind::File, None) => String::new(),
        }
    }
}

impl PreparedRenewal<'_> {
    /// Notes, on the disk, that the refresh token of this record is about to be sent.
    pub(crate) fn mark(&self, session: &Session) -> Result<(), StateError> {
        let generation = session.generation.to_string();
        let folder = &self.records.folder;
        folder.write(&mark(&self.entry.id), generation.as_bytes())?;
        reached("renewal marked");
        Ok(())
    }

    /// Stores the record that the response led to.
    pub(crate) fn commit(self, session: &Session) -> Result<(), SessionError> {
        let content = Records::encode(&self.entry, &self.key, session)?;
        self.replacement.commit(&content)?;
        self.records.folder.remove(&mark(&self.entry.id))?;
        reached("mark removed");
        Ok(())
    }

    /// Takes the note back: the tenant has not used the refresh token.
    pub(crate) fn unmark(&self) -> Result<(), StateError> {
        self.records.folder.remove(&mark(&self.entry.id))
    }
}

/// The file that says that a renewal is in flight.
fn mark(id: &str) -> String {
    format!("session-{id}.renewing")
}
