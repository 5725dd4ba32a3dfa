//! The signature algorithms that padlock supports, by their registered names.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    VerificationAlgorithm,
};

/// A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the registered name")]
pub enum Algorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
    Ed25519,
}

/// What the crypto library needs to verify signatures of one algorithm.
#[derive(Clone, Copy)]
pub(crate) enum Scheme {
    Hmac(hmac::Algorithm),
    Rsa(&'static RsaParameters),
    Ec(&'static str, &'static dyn VerificationAlgorithm),
    Ed25519(&'static dyn VerificationAlgorithm),
}

impl Algorithm {
    /// Every supported algorithm.
    pub const ALL: [Self; 14] = [
        Self::HS256,
        Self::HS384,
        Self::HS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::Ed25519,
    ];

    /// The registered name, as in a token's `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Whether it needs a shared secret rather than a published key.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::HS256 => Scheme::Hmac(hmac::HMAC_SHA256),
            Self::HS384 => Scheme::Hmac(hmac::HMAC_SHA384),
            Self::HS512 => Scheme::Hmac(hmac::HMAC_SHA512),
            Self::RS256 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::RS384 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::RS512 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Self::PS256 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA256),
            Self::PS384 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA384),
            Self::PS512 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA512),
            Self::ES256 => Scheme::Ec("P-256", &ECDSA_P256_SHA256_FIXED),
            Self::ES384 => Scheme::Ec("P-384", &ECDSA_P384_SHA384_FIXED),
            Self::ES512 => Scheme::Ec("P-521", &ECDSA_P521_SHA512_FIXED),
            Self::EdDSA | Self::Ed25519 => Scheme::Ed25519(&ED25519),
        }
    }

    /// Whether a key with this `alg` may be used with the algorithm (RFC 7517 §4.4).
    pub(crate) fn matches_key_alg(self, alg: &str) -> bool {
        // For an Ed25519 key these are two names of one algorithm (RFC 9864 §2.2). Which of them a
        // token may have is for the policy to say.
        let is_ed25519 = |name| matches!(name, "EdDSA" | "Ed25519");
        alg == self.name() || (is_ed25519(alg) && is_ed25519(self.name()))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is not in [`Algorithm::ALL`]; names are case-sensitive (RFC 7515 §4.1.1).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a supported algorithm")]
pub struct UnknownAlgorithm;

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or(UnknownAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_names_are_parsed() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for name in [
            "none", "", "rs256", "RS256 ", "RS256\n", "RS255", "ES256K", "ED25519",
        ] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }

    #[test]
    fn a_key_is_used_only_with_the_algorithm_of_its_alg() {
        assert!(Algorithm::RS256.matches_key_alg("RS256"));
        assert!(Algorithm::Ed25519.matches_key_alg("EdDSA"));
        for alg in ["PS256", "RS512", "RSA-OAEP", "rs256", "", "EdDSA"] {
            assert!(!Algorithm::RS256.matches_key_alg(alg), "{alg}");
        }
    }
}
