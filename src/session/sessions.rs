//! The saved sessions of the user: chosen, read, saved, renewed, removed.

use super::error::SessionError;
use super::file_store;
use super::index::{Entry, Index, newer_version};
use super::record::{Session, SignedInSession};
use crate::args::StoreKind;
use crate::config::SessionChoice;
use crate::deadline::Deadline;
use crate::escape;
use crate::state::{FileLock, Replacement, StateError, StateFolder, reached};
use crate::verify::Claims;

/// The file with the index.
const INDEX: &str = "sessions.json";

/// The saved sessions.
pub(crate) struct Sessions {
    folder: StateFolder,
}

/// A renewal for which everything on this machine is ready.
#[must_use]
pub(crate) struct PreparedRenewal<'a> {
    sessions: &'a Sessions,
    id: String,
    replacement: Replacement<'a>,
}

impl Sessions {
    /// The sessions, if any was ever saved.
    pub(crate) fn open() -> Result<Option<Self>, StateError> {
        let folder = StateFolder::open()?;
        Ok(folder.map(|folder| Self { folder }))
    }

    /// The sessions, to save one. Fails, before a password is sent for nothing, where nothing can
    /// be written.
    pub(crate) fn create() -> Result<Self, StateError> {
        let folder = StateFolder::create()?;
        // Each process has a name of its own, since none of them has a lock.
        let name = format!("save-{}", std::process::id());
        drop(file_store::prepare(&folder, &name, 0)?);
        Ok(Self { folder })
    }

    /// The entries that the settings name or leave open.
    pub(crate) fn fitting(&self, choice: &SessionChoice) -> Result<Vec<Entry>, StateError> {
        let mut entries = self.index()?.sessions;
        entries.retain(|entry| entry.fits(choice));
        Ok(entries)
    }

    /// The one session that the settings name. One that has ended counts where no other fits.
    pub(crate) fn choose(&self, choice: &SessionChoice) -> Result<(Entry, Session), SessionError> {
        let all = self.index()?.sessions;
        let mut found = Vec::new();
        for entry in all.iter().filter(|entry| entry.fits(choice)) {
            if let Some(session) = self.read(entry)? {
                found.push((entry.clone(), session));
            }
        }
        if found.iter().any(|(_, session)| session.is_alive()) {
            found.retain(|(_, session)| session.is_alive());
        }
        match found.len() {
            0 => Err(SessionError::None(
                all.iter().map(Entry::description).collect(),
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
            _ => Ok(self.choose(choice)?.0),
        }
    }

    /// The record of a session; `None` where a save was interrupted before it was written.
    pub(crate) fn read(&self, entry: &Entry) -> Result<Option<Session>, SessionError> {
        let bytes = match entry.store {
            StoreKind::File => file_store::read(&self.folder, &entry.id)?,
        };
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let session = Session::parse(&bytes)
            .map_err(|problem| self.unreadable(&file_store::name(&entry.id), &bytes, problem))?;
        session.remember_secrets();
        if session.is_newer() {
            return Err(session.newer_error());
        }
        Ok(Some(session))
    }

    /// Takes the lock of a session, without which it must not be changed.
    pub(crate) fn lock(&self, entry: &Entry, deadline: Deadline) -> Result<FileLock, StateError> {
        let lock = self
            .folder
            .lock(&format!("session-{}", entry.id), deadline)?;
        reached("session locked");
        Ok(lock)
    }

    /// Keeps a sign-in, in place of an earlier one of the same account. Returns the session, and
    /// where it is kept, for messages.
    pub(crate) fn save(
        &self,
        sign_in: &SignedInSession<'_>,
        claims: &Claims,
        store: StoreKind,
        deadline: Deadline,
    ) -> Result<(Session, String), SessionError> {
        let mut session = Session::new(sign_in, claims);
        let entry = Entry::of(&session, store).ok_or(StateError::NoFolder)?;
        let _lock = self.lock(&entry, deadline)?;
        // A record that can no longer be read is replaced too.
        if let Ok(Some(old)) = self.read(&entry) {
            session.follow(old.generation);
        }
        let content = session.to_json();
        let prepared = file_store::prepare(&self.folder, &entry.id, content.len())?;
        self.change_index(deadline, |index| index.put(entry.clone()))?;
        prepared.commit(&content)?;
        self.folder.remove(&mark(&entry.id))?;
        let path = self.folder.path_of(&file_store::name(&entry.id));
        Ok((session, escape::path(&path)))
    }

    /// Finds everything that could go wrong on this machine, before a refresh token is sent.
    pub(crate) fn prepare(
        &self,
        entry: &Entry,
        session: &Session,
    ) -> Result<PreparedRenewal<'_>, StateError> {
        let size = session.to_json().len();
        Ok(PreparedRenewal {
            sessions: self,
            id: entry.id.clone(),
            replacement: file_store::prepare(&self.folder, &entry.id, size)?,
        })
    }

    /// Whether an earlier process sent the refresh token of this record, and was killed before it
    /// had stored the response.
    pub(crate) fn was_interrupted(
        &self,
        entry: &Entry,
        session: &Session,
    ) -> Result<bool, StateError> {
        let Some(mark) = self.folder.read(&mark(&entry.id))? else {
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
        let name = file_store::name(&entry.id);
        let Ok(Some(bytes)) = self.folder.read_unfinished(&name) else {
            return Ok(None);
        };
        // What was not cut off yet are the zeros of the space that was reserved.
        let end = bytes.iter().rposition(|byte| *byte != 0);
        let content = &bytes[..end.map_or(0, |end| end + 1)];
        let next = Session::parse(content).ok();
        let Some(next) = next.filter(|next| next.generation > session.generation) else {
            return Ok(None);
        };
        next.remember_secrets();
        self.folder.complete(&name, content.len())?;
        self.folder.remove(&mark(&entry.id))?;
        Ok(Some(next))
    }

    /// Writes a record where no token was spent for it.
    pub(crate) fn write(&self, entry: &Entry, session: &Session) -> Result<(), StateError> {
        let content = session.to_json();
        file_store::prepare(&self.folder, &entry.id, content.len())?.commit(&content)
    }

    /// Removes a session.
    pub(crate) fn remove(&self, entry: &Entry, deadline: Deadline) -> Result<(), StateError> {
        file_store::remove(&self.folder, &entry.id)?;
        self.folder.remove(&mark(&entry.id))?;
        self.change_index(deadline, |index| {
            index.sessions.retain(|one| one.id != entry.id);
        })
    }

    fn index(&self) -> Result<Index, StateError> {
        let Some(bytes) = self.folder.read(INDEX)? else {
            return Ok(Index::default());
        };
        let index = Index::parse(&bytes);
        let index = index.map_err(|problem| self.unreadable(INDEX, &bytes, problem))?;
        // To write it again would lose what this padlock does not know.
        match newer_version(&bytes) {
            Some(_) => Err(self.unreadable(INDEX, &bytes, String::new())),
            None => Ok(index),
        }
    }

    /// Why a file of this content cannot be used.
    fn unreadable(&self, name: &str, content: &[u8], problem: String) -> StateError {
        let path = escape::path(&self.folder.path_of(name));
        match newer_version(content) {
            Some(version) => StateError::Newer { path, version },
            None => StateError::Damaged { path, problem },
        }
    }

    fn change_index(
        &self,
        deadline: Deadline,
        change: impl FnOnce(&mut Index),
    ) -> Result<(), StateError> {
        let _lock = self.folder.lock(INDEX, deadline)?;
        let mut index = self.index()?;
        change(&mut index);
        self.folder.write(INDEX, &index.to_json())
    }
}

impl PreparedRenewal<'_> {
    /// Notes, on the disk, that the refresh token of this record is about to be sent.
    pub(crate) fn mark(&self, session: &Session) -> Result<(), StateError> {
        let generation = session.generation.to_string();
        let folder = &self.sessions.folder;
        folder.write(&mark(&self.id), generation.as_bytes())?;
        reached("renewal marked");
        Ok(())
    }

    /// Stores the record that the response led to.
    pub(crate) fn commit(self, session: &Session) -> Result<(), StateError> {
        self.replacement.commit(&session.to_json())?;
        self.sessions.folder.remove(&mark(&self.id))?;
        reached("mark removed");
        Ok(())
    }

    /// Takes the note back: the tenant has not used the refresh token.
    pub(crate) fn unmark(&self) -> Result<(), StateError> {
        self.sessions.folder.remove(&mark(&self.id))
    }
}

/// The file that says that a renewal is in flight.
fn mark(id: &str) -> String {
    format!("session-{id}.renewing")
}
