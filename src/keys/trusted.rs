//! The keys that a caller trusts: published keys, a shared secret, or both.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::error::KeyError;
use super::jwk::VerificationKey;
use super::key_set::KeySet;
use super::request::KeyRequest;
use super::shared_secret::SharedSecret;

/// The keys that verify signatures; cheap to clone. A public key is never used for HMAC, and a
/// secret for nothing else.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Public keys, for all other algorithms.
    set: Option<Arc<KeySet>>,
    /// For HS256, HS384 and HS512.
    secrets: Arc<[SharedSecret]>,
}

/// The keys that a token may be checked with, at least one.
#[derive(Debug)]
pub(crate) struct Candidates {
    pub(crate) keys: Vec<VerificationKey>,
    /// Why another secret that was given is not among them.
    pub(crate) left_out: Option<KeyError>,
}

impl Keys {
    /// A key set, a shared secret, or both.
    #[must_use]
    pub fn new(set: Option<KeySet>, secret: Option<SharedSecret>) -> Self {
        Self {
            set: set.map(Arc::new),
            secrets: secret.into_iter().collect(),
        }
    }

    /// A key set alone.
    #[must_use]
    pub fn published(set: KeySet) -> Self {
        Self::new(Some(set), None)
    }

    /// A shared secret alone.
    #[must_use]
    pub fn shared(secret: SharedSecret) -> Self {
        Self::new(None, Some(secret))
    }

    /// Shared secrets, such as the old and the new one while they are replaced.
    #[must_use]
    pub fn shared_secrets(secrets: Vec<SharedSecret>) -> Self {
        Self {
            set: None,
            secrets: secrets.into(),
        }
    }

    /// The same secrets with another key set.
    pub(crate) fn with_set(self, set: KeySet) -> Self {
        Self {
            set: Some(Arc::new(set)),
            ..self
        }
    }

    /// The keys that a token may be checked with.
    pub(crate) fn candidates(&self, request: &KeyRequest<'_>) -> Result<Candidates, KeyError> {
        let of_set = |set: &KeySet| {
            set.keys(request).map(|keys| Candidates {
                keys,
                left_out: None,
            })
        };
        let is_symmetric = request.algorithm.is_symmetric();
        match (is_symmetric, &*self.secrets, &self.set) {
            (true, [_, ..], _) => self.usable_secrets(request.algorithm),
            (true, [], Some(set)) if set.has_secrets() => of_set(set),
            (true, [], _) => Err(KeyError::NotGiven(
                "no shared secret was given, and a public key is never used as one",
            )),
            (false, _, Some(set)) => of_set(set),
            (false, _, None) => Err(KeyError::NotGiven("no public keys were given")),
        }
    }

    /// A secret has no name: a token may be signed with any that the caller gave.
    fn usable_secrets(&self, algorithm: Algorithm) -> Result<Candidates, KeyError> {
        let (mut keys, mut left_out) = (Vec::new(), None);
        for secret in self.secrets.iter() {
            match secret.key(algorithm) {
                Ok(key) => keys.push(key.into()),
                Err(error) => left_out = left_out.or(Some(error)),
            }
        }
        match left_out {
            Some(error) if keys.is_empty() => Err(error),
            left_out => Ok(Candidates { keys, left_out }),
        }
    }
}
