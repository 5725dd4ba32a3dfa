//! What a key consists of: the numbers of a JWK (RFC 7518 §6), prepared for the crypto library.

use std::collections::HashSet;

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use secrecy::SecretSlice;
use serde_json::{Map, Value};

use super::algorithm::Scheme;
use super::curve;
use super::lenient_base64;
use super::origin::KeySetOrigin;
use super::rsa::RsaNumbers;
use super::shared_secret::SharedSecret;
use crate::escape::excerpt;

/// What a key consists of.
#[derive(Debug)]
pub(super) enum Material {
    Rsa(RsaNumbers),
    Point(Vec<u8>),
    Secret(Box<SharedSecret>),
}

/// The members that only a private or secret key has (RFC 7518 §6, RFC 9964 §3).
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

impl Material {
    /// Reads the members of a JWK, or says why they are no key.
    pub(super) fn of_jwk(
        members: &Map<String, Value>,
        origin: KeySetOrigin,
    ) -> Result<Self, String> {
        let text = |name: &str| {
            let text = members.get(name).and_then(Value::as_str);
            text.ok_or_else(|| format!("{name} is missing"))
        };
        let octets = |name: &str| {
            lenient_base64::decode(text(name)?).ok_or_else(|| format!("{name} is not base64url"))
        };
        let kty = text("kty")?;
        if kty != "oct" && PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err("its private key is published too, so anyone can sign".into());
        }
        match (kty, origin) {
            ("RSA", _) => RsaNumbers::new(&octets("n")?, &octets("e")?).map(Self::Rsa),
            ("EC", _) => curve::point(text("crv")?, &octets("x")?, &octets("y")?).map(Self::Point),
            ("OKP", _) => curve::ed25519(text("crv")?, octets("x")?).map(Self::Point),
            ("oct", KeySetOrigin::Published) => {
                Err("a shared secret (kty oct) must not be published".into())
            }
            (
                "oct",
                KeySetOrigin::Local {
                    allow_short_secrets,
                },
            ) => {
                let secret = SecretSlice::from(octets("k")?);
                let secret = SharedSecret::new(&secret, allow_short_secrets);
                Ok(Self::Secret(Box::new(secret)))
            }
            (other, _) => Err(format!("kty is \"{}\"", excerpt(other, 40))),
        }
    }

    /// The public key for one family of algorithms, if the crypto library takes it.
    pub(super) fn parse(&self, scheme: Scheme) -> Option<ParsedPublicKey> {
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

    /// Equal for two copies of one key, and for nothing else of the same type; no secret.
    fn identity(&self) -> Vec<u8> {
        match self {
            // An exponent has at most four octets, and neither number begins or ends with zero, so
            // that these zeros show where it begins.
            Self::Rsa(RsaNumbers { modulus, exponent }) => {
                [modulus.as_slice(), &[0; 4], exponent].concat()
            }
            Self::Point(point) => point.clone(),
            Self::Secret(secret) => secret.identity(),
        }
    }
}

/// Whether a key is new among those seen so far, each with the issuer that it is limited to.
#[derive(Default)]
pub(super) struct Distinct<'k>(HashSet<(Vec<u8>, Option<&'k str>)>);

impl<'k> Distinct<'k> {
    /// Whether no key with this material was seen; one without material differs from every other.
    pub(super) fn is_new<E>(
        &mut self,
        material: &Result<Material, E>,
        issuer: Option<&'k str>,
    ) -> bool {
        let identity = material.as_ref().map(Material::identity);
        identity.map_or(true, |identity| self.0.insert((identity, issuer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa_keys_are_equal_only_with_the_same_modulus_and_exponent() {
        let identity = |modulus: &[u8], exponent: &[u8]| {
            let (modulus, exponent) = (modulus.to_vec(), exponent.to_vec());
            Material::Rsa(RsaNumbers { modulus, exponent }).identity()
        };
        let modulus = [0xa7; 256];
        let (mut other, mut shorter) = (modulus, modulus.to_vec());
        other[255] ^= 2;
        shorter.pop();
        let numbers: [(&[u8], &[u8]); 5] = [
            (&modulus, &[1, 0, 1]),
            (&modulus, &[3]),
            (&modulus, &[1, 0, 0, 1]),
            (&other, &[1, 0, 1]),
            (&shorter, &[1, 0, 1]),
        ];
        let distinct: HashSet<_> = numbers.map(|(n, e)| identity(n, e)).into();
        assert_eq!(distinct.len(), numbers.len());
        assert_eq!(identity(&modulus, &[3]), identity(&modulus, &[3]));
    }
}
