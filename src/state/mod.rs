//! The user's state on disk: private files in a private folder, locks, and names that reveal no
//! secret.
//!
//! A file is replaced in two phases: [`StateFolder::prepare`] finds everything that can go wrong
//! before a secret is spent, and [`Replacement::commit`] writes what was received for it.

mod error;
mod fault;
mod handle;
mod lock;
mod folder;
mod fingerprint;

pub(crate) use error::StateError;
pub(crate) use fault::reached;
pub(crate) use fingerprint::Fingerprints;
pub(crate) use folder::{Replacement, StateFolder};
pub(crate) use lock::{FileLock, SILENTLY};

#[cfg(test)]
mod tests;
