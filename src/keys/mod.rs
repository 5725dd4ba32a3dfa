//! The keys that a caller trusts: an issuer's key set, a shared secret, and which of them a token is checked with.

mod algorithm;
mod curve;
mod jwk;
mod rsa;
mod secret;
mod set;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub(crate) use jwk::ReadyKey;
pub use secret::SharedSecret;
pub use set::{KeySet, KeySetError};

/// Where a key set came from, which decides whether a shared secret in it may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An issuer's `jwks_uri`, which anybody can read: shared secrets (kty oct) in it never serve.
    Published,
    /// A file of the user's own: shared secrets serve HS256, HS384 and HS512 where the set holds nothing else.
    Local {
        /// Whether secrets shorter than the hash are taken (RFC 7518 §3.2 forbids them).
        allow_short_secrets: bool,
    },
}

/// What signatures are checked with. A public key never serves HMAC, and a secret serves nothing else.
#[derive(Debug, Default)]
pub struct Keys {
    /// Public keys, for all algorithms but HMAC.
    pub set: Option<KeySet>,
    /// A shared secret, for HS256, HS384 and HS512.
    pub secret: Option<SharedSecret>,
}

/// Why no key is there for a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// No key of that kid, or no key at all. Fresh keys may hold it.
    Unknown,
    /// More than one key fits, and to try them in turn would be a guess.
    Ambiguous,
    /// The key is there and can't serve, for this reason.
    Unfit(String),
    /// No key of the kind that the algorithm needs was given.
    NotGiven(&'static str),
}

impl Keys {
    /// Keys of an issuer.
    #[must_use]
    pub fn published(set: KeySet) -> Self {
        Self {
            set: Some(set),
            secret: None,
        }
    }

    /// A shared secret alone.
    #[must_use]
    pub fn shared(secret: SharedSecret) -> Self {
        Self {
            set: None,
            secret: Some(secret),
        }
    }

    /// The one key for a token that is signed with `algorithm` and names `kid`.
    pub(crate) fn key(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<ReadyKey<'_>, NoKey> {
        match (algorithm.is_symmetric(), &self.secret, &self.set) {
            (true, Some(secret), _) => secret
                .key(algorithm)
                .map(ReadyKey::Secret)
                .map_err(NoKey::Unfit),
            (true, None, Some(set)) if set.has_secrets() => set.key(algorithm, kid),
            (true, None, _) => Err(NoKey::NotGiven(
                "no shared secret was given, and a public key never serves as one",
            )),
            (false, _, Some(set)) => set.key(algorithm, kid),
            (false, _, None) => Err(NoKey::NotGiven("no public keys were given")),
        }
    }
}

#[cfg(test)]
mod tests;
