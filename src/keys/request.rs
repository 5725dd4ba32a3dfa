//! Which key a token asks for.

use super::algorithm::Algorithm;

/// Which key a token asks for. The algorithm is one that the caller allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRequest<'h> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<&'h str>,
    /// `x5t#S256` (RFC 7515 §4.1.8), used where there is no `kid`.
    pub(crate) sha256_thumbprint: Option<&'h str>,
    /// `x5t` (RFC 7515 §4.1.7), used where there is neither.
    pub(crate) sha1_thumbprint: Option<&'h str>,
    /// Whether a token without a `kid` may be checked with each key that fits. For an ID token
    /// OpenID Connect Core §10.1 forbids it.
    pub(crate) may_try_several: bool,
    /// Whether keys of SPIFFE (use jwt-svid) in the user's own file may be used.
    pub(crate) takes_svid_keys: bool,
}

impl KeyRequest<'_> {
    /// Any key for this algorithm.
    pub(super) fn any(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            kid: None,
            sha256_thumbprint: None,
            sha1_thumbprint: None,
            may_try_several: true,
            takes_svid_keys: false,
        }
    }

    /// How many keys are tried for one token at most: each costs the time of a signature.
    pub(super) const MAX_TRIED: usize = 8;
}
