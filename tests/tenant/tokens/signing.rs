//! Signatures: with the tenant's keys, with other keys, or none.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value, json};

/// Parsed once, because checking an RSA key takes longer than signing with it.
static CURRENT: LazyLock<RsaKeyPair> =
    LazyLock::new(|| rsa_key(include_str!("../keys/current.pem")));
static NEXT: LazyLock<RsaKeyPair> = LazyLock::new(|| rsa_key(include_str!("../keys/next.pem")));
static UNPUBLISHED: LazyLock<RsaKeyPair> =
    LazyLock::new(|| rsa_key(include_str!("../keys/foreign.pem")));
const P256: &str = include_str!("../keys/p256.pem");
const CURRENT_KID: &str = "percy-current";
const NEXT_KID: &str = "percy-next";

/// How a token is signed, and the header that goes with it.
#[derive(Clone)]
pub(crate) struct Signing {
    /// None: `alg` is `none` and the signature is empty.
    key: Option<(Algorithm, Key)>,
    kid: Option<&'static str>,
}

#[derive(Clone)]
enum Key {
    Rsa(&'static RsaKeyPair),
    Other(EncodingKey),
}

impl Signing {
    /// RS256 with the tenant's current key, which is Auth0's default.
    pub(crate) fn current_key() -> Self {
        Self::rsa(Algorithm::RS256)
    }

    /// Another RSA algorithm with the current key.
    pub(crate) fn rsa(algorithm: Algorithm) -> Self {
        Self {
            key: Some((algorithm, Key::Rsa(&CURRENT))),
            kid: Some(CURRENT_KID),
        }
    }

    /// RS256 with the second key of the set, as after a rotation.
    pub(crate) fn next_key() -> Self {
        Self {
            key: Some((Algorithm::RS256, Key::Rsa(&NEXT))),
            kid: Some(NEXT_KID),
        }
    }

    /// RS256 with a key that is not in the set, under the `kid` of one that is.
    pub(crate) fn unpublished_key() -> Self {
        Self {
            key: Some((Algorithm::RS256, Key::Rsa(&UNPUBLISHED))),
            kid: Some(CURRENT_KID),
        }
    }

    /// RS256 with a key and a `kid` that are not in the set.
    pub(crate) fn unknown_kid() -> Self {
        Self {
            kid: Some("percy-unknown"),
            ..Self::unpublished_key()
        }
    }

    /// ES256 with a key that is not in the set.
    pub(crate) fn es256() -> Self {
        Self {
            key: Some((
                Algorithm::ES256,
                Key::Other(EncodingKey::from_ec_der(&der(P256))),
            )),
            kid: Some("percy-p256"),
        }
    }

    pub(crate) fn hs256(secret: &[u8]) -> Self {
        Self::hmac(Algorithm::HS256, secret)
    }

    /// HS256, HS384 or HS512; Auth0 omits the `kid` of such tokens.
    pub(crate) fn hmac(algorithm: Algorithm, secret: &[u8]) -> Self {
        Self {
            key: Some((algorithm, Key::Other(EncodingKey::from_secret(secret)))),
            kid: None,
        }
    }

    pub(crate) fn none() -> Self {
        Self {
            key: None,
            kid: None,
        }
    }

    pub(crate) fn is_hs256(&self) -> bool {
        matches!(self.key, Some((Algorithm::HS256, _)))
    }

    /// `alg`, `typ` and `kid`, before a test's changes.
    pub(crate) fn header(&self) -> Map<String, Value> {
        let alg = self.key.as_ref().map_or_else(
            || "none".to_owned(),
            |(algorithm, _)| format!("{algorithm:?}"),
        );
        let mut header = Map::from_iter([
            ("alg".to_owned(), json!(alg)),
            ("typ".to_owned(), json!("JWT")),
        ]);
        header.extend(self.kid.map(|kid| ("kid".to_owned(), json!(kid))));
        header
    }

    /// The compact serialization (RFC 7515 §7.1). The key decides on the signature, not the
    /// header.
    pub(crate) fn sign(&self, header: &Map<String, Value>, claims: &[u8]) -> String {
        let header = Value::Object(header.clone()).to_string();
        let input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self
            .key
            .as_ref()
            .map_or_else(String::new, |(algorithm, key)| match key {
                Key::Rsa(key) => rsa_signature(key, *algorithm, input.as_bytes()),
                Key::Other(key) => crypto::sign(input.as_bytes(), key, *algorithm)
                    .expect("a key that fits its algorithm"),
            });
        format!("{input}.{signature}")
    }
}

fn rsa_signature(key: &RsaKeyPair, algorithm: Algorithm, input: &[u8]) -> String {
    let encoding: &dyn RsaEncoding = match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_SHA384,
        _ => &signature::RSA_PSS_SHA512,
    };
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), input, &mut signature)
        .expect("randomness");
    URL_SAFE_NO_PAD.encode(signature)
}

/// The public halves of the tenant's two keys.
pub(crate) fn jwks() -> Value {
    serde_json::from_str(include_str!("../keys/jwks.json")).expect("the key set is JSON")
}

fn rsa_key(pem: &str) -> RsaKeyPair {
    RsaKeyPair::from_der(&der(pem)).expect("the key file holds an RSA key")
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(text).expect("the key file is PEM")
}
