//! Public keys in PEM (RFC 7468): a public key or an X.509 certificate, whose key alone counts.

use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, SliceReader, Tagged};
use pkcs8::spki::SubjectPublicKeyInfoRef;

use super::curve;
use super::jwk::Jwk;
use super::lenient_base64;
use super::material::Material;
use super::rsa::RsaNumbers;

pub(super) const PUBLIC_KEY: &str = "PUBLIC KEY";
pub(super) const RSA_PUBLIC_KEY: &str = "RSA PUBLIC KEY";
pub(super) const CERTIFICATES: [&str; 3] =
    ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), "P-256"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), "P-384"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "P-521"),
];

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The labels of the blocks in a text.
pub(super) fn labels(text: &[u8]) -> impl Iterator<Item = &str> {
    let lines = text.split(|octet| *octet == b'\n' || *octet == b'\r');
    lines.filter_map(|line| {
        let line = std::str::from_utf8(line.trim_ascii()).ok()?;
        line.strip_prefix(BEGIN)?.strip_suffix(DASHES)
    })
}

/// The key of the only block in a text, or what is wrong with it.
pub(super) fn key(text: &[u8]) -> Result<Jwk, String> {
    let count = labels(text).count();
    if count != 1 {
        return Err(format!(
            "it has {count} PEM blocks, expected one key or one certificate"
        ));
    }
    let (label, der) = block(text).ok_or("its PEM block is damaged")?;
    let damaged = || format!("its {label} is damaged");
    if label == RSA_PUBLIC_KEY {
        return rsa(&der).ok_or_else(damaged);
    }
    let info = if CERTIFICATES.contains(&label) {
        of_certificate(&der)
    } else {
        SubjectPublicKeyInfoRef::from_der(&der).ok()
    };
    of_info(&info.ok_or_else(damaged)?)
}

/// The label and the content of the first block. Text before it and after it is ignored: openssl
/// writes some, and reads it (RFC 7468 §2 and §5.2).
fn block(text: &[u8]) -> Option<(&str, Vec<u8>)> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, rest) = text.split_once(BEGIN)?;
    let (label, rest) = rest.split_once(DASHES)?;
    let (body, end) = rest.split_once(END)?;
    if !end.strip_prefix(label)?.starts_with(DASHES) {
        return None;
    }
    let body: String = body.split_ascii_whitespace().collect();
    Some((label, lenient_base64::decode(&body)?))
}

/// The key of a certificate (RFC 5280 §4.1). Its validity and its issuer do not matter: the user
/// trusts the file.
fn of_certificate(der: &[u8]) -> Option<SubjectPublicKeyInfoRef<'_>> {
    let mut certificate = SliceReader::new(AnyRef::from_der_partial(der).ok()?.0.value()).ok()?;
    let content = AnyRef::decode(&mut certificate).ok()?;
    let mut fields = SliceReader::new(content.value()).ok()?;
    let first = AnyRef::decode(&mut fields).ok()?;
    // Where there is a version, it comes before the serial number.
    let has_version = first.tag().is_context_specific();
    // The serial number, signature algorithm, issuer, validity and subject.
    for _ in 0..if has_version { 5 } else { 4 } {
        AnyRef::decode(&mut fields).ok()?;
    }
    SubjectPublicKeyInfoRef::decode(&mut fields).ok()
}

fn of_info(info: &SubjectPublicKeyInfoRef<'_>) -> Result<Jwk, String> {
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or("its key is not whole octets")?;
    let algorithm = &info.algorithm;
    match algorithm.oid {
        RSA | RSA_PSS => rsa(key).ok_or_else(|| "its RSA key is damaged".into()),
        EC => {
            let curve = algorithm.parameters_oid().ok();
            let curve = CURVES.into_iter().find(|(oid, _)| Some(*oid) == curve);
            let (_, curve) = curve.ok_or("its curve is not P-256, P-384 or P-521")?;
            Ok(Jwk::bare("EC", curve, point(curve, key)))
        }
        ED25519 => {
            let material = curve::ed25519("Ed25519", key.to_vec()).map(Material::Point);
            Ok(Jwk::bare("OKP", "Ed25519", material))
        }
        other => Err(format!(
            "its key is of another type (OID {other}), expected RSA, EC or Ed25519"
        )),
    }
}

/// `RSAPublicKey` (RFC 8017 §A.1.1).
fn rsa(der: &[u8]) -> Option<Jwk> {
    let mut numbers = SliceReader::new(AnyRef::from_der(der).ok()?.value()).ok()?;
    let modulus = AnyRef::decode(&mut numbers).ok()?;
    let exponent = AnyRef::decode(&mut numbers).ok()?;
    let numbers = RsaNumbers::new(modulus.value(), exponent.value());
    Some(Jwk::bare("RSA", "", numbers.map(Material::Rsa)))
}

/// A point in uncompressed form (SEC 1 §2.3.3).
fn point(curve: &str, octets: &[u8]) -> Result<Material, String> {
    let coordinates = octets.strip_prefix(&[4]).ok_or(
        "its point is compressed; openssl pkey -pubin -ec_conv_form uncompressed writes it in full",
    )?;
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    curve::point(curve, x, y).map(Material::Point)
}
