//! Why there is no key for a token.

/// Why there is no key for a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    /// No key has the `kid`, or the set has no keys at all. A newer set may have it.
    #[error("no key has that name")]
    NotFound,
    /// That many different keys have the `kid`, and trying them in turn would be a guess.
    #[error("{0} different keys have that name")]
    SameKid(usize),
    /// The token has no `kid`, that many keys fit, and it must not be checked with each.
    #[error("{0} keys fit")]
    Several(usize),
    /// The token has no `kid`, that many keys are of its kind, and all but one cannot be used.
    #[error("{problem}")]
    OneOfSeveral {
        /// How many.
        number: usize,
        /// Why one of them cannot be used.
        problem: String,
    },
    /// The token has no `kid`, and that many keys fit: too many to check it with each.
    #[error("{0} keys fit")]
    TooMany(usize),
    /// There is a key, and it cannot be used, for this reason.
    #[error("{0}")]
    Unusable(String),
    /// There is a shared secret, and it is shorter than the hash: this says by how much.
    #[error("{0}")]
    TooShort(String),
    /// The caller gave no key of the kind that the algorithm needs.
    #[error("{0}")]
    NotGiven(&'static str),
}
