//! A JSON Web Key (RFC 7517): what it may be used for, and verifying signatures with it.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretSlice;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Scheme};
use super::curve;
use super::rsa::RsaNumbers;
use super::shared_secret::SharedSecret;
use crate::escape::excerpt;

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

/// A key in a key set. One that cannot be used is kept with the reason, for the error about a token
/// that names it.
#[derive(Debug)]
pub(super) struct Jwk {
    pub(super) kid: Option<String>,
    kty: String,
    crv: String,
    /// The only algorithm that the key may be used with, where it names one.
    alg: Option<String>,
    usage: Result<(), String>,
    material: Result<Material, String>,
    parsed: [OnceLock<Option<Arc<ParsedPublicKey>>>; 6],
}

#[derive(Debug)]
enum Material {
    Rsa(RsaNumbers),
    Point(Vec<u8>),
    Secret(Box<SharedSecret>),
}

/// A key prepared for one algorithm.
#[derive(Debug)]
pub(crate) enum VerificationKey {
    Public(Arc<ParsedPublicKey>),
    Secret(Arc<hmac::Key>),
}

impl VerificationKey {
    /// Whether `signature` over `message` is valid.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl Jwk {
    /// Parses a member of a set's `keys`; no member makes the whole set unusable (RFC 7517 §5).
    pub(super) fn parse(value: &Value, origin: KeySetOrigin) -> Self {
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        let text = |name| members.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            kid: text("kid"),
            kty: text("kty").unwrap_or_default(),
            crv: text("crv").unwrap_or_default(),
            alg: text("alg"),
            usage: usage(members),
            material: material(members, origin),
            parsed: Default::default(),
        }
    }

    /// Whether it is a shared secret (RFC 7518 §6.4).
    pub(super) fn is_secret(&self) -> bool {
        self.kty == "oct"
    }

    /// Makes the key unusable, for this reason.
    pub(super) fn refuse(&mut self, reason: &str) {
        self.material = Err(reason.into());
    }

    /// Whether the key claims to be for `algorithm`. Its numbers do not matter here: two keys are
    /// ambiguous even if one is damaged.
    pub(super) fn matches(&self, algorithm: Algorithm) -> Result<(), String> {
        let is_of_type = match algorithm.scheme() {
            Scheme::Hmac(_) => self.kty == "oct",
            Scheme::Rsa(_) => self.kty == "RSA",
            Scheme::Ec(curve, _) => self.kty == "EC" && self.crv == curve,
            Scheme::Ed25519(_) => self.kty == "OKP" && self.crv == "Ed25519",
        };
        if !is_of_type {
            return Err(format!("the key type is {}", self.key_type()));
        }
        match self.alg.as_deref() {
            Some(alg) if !algorithm.matches_key_alg(alg) => {
                Err(format!("alg is \"{}\"", excerpt(alg, 40)))
            }
            _ => self.usage.clone(),
        }
    }

    /// The key prepared for `algorithm`, which it matches, or the reason why it cannot be used.
    pub(super) fn prepare(&self, algorithm: Algorithm) -> Result<VerificationKey, String> {
        let material = self.material.as_ref().map_err(Clone::clone)?;
        if let Material::Secret(secret) = material {
            return secret.key(algorithm).map(VerificationKey::Secret);
        }
        let parsed = self.parsed[slot(algorithm)]
            .get_or_init(|| material.parse(algorithm.scheme()).map(Arc::new));
        parsed
            .clone()
            .map(VerificationKey::Public)
            .ok_or_else(|| format!("it is not a valid {} key", self.key_type()))
    }

    fn key_type(&self) -> String {
        match (self.kty.as_str(), self.crv.as_str()) {
            ("", _) => "unknown (no kty)".into(),
            (kty, "") => excerpt(kty, 40),
            (kty, crv) => format!("{} {}", excerpt(kty, 40), excerpt(crv, 40)),
        }
    }
}

impl Material {
    fn parse(&self, scheme: Scheme) -> Option<ParsedPublicKey> {
        match (self, scheme) {
            (Self::Rsa(RsaNumbers { modulus, exponent }), Scheme::Rsa(parameters)) => {
                RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                }
                .to_parsed_public_key(parameters)
                .ok()
            }
            (Self::Point(bytes), Scheme::Ec(_, algorithm) | Scheme::Ed25519(algorithm)) => {
                ParsedPublicKey::new(algorithm, bytes).ok()
            }
            _ => None,
        }
    }
}

/// The index in `parsed` for an algorithm: only an RSA key is used with more than one.
fn slot(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::RS384 => 1,
        Algorithm::RS512 => 2,
        Algorithm::PS256 => 3,
        Algorithm::PS384 => 4,
        Algorithm::PS512 => 5,
        _ => 0,
    }
}

/// Whether the key may be used to verify signatures (RFC 7517 §4.2 and §4.3).
fn usage(members: &Map<String, Value>) -> Result<(), String> {
    for name in ["kid", "alg"] {
        if members.get(name).is_some_and(|value| !value.is_string()) {
            return Err(format!("{name} is not a string"));
        }
    }
    if members.get("use").is_some_and(|value| value != "sig") {
        return Err("use is not \"sig\"".into());
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations))
            if operations.iter().any(|operation| operation == "verify") =>
        {
            Ok(())
        }
        Some(_) => Err("key_ops does not include \"verify\"".into()),
    }
}

fn material(members: &Map<String, Value>, origin: KeySetOrigin) -> Result<Material, String> {
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("{name} is missing"))
    };
    let octets = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(text(name)?)
            .map_err(|_| format!("{name} is not base64url"))
    };
    let kty = text("kty")?;
    if kty != "oct"
        && ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]
            .iter()
            .any(|name| members.contains_key(*name))
    {
        return Err("its private key is published too, so anyone can sign".into());
    }
    match (kty, origin) {
        ("RSA", _) => RsaNumbers::new(&octets("n")?, &octets("e")?).map(Material::Rsa),
        ("EC", _) => curve::point(text("crv")?, &octets("x")?, &octets("y")?).map(Material::Point),
        ("OKP", _) => curve::ed25519(text("crv")?, octets("x")?).map(Material::Point),
        ("oct", KeySetOrigin::Published) => {
            Err("a shared secret (kty oct) must not be published".into())
        }
        (
            "oct",
            KeySetOrigin::Local {
                allow_short_secrets,
            },
        ) => {
            let secret = SharedSecret::new(&SecretSlice::from(octets("k")?), allow_short_secrets);
            Ok(Material::Secret(Box::new(secret)))
        }
        (other, _) => Err(format!("kty is \"{}\"", excerpt(other, 40))),
    }
}
