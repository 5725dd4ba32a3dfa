//! Why there is no key for a token.

/// Why there is no key for a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// No key has the `kid`, or the set has no keys at all. A newer set may have it.
    NotFound,
    /// Several keys match, and trying them in turn would be a guess.
    Ambiguous,
    /// There is a key, and it cannot be used, for this reason.
    Unusable(String),
    /// The caller gave no key of the kind that the algorithm needs.
    NotGiven(&'static str),
}
