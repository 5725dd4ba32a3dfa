//! The application's private key, which signs assertions (`private_key_jwt`).

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

/// A private key: RSA signs RS256, P-256 signs ES256.
#[derive(Clone, Debug)]
pub(crate) struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    /// The tenant's name for the key.
    kid: Option<String>,
}

impl SigningKey {
    /// The first key in PEM text: RSA in PKCS#1 or PKCS#8, P-256 in SEC 1 or PKCS#8. `None` if it
    /// cannot sign: a trial signature shows that before a password is sent.
    pub(crate) fn from_pem(pem: &SecretString, kid: Option<String>) -> Option<Self> {
        let (key, algorithm) = parse(pem.expose_secret().as_bytes())?;
        jsonwebtoken::crypto::sign(b"", &key, algorithm).ok()?;
        Some(Self {
            key,
            algorithm,
            kid,
        })
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

/// The key in the form that `jsonwebtoken` takes: PKCS#1 for RSA (RFC 8017 §A.1.2), PKCS#8 for
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
