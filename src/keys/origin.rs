//! Where keys came from.

/// Where a key set came from, which decides whether shared secrets in it are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySetOrigin {
    /// An issuer's `jwks_uri`, which anyone can read: shared secrets in it are never used.
    Published,
    /// The user's own file: shared secrets verify HS256, HS384 and HS512 if the set contains
    /// nothing else.
    Local {
        /// Whether secrets shorter than the hash are accepted (RFC 7518 §3.2 forbids them).
        allow_short_secrets: bool,
    },
}
