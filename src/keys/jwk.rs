//! One published key (RFC 7517): what it may be used for, and the check of a signature with it.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretSlice;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Scheme};
use super::rsa::RsaNumbers;
use super::secret::SharedSecret;
use super::{Origin, curve};
use crate::text::excerpt;

/// A member of a key set. One that can't be used stays, with the reason, so that a token naming it can be told why.
#[derive(Debug)]
pub(super) struct Jwk {
    pub(super) kid: Option<String>,
    kty: String,
    crv: String,
    /// The one algorithm that the key is for, where it says so.
    bound_to: Option<String>,
    purpose: Result<(), String>,
    material: Result<Material, String>,
    parsed: [OnceLock<Option<ParsedPublicKey>>; 6],
}

#[derive(Debug)]
enum Material {
    Rsa(RsaNumbers),
    Point(Vec<u8>),
    Secret(Box<SharedSecret>),
}

/// A key that fits an algorithm, ready to check signatures.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReadyKey<'k> {
    Public(&'k ParsedPublicKey),
    Secret(&'k hmac::Key),
}

impl ReadyKey<'_> {
    /// Whether `signature` is this key's for `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl Jwk {
    /// Read one member of a set's `keys`; nothing in it makes the whole set unusable (RFC 7517 §5).
    pub(super) fn read(value: &Value, origin: Origin) -> Self {
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        let text = |name| members.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            kid: text("kid"),
            kty: text("kty").unwrap_or_default(),
            crv: text("crv").unwrap_or_default(),
            bound_to: text("alg"),
            purpose: purpose(members),
            material: material(members, origin),
            parsed: Default::default(),
        }
    }

    /// Whether it is a shared secret.
    pub(super) fn is_secret(&self) -> bool {
        self.kty == "oct"
    }

    /// Make the key unusable, with the reason.
    pub(super) fn refuse(&mut self, reason: &str) {
        self.material = Err(reason.into());
    }

    /// Whether the key says that it is for `algorithm`; the error says what else it is. Its numbers are not looked at:
    /// a damaged key still counts where two keys compete.
    pub(super) fn fits(&self, algorithm: Algorithm) -> Result<(), String> {
        let right_kind = match algorithm.scheme() {
            Scheme::Hmac(_) => self.kty == "oct",
            Scheme::Rsa(_) => self.kty == "RSA",
            Scheme::Ec(curve, _) => self.kty == "EC" && self.crv == curve,
            Scheme::Ed25519(_) => self.kty == "OKP" && self.crv == "Ed25519",
        };
        if !right_kind {
            return Err(format!("it is of another kind ({})", self.kind()));
        }
        match self.bound_to.as_deref() {
            Some(bound) if !algorithm.fits_key_bound_to(bound) => {
                Err(format!("its alg is \"{}\"", excerpt(bound, 40)))
            }
            _ => self.purpose.clone(),
        }
    }

    /// The key ready for `algorithm`, which it fits, or the reason why it is no good.
    pub(super) fn ready(&self, algorithm: Algorithm) -> Result<ReadyKey<'_>, String> {
        let material = self.material.as_ref().map_err(Clone::clone)?;
        if let Material::Secret(secret) = material {
            return secret.key(algorithm).map(ReadyKey::Secret);
        }
        let parsed =
            self.parsed[slot(algorithm)].get_or_init(|| material.parse(algorithm.scheme()));
        parsed
            .as_ref()
            .map(ReadyKey::Public)
            .ok_or_else(|| format!("it is no valid {} key", self.kind()))
    }

    fn kind(&self) -> String {
        match (self.kty.as_str(), self.crv.as_str()) {
            ("", _) => "no kty".into(),
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

/// Where the parsed form for an algorithm is kept. Only an RSA key serves more than one algorithm.
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

/// Whether the key is meant for checking signatures (RFC 7517 §4.2 and §4.3).
fn purpose(members: &Map<String, Value>) -> Result<(), String> {
    for name in ["kid", "alg"] {
        if members.get(name).is_some_and(|value| !value.is_string()) {
            return Err(format!("its {name} is no string"));
        }
    }
    if members.get("use").is_some_and(|value| value != "sig") {
        return Err("its use is not \"sig\"".into());
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations))
            if operations.iter().any(|operation| operation == "verify") =>
        {
            Ok(())
        }
        Some(_) => Err("its key_ops do not list \"verify\"".into()),
    }
}

fn material(members: &Map<String, Value>, origin: Origin) -> Result<Material, String> {
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("it has no {name}"))
    };
    let octets = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(text(name)?)
            .map_err(|_| format!("its {name} is not base64url"))
    };
    let kty = text("kty")?;
    if kty != "oct"
        && ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]
            .iter()
            .any(|name| members.contains_key(*name))
    {
        return Err("its private half is published with it, so anybody can sign".into());
    }
    match (kty, origin) {
        ("RSA", _) => RsaNumbers::new(&octets("n")?, &octets("e")?).map(Material::Rsa),
        ("EC", _) => curve::point(text("crv")?, &octets("x")?, &octets("y")?).map(Material::Point),
        ("OKP", _) => curve::ed25519(text("crv")?, octets("x")?).map(Material::Point),
        ("oct", Origin::Published) => {
            Err("it is a shared secret (kty oct), and what is published is no secret".into())
        }
        (
            "oct",
            Origin::Local {
                allow_short_secrets,
            },
        ) => {
            let secret = SharedSecret::new(&SecretSlice::from(octets("k")?), allow_short_secrets);
            Ok(Material::Secret(Box::new(secret)))
        }
        (other, _) => Err(format!("its kty is \"{}\"", excerpt(other, 40))),
    }
}
