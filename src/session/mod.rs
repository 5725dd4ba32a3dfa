//! Saved sessions: what is kept of a sign-in, where, and which one is used.

mod error;
mod unverified;
mod stored_tokens;
mod record;
mod index;
mod sealed;
mod sealing_keys;
mod records;
mod sessions;

pub(crate) use error::SessionError;
pub(crate) use index::Entry;
pub(crate) use record::{Session, SignedInSession};
pub(crate) use sessions::{ChosenStore, PreparedRenewal, Sessions};
pub(crate) use stored_tokens::{NewTokens, StoredIdToken, Wanted, WantedToken};
