//! The keys that a caller trusts: published keys, a shared secret, or both.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::error::KeyError;
use super::jwk::VerificationKey;
use super::key_set::KeySet;
use super::shared_secret::SharedSecret;

/// The keys that verify signatures; cheap to clone. A public key is never used for HMAC, and a
/// secret for nothing else.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Public keys, for all other algorithms.
    set: Option<Arc<KeySet>>,
    /// For HS256, HS384 and HS512.
    secret: Option<Arc<SharedSecret>>,
}

impl Keys {
    /// A key set, a shared secret, or both.
    #[must_use]
    pub fn new(set: Option<KeySet>, secret: Option<SharedSecret>) -> Self {
        Self {
            set: set.map(Arc::new),
            secret: secret.map(Arc::new),
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

    /// The one key for a token with this `alg` and `kid`.
    pub(crate) fn key(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<VerificationKey, KeyError> {
        match (algorithm.is_symmetric(), &self.secret, &self.set) {
            (true, Some(secret), _) => {
                let key = secret.key(algorithm).map_err(KeyError::Unusable)?;
                Ok(VerificationKey::Secret(key))
            }
            (true, None, Some(set)) if set.has_secrets() => set.key(algorithm, kid),
            (true, None, _) => Err(KeyError::NotGiven(
                "no shared secret was given, and a public key is never used as one",
            )),
            (false, _, Some(set)) => set.key(algorithm, kid),
            (false, _, None) => Err(KeyError::NotGiven("no public keys were given")),
        }
    }
}
