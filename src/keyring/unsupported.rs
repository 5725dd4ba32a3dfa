//! Systems with a keyring of another kind.

use std::ffi::OsStr;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::KeyringError;

/// No value of it exists.
pub(crate) enum Keyring {}

impl Keyring {
    pub(crate) fn open(_: &OsStr, _: Duration, _: bool) -> Result<Self, KeyringError> {
        Err(KeyringError::Unsupported)
    }

    pub(crate) fn ensure_unlocked(&mut self) -> Result<(), KeyringError> {
        match *self {}
    }

    pub(crate) fn find(&mut self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        match *self {}
    }

    pub(crate) fn store(&mut self, _: &str, _: &str, _: &[u8]) -> Result<(), KeyringError> {
        match *self {}
    }

    pub(crate) fn remove(&mut self, _: &str) -> Result<(), KeyringError> {
        match *self {}
    }
}
