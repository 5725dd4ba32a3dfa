//! A key set (RFC 7517 §5), and the one key in it for a token.

use std::collections::HashMap;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::error::KeyError;
use super::jwk::{Jwk, KeySetOrigin, VerificationKey};
use crate::strict_json;

/// The size limit in bytes: room for 10,000 keys with their certificates.
const MAX_BYTES: usize = 32 << 20;

/// An issuer's keys. One that cannot be used is kept with the reason, for the error about a token
/// that names it.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    by_kid: HashMap<String, Vec<usize>>,
}

/// Why a document is not a key set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The document is larger than a key set may be.
    #[error("it is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// The document is not one JSON object, or a name occurs twice in an object.
    #[error("it is {0}")]
    NotJson(String),
    /// The object has no array of keys: it is another document, or a single key.
    #[error("it has no \"keys\" array")]
    NoKeys,
}

impl KeySet {
    /// Parses a JWKS document. Unknown or damaged keys in it do not affect the others.
    pub fn parse(bytes: &[u8], origin: KeySetOrigin) -> Result<Self, KeySetError> {
        if bytes.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let document =
            strict_json::object(bytes).map_err(|error| KeySetError::NotJson(error.to_string()))?;
        let Some(Value::Array(members)) = document.get("keys") else {
            return Err(KeySetError::NoKeys);
        };
        let mut keys: Vec<Jwk> = members
            .iter()
            .map(|member| Jwk::parse(member, origin))
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

    /// The number of keys, usable or not.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it contains shared secrets (kty oct).
    pub(super) fn has_secrets(&self) -> bool {
        self.keys.iter().any(Jwk::is_secret)
    }

    /// The one key that matches `algorithm`: among the keys with that `kid`, or among all if the
    /// token has none. Two matching keys are an error: RFC 7517 §4.5 asks for distinct `kid`s.
    pub(super) fn key(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<VerificationKey, KeyError> {
        let candidates: Vec<&Jwk> = match kid {
            None => self.keys.iter().collect(),
            Some(kid) => {
                let named = self.by_kid.get(kid).ok_or(KeyError::NotFound)?;
                named
                    .iter()
                    .filter_map(|&index| self.keys.get(index))
                    .collect()
            }
        };
        let mut matching = candidates
            .iter()
            .filter(|key| key.matches(algorithm).is_ok());
        match (matching.next(), matching.next()) {
            (Some(key), None) => key.prepare(algorithm).map_err(KeyError::Unusable),
            (Some(_), Some(_)) => Err(KeyError::Ambiguous),
            (None, _) => Err(candidates
                .first()
                .and_then(|key| key.matches(algorithm).err())
                .map_or(KeyError::NotFound, KeyError::Unusable)),
        }
    }
}

/// No issuer publishes both: everyone who may read its public keys would learn the secrets.
fn refuse_secrets_among_public_keys(keys: &mut [Jwk]) {
    if keys.iter().all(Jwk::is_secret) {
        return;
    }
    for key in keys.iter_mut().filter(|key| key.is_secret()) {
        key.refuse("a shared secret (kty oct) is not used from a set that has public keys");
    }
}
