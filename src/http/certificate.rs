//! What rustls does not say of a certificate (RFC 5280 §4.1): whether it is an authority's, and how
//! long its RSA key is.

/// `basicConstraints` and `keyUsage` (RFC 5280 §4.2.1.9 and §4.2.1.3).
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];

/// `rsaEncryption` (RFC 8017 appendix A.1).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// Elements of DER: tags and contents.
struct Elements<'d>(&'d [u8]);

impl<'d> Iterator for Elements<'d> {
    type Item = (u8, &'d [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let add = |length, byte: &u8| (length << 8) | usize::from(*byte);
                (bytes.iter().fold(0, add), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

/// The content of the first element, if it has this tag.
fn content(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, content) = Elements(der).next()?;
    (found == tag).then_some(content)
}

/// The elements of the part that is signed.
fn signed_part(certificate: &[u8]) -> Option<Elements<'_>> {
    let certificate = content(certificate, SEQUENCE)?;
    content(certificate, SEQUENCE).map(Elements)
}

/// Whether a certificate may sign others, as far as it says so itself: one of version 3 has to. One
/// that cannot be read is left to others to refuse.
pub(super) fn is_authority(certificate: &[u8]) -> bool {
    let Some(fields) = signed_part(certificate) else {
        return true;
    };
    let mut is_version_3 = false;
    for (tag, field) in fields {
        match tag {
            VERSION => is_version_3 = content(field, INTEGER) == Some(&[2]),
            EXTENSIONS => return !is_version_3 || may_sign(field).unwrap_or(false),
            _ => {}
        }
    }
    !is_version_3
}

/// What the extensions say; `basicConstraints` outranks `keyUsage`.
fn may_sign(extensions: &[u8]) -> Option<bool> {
    let value = |name: &[u8]| {
        let mut extensions = Elements(content(extensions, SEQUENCE)?);
        let (_, extension) = extensions.find(|(_, one)| Elements(one).any(|(_, id)| id == name))?;
        let mut members = Elements(extension);
        members.find_map(|(tag, value)| (tag == OCTET_STRING).then_some(value))
    };
    if let Some(constraints) = value(BASIC_CONSTRAINTS) {
        let is_authority = content(content(constraints, SEQUENCE)?, BOOLEAN)?;
        return Some(is_authority != [0]);
    }
    // Its first byte counts unused bits; keyCertSign is the sixth bit.
    let usage = content(value(KEY_USAGE)?, BIT_STRING)?;
    usage.get(1).map(|bits| bits & 0x04 != 0)
}

/// The length of a certificate's RSA key in bits; `None` if its key is of another kind.
pub(super) fn rsa_bits(certificate: &[u8]) -> Option<usize> {
    let has_version = |(tag, _): &(u8, &[u8])| *tag == VERSION;
    let key = signed_part(certificate)?.skip_while(has_version).nth(5)?.1;
    let mut key = Elements(key);
    let (_, algorithm) = key.next()?;
    let (_, bits) = key.next()?;
    let is_rsa = Elements(algorithm).next()?.1 == RSA;
    let numbers = content(bits.get(1..)?, SEQUENCE).filter(|_| is_rsa)?;
    let modulus = content(numbers, INTEGER)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    let unused = usize::try_from(modulus[start].leading_zeros()).ok()?;
    Some((modulus.len() - start) * 8 - unused)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose};

    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.test".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn an_authority_is_one_that_says_so() {
        let authority = |params: &mut CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        };
        let explicit = |params: &mut CertificateParams| params.is_ca = IsCa::ExplicitNoCa;
        let signs = |params: &mut CertificateParams| {
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        };
        let others = |params: &mut CertificateParams| {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        };
        assert!(is_authority(&certificate(authority)));
        assert!(is_authority(&certificate(signs)));
        assert!(!is_authority(&certificate(explicit)));
        assert!(!is_authority(&certificate(others)));
        assert!(!is_authority(&certificate(|_| ())));
        assert!(is_authority(b"no certificate"), "left to webpki");
    }

    #[test]
    fn the_length_of_an_rsa_key_is_known() {
        let der = |pem: &str| {
            let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            STANDARD.decode(text).unwrap()
        };
        let small = der(include_str!("../../tests/tenant/keys/rsa-1024.pem"));
        assert_eq!(rsa_bits(&small), Some(1024));
        assert_eq!(rsa_bits(&certificate(|_| ())), None, "ECDSA");
    }

    #[test]
    fn no_bytes_are_too_odd_to_look_at() {
        let whole = certificate(|_| ());
        for length in 0..whole.len() {
            is_authority(&whole[..length]);
            rsa_bits(&whole[..length]);
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 0x85;
            is_authority(&changed);
            rsa_bits(&changed);
        }
    }
}
