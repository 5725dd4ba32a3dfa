//! The index of the sessions: which there are, and which store holds each. No secrets.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::record::Session;
use crate::args::StoreKind;
use crate::config::{SessionChoice, TenantRef};
use crate::escape::excerpt;

/// The format of the index that this padlock writes.
const VERSION: u32 = 1;

/// The version of a file whose other members may be unknown.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The version of a file that a later padlock wrote.
pub(super) fn newer_version(bytes: &[u8]) -> Option<u32> {
    let found = serde_json::from_slice::<Version>(bytes).ok()?;
    Some(found.version).filter(|version| *version > VERSION)
}

/// Which sessions there are.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Index {
    version: u32,
    pub(super) sessions: Vec<Entry>,
}

/// A session, as far as that helps to choose it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) store: StoreKind,
    /// The tenant's address, normalized.
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    /// `sub` of the `id_token`.
    pub(crate) subject: String,
    pub(crate) account: String,
    user_name: Option<String>,
}

impl Entry {
    /// `None` where the session names no tenant, which no sign-in saves.
    pub(super) fn of(session: &Session, store: StoreKind) -> Option<Self> {
        let tenant = session.tenant.tenant()?.identity()?;
        let key = (&tenant, &session.client_id, &session.subject);
        let key = serde_json::to_vec(&key).ok()?;
        Some(Self {
            id: URL_SAFE_NO_PAD.encode(digest(&SHA256, &key)),
            store,
            tenant,
            client_id: session.client_id.clone(),
            subject: session.subject.clone(),
            account: session.account.clone(),
            user_name: session.user_name.clone(),
        })
    }

    /// The e-mail address, else the name or the ID.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// Whether the settings name this session, or leave it open, but for the account.
    fn fits(&self, choice: &SessionChoice) -> bool {
        let tenant = choice.tenant.as_ref().map(TenantRef::identity);
        tenant.is_none_or(|tenant| tenant.as_ref() == Some(&self.tenant))
            && choice
                .client_id
                .as_ref()
                .is_none_or(|id| *id == self.client_id)
            && choice.store.is_none_or(|store| store == self.store)
    }

    /// How the name of an account names this session: the lower, the more surely. One's ID may be
    /// another's user name.
    fn rank(&self, name: &str) -> Option<u8> {
        let accounts = [Some(&self.account), self.user_name.as_ref()];
        let mut accounts = accounts.into_iter().flatten();
        if accounts.any(|account| account.eq_ignore_ascii_case(name)) {
            Some(0)
        } else if self.subject == name {
            Some(1)
        } else {
            self.subject.eq_ignore_ascii_case(name).then_some(2)
        }
    }

    /// The account for messages.
    pub(crate) fn shown_account(&self) -> String {
        excerpt(&self.account, 100)
    }

    /// What the keyring shows for its key.
    pub(super) fn label(&self) -> String {
        let [account, tenant] = [&self.account, &self.tenant].map(|text| excerpt(text, 100));
        format!("padlock: session of {account} at {tenant}")
    }

    /// What tells it apart from others, for messages.
    pub(super) fn description(&self) -> String {
        let [account, tenant, client_id] =
            [&self.account, &self.tenant, &self.client_id].map(|text| excerpt(text, 100));
        format!("{account} at {tenant} (application {client_id})")
    }

    /// The descriptions of several sessions, with the ID where nothing else tells two apart: users
    /// of two connections may have one e-mail address.
    pub(super) fn descriptions(entries: &[&Self]) -> Vec<String> {
        let plain: Vec<_> = entries.iter().map(|entry| entry.description()).collect();
        let is_alone = |text: &String| plain.iter().filter(|other| *other == text).count() == 1;
        let pairs = entries.iter().zip(&plain);
        let texts = pairs.map(|(entry, text)| {
            if is_alone(text) {
                return text.clone();
            }
            format!("{text}, ID {}", excerpt(&entry.subject, 100))
        });
        texts.collect()
    }
}

impl Index {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed = serde_json::from_slice(bytes);
        parsed.map_err(|error: serde_json::Error| {
            format!("line {}, column {}", error.line(), error.column())
        })
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // Serializing strings does not fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The sessions that the settings name most surely, or leave open.
    pub(super) fn fitting(&self, choice: &SessionChoice) -> Vec<Entry> {
        let rank = |entry: &Entry| match &choice.email {
            None => Some(0),
            Some(name) => entry.rank(name),
        };
        let fitting = self.sessions.iter().filter(|entry| entry.fits(choice));
        let ranked: Vec<_> = fitting.filter_map(|one| Some((rank(one)?, one))).collect();
        let best = ranked.iter().map(|(rank, _)| *rank).min();
        let best = ranked.into_iter().filter(|(rank, _)| Some(*rank) == best);
        best.map(|(_, entry)| entry.clone()).collect()
    }

    /// Adds a session, or replaces its entry.
    pub(super) fn put(&mut self, entry: Entry) {
        self.version = VERSION;
        self.sessions.retain(|one| one.id != entry.id);
        self.sessions.push(entry);
        self.sessions.sort_by_key(Entry::description);
    }
}
