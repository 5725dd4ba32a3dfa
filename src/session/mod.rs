//! Saved sessions: what is kept of a sign-in, where, and which one is used.

mod error;
mod unverified;
mod record;
mod index;
mod file_store;
mod sessions;

pub(crate) use error::SessionError;
pub(crate) use index::Entry;
pub(crate) use record::{NewTokens, Session, SignedInSession, StoredIdToken, Wanted, WantedToken};
pub(crate) use sessions::{PreparedRenewal, Sessions};
