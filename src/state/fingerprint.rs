//! Names of files that depend on secrets and reveal none of them.

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::StateError;
use super::folder::StateFolder;
use super::lock::SILENTLY;
use crate::deadline::Deadline;

/// The file with the key.
const KEY: &str = "key";

/// Bytes of the key.
const LENGTH: usize = 32;

/// Makes fingerprints with a key that only this user has: a program that sees a file's name cannot try
/// secrets against it.
pub(crate) struct Fingerprints {
    key: hmac::Key,
}

impl Fingerprints {
    /// Reads the key from the folder, and makes one where there is none.
    pub(crate) fn open(folder: &StateFolder, deadline: Deadline) -> Result<Self, StateError> {
        if let Some(found) = Self::read(folder)? {
            return Ok(found);
        }
        let _lock = folder.lock(KEY, deadline, SILENTLY)?;
        if let Some(found) = Self::read(folder)? {
            return Ok(found);
        }
        let mut key = Zeroizing::new([0; LENGTH]);
        rand::fill(&mut *key).map_err(|_| StateError::Damaged {
            path: crate::escape::path(&folder.path_of(KEY)),
            problem: "the system has no random numbers".to_owned(),
        })?;
        folder.write(KEY, &*key)?;
        Ok(Self::new(&*key))
    }

    /// With the key from the folder, if there is one.
    pub(crate) fn read(folder: &StateFolder) -> Result<Option<Self>, StateError> {
        let Some(key) = folder.read(KEY)? else {
            return Ok(None);
        };
        if key.len() != LENGTH {
            return Err(StateError::Damaged {
                path: crate::escape::path(&folder.path_of(KEY)),
                problem: format!("it has {} bytes instead of {LENGTH}", key.len()),
            });
        }
        Ok(Some(Self::new(&key)))
    }

    fn new(key: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// The fingerprint of these parts in this order, as the name of a file: HMAC-SHA-256 in
    /// base64url. The length of each part counts, so that no two lists have the same one.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        URL_SAFE_NO_PAD.encode(context.sign())
    }
}
