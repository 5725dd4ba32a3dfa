//! The application's private key, which signs assertions (`private_key_jwt`).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

/// `rsaEncryption` (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What a private key signs with. Auth0 registers RSA keys for the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SigningAlgorithm {
    #[value(name = "RS256", help = "RSA with SHA-256, the default for an RSA key")]
    Rs256,
    #[value(name = "RS384", help = "RSA with SHA-384")]
    Rs384,
    #[value(name = "PS256", help = "RSA-PSS with SHA-256")]
    Ps256,
    #[value(
        name = "ES256",
        help = "P-256 with SHA-256, the default for a P-256 key"
    )]
    Es256,
}

impl SigningAlgorithm {
    fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SigningKeyError {
    #[error("expected an unencrypted PEM key: RSA of 2048 bits or more, or P-256")]
    Unusable,
    #[error("an RSA key cannot sign with ES256; choose RS256, RS384 or PS256")]
    Rsa,
    #[error("a P-256 key can only sign with ES256")]
    P256,
}

/// A private key, and the algorithm that it is registered for.
#[derive(Clone, Debug)]
pub(crate) struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    /// The tenant's name for the key.
    kid: Option<String>,
}

impl SigningKey {
    /// The first key in PEM text: RSA in PKCS#1 or PKCS#8, P-256 in SEC 1 or PKCS#8. A trial
    /// signature shows whether it can sign before a password is sent.
    pub(crate) fn from_pem(
        pem: &SecretString,
        kid: Option<String>,
        algorithm: Option<SigningAlgorithm>,
    ) -> Result<Self, SigningKeyError> {
        let parsed = parse(pem.expose_secret().as_bytes());
        let (key, default) = parsed.ok_or(SigningKeyError::Unusable)?;
        let is_ec = |algorithm: Algorithm| algorithm == Algorithm::ES256;
        let algorithm = algorithm.map_or(default, SigningAlgorithm::jose);
        if is_ec(algorithm) != is_ec(default) {
            return Err(if is_ec(default) {
                SigningKeyError::P256
            } else {
                SigningKeyError::Rsa
            });
        }
        let trial = jsonwebtoken::crypto::sign(b"", &key, algorithm);
        trial.map_err(|_| SigningKeyError::Unusable)?;
        Ok(Self {
            key,
            algorithm,
            kid,
        })
    }

    /// What tells this key from every other one, and the algorithm and the key ID too.
    pub(crate) fn identity(&self) -> Vec<u8> {
        let key = digest(&SHA256, self.key.as_bytes());
        let rest = format!("{:?} {:?}", self.algorithm, self.kid);
        [key.as_ref(), rest.as_bytes()].concat()
    }

    /// A signed JWT with these claims; `None` if the key cannot sign.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Option<SecretString> {
        let header = Header {
            kid: self.kid.clone(),
            ..Header::new(self.algorithm)
        };
        let signed = jsonwebtoken::encode(&header, claims, &self.key);
        signed.ok().map(SecretString::from)
    }
}

/// The key and the algorithm that it signs with by default. The key in the form that `jsonwebtoken` takes: PKCS#1 for RSA (RFC 8017 §A.1.2), PKCS#8 for
/// P-256 (RFC 5958).
fn parse(pem: &[u8]) -> Option<(EncodingKey, Algorithm)> {
    let found = Zeroizing::new(PrivateKeyDer::from_pem_slice(pem).ok()?);
    match &*found {
        PrivateKeyDer::Pkcs1(key) => {
            let key = EncodingKey::from_rsa_der(key.secret_pkcs1_der());
            Some((key, Algorithm::RS256))
        }
        PrivateKeyDer::Pkcs8(key) => {
            let key = key.secret_pkcs8_der();
            let content = PrivateKeyInfoRef::try_from(key).ok()?;
            Some(if content.algorithm.oid == RSA {
                let key = EncodingKey::from_rsa_der(content.private_key.as_bytes());
                (key, Algorithm::RS256)
            } else {
                (EncodingKey::from_ec_der(key), Algorithm::ES256)
            })
        }
        PrivateKeyDer::Sec1(key) => {
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let key = EcdsaKeyPair::from_private_key_der(algorithm, key.secret_sec1_der()).ok()?;
            let key = EncodingKey::from_ec_der(key.to_pkcs8v1().ok()?.as_ref());
            Some((key, Algorithm::ES256))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// A new P-256 key in PEM.
    fn pem() -> SecretString {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = STANDARD.encode(key.to_pkcs8v1().unwrap());
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n").into()
    }

    #[test]
    fn another_key_and_another_kid_have_another_identity() {
        let identity = |pem: &SecretString, kid: Option<&str>| {
            let key = SigningKey::from_pem(pem, kid.map(str::to_owned), None);
            key.unwrap().identity()
        };
        let (one, other) = (pem(), pem());
        assert_eq!(identity(&one, None), identity(&one, None));
        assert_ne!(identity(&one, None), identity(&other, None));
        assert_ne!(identity(&one, None), identity(&one, Some("k")));
        assert_ne!(identity(&one, Some("k")), identity(&one, Some("l")));
    }
}
