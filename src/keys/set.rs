//! A key set (RFC 7517 §5): read once, and the one key in it that a token may be checked with.

use std::collections::HashMap;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::jwk::{Jwk, ReadyKey};
use super::{NoKey, Origin};
use crate::json;

/// Bytes of the largest key set that is read: room for 10,000 keys with their certificates.
const MAX_BYTES: usize = 32 << 20;

/// An issuer's keys. A key that can't be used is kept with the reason, for the message to whoever needs it.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    by_kid: HashMap<String, Vec<usize>>,
}

/// Why bytes are no key set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// More bytes than a key set may have.
    #[error("the key set is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// Not one JSON object, or a name in it stands twice.
    #[error("the key set is {0}")]
    NotJson(String),
    /// The object has no list of keys: another document, or a single key.
    #[error("the key set has no list called keys")]
    NoKeys,
}

impl KeySet {
    /// Read a JWKS document. Keys of unknown or damaged kinds do not harm the others.
    pub fn parse(bytes: &[u8], origin: Origin) -> Result<Self, KeySetError> {
        if bytes.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let document =
            json::object(bytes).map_err(|error| KeySetError::NotJson(error.to_string()))?;
        let Some(Value::Array(members)) = document.get("keys") else {
            return Err(KeySetError::NoKeys);
        };
        let mut keys: Vec<Jwk> = members
            .iter()
            .map(|member| Jwk::read(member, origin))
            .collect();
        refuse_secrets_among_public_keys(&mut keys);
        let mut by_kid: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(kid) = &key.kid {
                by_kid.entry(kid.clone()).or_default().push(index);
            }
        }
        Ok(Self { keys, by_kid })
    }

    /// How many keys the document holds, usable or not.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether the document holds shared secrets (kty oct).
    pub(super) fn has_secrets(&self) -> bool {
        self.keys.iter().any(Jwk::is_secret)
    }

    /// The one key that fits `algorithm`: among those called `kid`, or among all where the token names none.
    ///
    /// Two that fit are one too many: RFC 7517 §4.5 wants kids to differ, and trying keys in turn would be a guess.
    pub(super) fn key(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<ReadyKey<'_>, NoKey> {
        let candidates: Vec<&Jwk> = match kid {
            None => self.keys.iter().collect(),
            Some(kid) => {
                let named = self.by_kid.get(kid).ok_or(NoKey::Unknown)?;
                named
                    .iter()
                    .filter_map(|&index| self.keys.get(index))
                    .collect()
            }
        };
        let mut fitting = candidates.iter().filter(|key| key.fits(algorithm).is_ok());
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => key.ready(algorithm).map_err(NoKey::Unfit),
            (Some(_), Some(_)) => Err(NoKey::Ambiguous),
            (None, _) => Err(candidates
                .first()
                .and_then(|key| key.fits(algorithm).err())
                .map_or(NoKey::Unknown, NoKey::Unfit)),
        }
    }
}

/// A set with both kinds is no issuer's: whoever may read the public keys must not learn the secrets.
fn refuse_secrets_among_public_keys(keys: &mut [Jwk]) {
    if keys.iter().all(Jwk::is_secret) {
        return;
    }
    for key in keys.iter_mut().filter(|key| key.is_secret()) {
        key.refuse("it is a shared secret (kty oct) among public keys");
    }
}
