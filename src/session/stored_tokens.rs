//! The tokens of a session as they are stored: which one is wanted, and how long it is valid.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::response::TokenResponse;
use crate::verify::Claims;

/// An access token for one audience and scope.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredAccessToken {
    pub(crate) audience: Option<String>,
    /// The scope that was asked for; `None`: that of the session.
    pub(crate) asked_scope: Option<String>,
    /// The scope that was granted.
    pub(crate) scope: Option<String>,
    #[serde(with = "secret")]
    pub(crate) token: SecretString,
    pub(crate) token_type: Option<String>,
    pub(crate) obtained_at: i64,
    /// `None`: unknown, so that it is not used again.
    pub(crate) expires_at: Option<i64>,
    /// The record's generation that it came with.
    pub(crate) generation: u64,
}

/// An `id_token` that was verified when it came.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredIdToken {
    #[serde(with = "secret")]
    pub(crate) token: SecretString,
    /// Its claims as JSON text.
    pub(super) claims: String,
    pub(crate) obtained_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) generation: u64,
}

/// Tokens that just came, the `id_token` among them verified.
#[derive(Clone, Copy)]
pub(crate) struct NewTokens<'a> {
    pub(crate) response: &'a TokenResponse,
    /// The text of the `id_token`, and its verified claims.
    pub(crate) id_token: Option<(&'a str, &'a Claims)>,
    /// When they were asked for, by this machine's clock.
    pub(crate) asked_at: i64,
}

/// Which token is wanted, and for how long it must still be valid.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) token: WantedToken,
    /// `None`: the session's.
    pub(crate) audience: Option<String>,
    /// `None`: the session's.
    pub(crate) scope: Option<String>,
    /// Seconds.
    pub(crate) min_ttl: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantedToken {
    Access,
    Id,
}

impl StoredIdToken {
    /// The claims, which were verified when the token came.
    pub(crate) fn claims(&self) -> Option<Claims> {
        Claims::verified_before(&self.claims)
    }
}

/// Whether a token has enough of its lifetime left. One from the future has not: the clock was set
/// back, so that its age is unknown.
pub(super) fn is_valid(obtained_at: i64, expires_at: Option<i64>, min_ttl: i64, now: i64) -> bool {
    let ends = expires_at.map(|expires_at| expires_at.saturating_sub(min_ttl));
    ends.is_some_and(|ends| obtained_at <= now && now < ends)
}

/// The words of a scope in alphabetical order, each once: their order means nothing (RFC 6749 §3.3).
pub(super) fn sorted(scope: &str) -> String {
    let mut words: Vec<_> = scope.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// A secret in a record.
pub(super) mod secret {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        secret: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        SecretString::deserialize(deserializer)
    }
}
