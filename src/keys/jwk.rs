//! A JSON Web Key (RFC 7517): what it may be used for, and verifying signatures with it.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::{digest, hmac};
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Scheme};
use super::error::KeyError;
use super::lenient_base64;
use super::material::Material;
use super::origin::KeySetOrigin;
use super::request::KeyRequest;
use crate::escape::excerpt;

/// A key in a key set. One that cannot be used is kept with the reason, for the error about a token
/// that names it.
#[derive(Debug)]
pub(super) struct Jwk {
    pub(super) kid: Option<String>,
    kty: String,
    crv: String,
    /// The only algorithm that the key may be used with, where it names one.
    alg: Option<String>,
    /// `x5t#S256` and `x5t`, or what its certificate gives (RFC 7517 §4.8 and §4.9).
    thumbprints: [Option<String>; 2],
    /// The only `iss` of its tokens, where it names one, as Entra's keys do; `{tenantid}` in it
    /// stands for the token's `tid`.
    pub(super) issuer: Option<Arc<str>>,
    usage: Usage,
    pub(super) material: Result<Material, String>,
    parsed: [OnceLock<Option<Arc<ParsedPublicKey>>>; 6],
}

/// What a key may be used for.
#[derive(Debug)]
enum Usage {
    Signatures,
    /// JWT-SVIDs of SPIFFE, in the user's own file.
    Svid,
    /// Not this, for this reason.
    Other(String),
}

/// A key prepared for one algorithm.
#[derive(Debug)]
pub(crate) struct VerificationKey {
    prepared: Prepared,
    /// The only `iss` of its tokens, where it names one.
    pub(crate) issuer: Option<Arc<str>>,
}

#[derive(Debug)]
enum Prepared {
    Public(Arc<ParsedPublicKey>),
    Secret(Arc<hmac::Key>),
}

impl VerificationKey {
    /// Whether `signature` over `message` is valid.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.prepared {
            Prepared::Public(key) => key.verify_sig(message, signature).is_ok(),
            Prepared::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }

    #[cfg(test)]
    pub(super) fn is_secret(&self) -> bool {
        matches!(self.prepared, Prepared::Secret(_))
    }
}

impl From<Arc<hmac::Key>> for VerificationKey {
    fn from(key: Arc<hmac::Key>) -> Self {
        Self {
            prepared: Prepared::Secret(key),
            issuer: None,
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
            thumbprints: thumbprints(members),
            issuer: text("issuer").map(Arc::from),
            usage: Usage::of(members, origin),
            material: Material::of_jwk(members, origin),
            parsed: Default::default(),
        }
    }

    /// A key from PEM, which has no name and no restrictions.
    pub(super) fn bare(kty: &str, crv: &str, material: Result<Material, String>) -> Self {
        Self {
            kid: None,
            kty: kty.into(),
            crv: crv.into(),
            alg: None,
            thumbprints: [None, None],
            issuer: None,
            usage: Usage::Signatures,
            material,
            parsed: Default::default(),
        }
    }

    /// Fails where the key can verify nothing.
    pub(super) fn usable(&self) -> Result<(), String> {
        if let Usage::Other(reason) = &self.usage {
            return Err(reason.clone());
        }
        self.material.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Whether it is a shared secret (RFC 7518 §6.4).
    pub(super) fn is_secret(&self) -> bool {
        self.kty == "oct"
    }

    /// Makes the key unusable, for this reason.
    pub(super) fn refuse(&mut self, reason: &str) {
        self.material = Err(reason.into());
    }

    /// The algorithms that it is for: its own where it names one, else the usual ones of its type.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        if let Some(algorithm) = self.alg.as_deref().and_then(|alg| alg.parse().ok()) {
            return vec![algorithm];
        }
        match (self.kty.as_str(), self.crv.as_str()) {
            ("oct", _) => vec![Algorithm::HS256],
            ("EC", "P-256") => vec![Algorithm::ES256],
            ("EC", "P-384") => vec![Algorithm::ES384],
            ("EC", "P-521") => vec![Algorithm::ES512],
            ("OKP", _) => vec![Algorithm::EdDSA, Algorithm::Ed25519],
            _ => vec![Algorithm::RS256],
        }
    }

    /// Whether the key claims to be for what is requested. Its numbers do not matter here: two keys
    /// of one name are ambiguous even if one is damaged.
    pub(super) fn matches(&self, request: &KeyRequest<'_>) -> Result<(), String> {
        let algorithm = request.algorithm;
        let is_of_type = match algorithm.scheme() {
            Scheme::Hmac(_) => self.kty == "oct",
            Scheme::Rsa(_) => self.kty == "RSA",
            Scheme::Ec(curve, _) => self.kty == "EC" && self.crv == curve,
            Scheme::Ed25519(_) => self.kty == "OKP" && self.crv == "Ed25519",
        };
        if !is_of_type {
            return Err(format!("the key type is {}", self.key_type()));
        }
        if let Some(alg) = &self.alg
            && !algorithm.matches_key_alg(alg)
        {
            return Err(format!("alg is \"{}\"", excerpt(alg, 40)));
        }
        match &self.usage {
            Usage::Signatures => Ok(()),
            Usage::Svid if request.takes_svid_keys => Ok(()),
            Usage::Svid => Err("use is \"jwt-svid\" (SPIFFE), which --kind jwt accepts".into()),
            Usage::Other(reason) => Err(reason.clone()),
        }
    }

    /// Whether it is the key of this thumbprint: the first is of SHA-256, the second of SHA-1.
    pub(super) fn has_thumbprint(&self, index: usize, thumbprint: &str) -> bool {
        self.thumbprints[index].as_deref() == Some(thumbprint)
    }

    /// The key prepared for `algorithm`, which it matches, or the reason why it cannot be used.
    pub(super) fn prepare(&self, algorithm: Algorithm) -> Result<VerificationKey, KeyError> {
        let unusable = |reason: &String| KeyError::Unusable(reason.clone());
        let material = self.material.as_ref().map_err(unusable)?;
        let prepared = if let Material::Secret(secret) = material {
            Prepared::Secret(secret.key(algorithm)?)
        } else {
            let parsed = self.parsed[slot(algorithm)]
                .get_or_init(|| material.parse(algorithm.scheme()).map(Arc::new));
            let invalid = || unusable(&format!("it is not a valid {} key", self.key_type()));
            Prepared::Public(parsed.clone().ok_or_else(invalid)?)
        };
        Ok(VerificationKey {
            prepared,
            issuer: self.issuer.clone(),
        })
    }

    fn key_type(&self) -> String {
        match (self.kty.as_str(), self.crv.as_str()) {
            ("", _) => "unknown (no kty)".into(),
            (kty, "") => excerpt(kty, 40),
            (kty, crv) => format!("{} {}", excerpt(kty, 40), excerpt(crv, 40)),
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

/// The thumbprints of the key's certificate, as base64url: of SHA-256 and of SHA-1.
fn thumbprints(members: &Map<String, Value>) -> [Option<String>; 2] {
    let certificate = || {
        let chain = members.get("x5c")?.as_array()?;
        lenient_base64::decode(chain.first()?.as_str()?)
    };
    let kinds = [
        ("x5t#S256", &digest::SHA256),
        ("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY),
    ];
    kinds.map(|(name, hash)| match members.get(name) {
        Some(given) => given.as_str().map(lenient_base64::normalized),
        None => {
            certificate().map(|der| lenient_base64::encode(digest::digest(hash, &der).as_ref()))
        }
    })
}

impl Usage {
    /// Whether the key may be used to verify signatures (RFC 7517 §4.2 and §4.3).
    fn of(members: &Map<String, Value>, origin: KeySetOrigin) -> Self {
        for name in ["kid", "alg", "issuer"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Self::Other(format!("{name} is not a string"));
            }
        }
        let usage = match members.get("use") {
            None => Self::Signatures,
            Some(usage) if usage == "sig" => Self::Signatures,
            Some(usage) if usage == "jwt-svid" && origin != KeySetOrigin::Published => Self::Svid,
            Some(_) => return Self::Other("use is not \"sig\"".into()),
        };
        match members.get("key_ops") {
            None => usage,
            Some(Value::Array(operations)) if operations.iter().any(|one| one == "verify") => usage,
            Some(_) => Self::Other("key_ops does not include \"verify\"".into()),
        }
    }
}
