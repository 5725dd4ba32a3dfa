//! The secret that an authenticator app shares with the provider, and its codes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::base32;
use crate::redact::{known, remember};

/// Seconds of a step, where an address does not say (RFC 6238 §5.2).
const PERIOD: u32 = 30;

/// The longest step, in seconds: with a longer one, a code that was used would block a day.
const LONGEST_PERIOD: u32 = 3600;

/// Digits of a code, where an address does not say.
const DIGITS: u32 = 6;

/// A secret, and how its codes are computed.
#[derive(Clone)]
pub(crate) struct TotpSecret {
    key: Arc<Zeroizing<Vec<u8>>>,
    algorithm: TotpAlgorithm,
    digits: u32,
    /// Seconds of a step.
    period: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TotpAlgorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// Why a text is no usable secret. Repeats none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TotpError {
    #[error("expected base32 (A to Z, 2 to 7) or an otpauth:// address")]
    Form,
    #[error("it has no secret")]
    Empty,
    #[error("the address is for codes that a counter makes (hotp), not time")]
    Counter,
    #[error("it is the export of an app with several accounts; expected the secret of one")]
    Export,
    #[error("the address has its {0} more than once")]
    Twice(&'static str),
    #[error("the address has an invalid {name}; expected {expected}")]
    Parameter {
        name: &'static str,
        expected: &'static str,
    },
}

impl TotpSecret {
    /// Reads base32, or an address as the QR codes of providers hold it: `otpauth://totp/LABEL` with
    /// `secret`, and optionally `algorithm`, `digits` and `period`.
    pub(crate) fn parse(text: &SecretString) -> Result<Self, TotpError> {
        let text = text.expose_secret().trim();
        let Some((scheme, _)) = text.split_once("://") else {
            return Self::new(text, TotpAlgorithm::Sha1, DIGITS, PERIOD);
        };
        if scheme.eq_ignore_ascii_case("otpauth-migration") {
            return Err(TotpError::Export);
        }
        let address = Url::parse(text).map_err(|_| TotpError::Form)?;
        match (address.scheme(), address.host_str()) {
            ("otpauth", Some(kind)) if kind.eq_ignore_ascii_case("totp") => {}
            ("otpauth", Some(kind)) if kind.eq_ignore_ascii_case("hotp") => {
                return Err(TotpError::Counter);
            }
            _ => return Err(TotpError::Form),
        }
        let secret = parameter(&address, "secret")?.ok_or(TotpError::Empty)?;
        let secret = Zeroizing::new(secret.into_owned());
        let algorithm = parameter(&address, "algorithm")?;
        let algorithm = algorithm.map_or(Ok(TotpAlgorithm::Sha1), |name| algorithm_named(&name))?;
        let digits = number(&address, "digits", DIGITS, 6, 8, "6, 7 or 8")?;
        let expected = "a number of seconds from 1 to 3600";
        let period = number(&address, "period", PERIOD, 1, LONGEST_PERIOD, expected)?;
        Self::new(&secret, algorithm, digits, period)
    }

    fn new(
        secret: &str,
        algorithm: TotpAlgorithm,
        digits: u32,
        period: u32,
    ) -> Result<Self, TotpError> {
        remember(secret);
        let key = base32::decode(secret).ok_or(TotpError::Form)?;
        if key.is_empty() {
            return Err(TotpError::Empty);
        }
        Ok(Self {
            key: Arc::new(key),
            algorithm,
            digits,
            period,
        })
    }

    /// The time step of a moment, in seconds since 1970 (RFC 6238 §4.2).
    pub(super) fn step_at(&self, time: i64) -> u64 {
        u64::try_from(time).unwrap_or_default() / u64::from(self.period)
    }

    /// When a step begins, in seconds since 1970.
    pub(super) fn begin_of(&self, step: u64) -> i64 {
        let begin = step.saturating_mul(u64::from(self.period));
        i64::try_from(begin).unwrap_or(i64::MAX)
    }

    /// The code of a step (RFC 4226 §5.3).
    pub(super) fn code_of(&self, step: u64) -> SecretString {
        let algorithm = match self.algorithm {
            TotpAlgorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            TotpAlgorithm::Sha256 => hmac::HMAC_SHA256,
            TotpAlgorithm::Sha512 => hmac::HMAC_SHA512,
        };
        let hash = hmac::sign(&hmac::Key::new(algorithm, &self.key), &step.to_be_bytes());
        let hash = hash.as_ref();
        let offset = hash.last().map_or(0, |last| usize::from(last & 0x0f));
        let four = hash.iter().skip(offset).take(4);
        let number = four.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = (number & 0x7fff_ffff) % 10_u32.pow(self.digits);
        let digits = self.digits as usize;
        known(format!("{number:0digits$}").into())
    }

    /// What tells this secret from every other one: its bytes, and what its codes depend on.
    pub(super) fn identity(&self) -> [Zeroizing<Vec<u8>>; 2] {
        let parameters = format!("{:?} {} {}", self.algorithm, self.digits, self.period);
        [(*self.key).clone(), Zeroizing::new(parameters.into_bytes())]
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TotpSecret")
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("period", &self.period)
            .finish_non_exhaustive()
    }
}

/// A parameter of an address. Providers write names in lower case; of two, apps take different ones.
fn parameter<'a>(address: &'a Url, name: &'static str) -> Result<Option<Cow<'a, str>>, TotpError> {
    let pairs = address.query_pairs();
    let mut values = pairs.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value);
    match values.next() {
        Some(_) => Err(TotpError::Twice(name)),
        None => Ok(value),
    }
}

fn number(
    address: &Url,
    name: &'static str,
    default: u32,
    least: u32,
    most: u32,
    expected: &'static str,
) -> Result<u32, TotpError> {
    let Some(text) = parameter(address, name)? else {
        return Ok(default);
    };
    let number = text.parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or(TotpError::Parameter { name, expected })
}

fn algorithm_named(name: &str) -> Result<TotpAlgorithm, TotpError> {
    let plain = name.replace('-', "").to_ascii_uppercase();
    match plain.strip_prefix("HMAC").unwrap_or(&plain) {
        "SHA1" => Ok(TotpAlgorithm::Sha1),
        "SHA256" => Ok(TotpAlgorithm::Sha256),
        "SHA512" => Ok(TotpAlgorithm::Sha512),
        _ => Err(TotpError::Parameter {
            name: "algorithm",
            expected: "SHA1, SHA256 or SHA512",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TotpSecret, TotpError> {
        TotpSecret::parse(&text.into())
    }

    fn base32_of(bytes: &[u8]) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .collect();
        let value = |five: &[u8]| {
            let value = five
                .iter()
                .fold(0_usize, |value, bit| value << 1 | usize::from(*bit));
            value << (5 - five.len())
        };
        bits.chunks(5)
            .map(|five| char::from(alphabet[value(five)]))
            .collect()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        let seed = |length: usize| -> Vec<u8> {
            b"1234567890".iter().copied().cycle().take(length).collect()
        };
        let vectors: [(i64, [&str; 3]); 6] = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (index, (name, length)) in [("SHA1", 20), ("SHA256", 32), ("SHA512", 64)]
            .into_iter()
            .enumerate()
        {
            let secret = base32_of(&seed(length));
            let address =
                format!("otpauth://totp/a:b?secret={secret}&algorithm={name}&digits=8&period=30");
            let totp = parse(&address).unwrap();
            for (time, codes) in vectors {
                let code = totp.code_of(totp.step_at(time));
                assert_eq!(code.expose_secret(), codes[index], "{name} at {time}");
            }
        }
    }

    #[test]
    fn base32_gives_six_digits_of_sha_1_every_30_seconds() {
        let address = parse("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            " GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ==== ",
        ] {
            let totp = parse(text).unwrap();
            assert_eq!(totp.code_of(totp.step_at(59)).expose_secret(), "287082");
            assert_eq!((totp.step_at(59), totp.begin_of(2)), (1, 60));
            assert_eq!(totp.identity(), address.identity());
        }
    }

    #[test]
    fn an_address_may_be_written_as_apps_write_it() {
        for address in [
            "OTPAUTH://TOTP/Acme:me@acme.test?secret=gezd+gnbv+gy3t+qojq&issuer=Acme",
            "otpauth://totp/Acme%3Ame%40acme.test?issuer=Acme&secret=GEZDGNBVGY3TQOJQ%3D%3D&digits=6",
            "otpauth://totp/?SECRET=GEZDGNBVGY3TQOJQ&algorithm=HmacSHA1&period=30&image=https://x",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=sha-1",
        ] {
            let expected = parse("GEZDGNBVGY3TQOJQ").unwrap().identity();
            assert_eq!(parse(address).unwrap().identity(), expected, "{address}");
        }
    }

    #[test]
    fn what_is_no_usable_secret_is_explained() {
        let at = |query: &str| format!("otpauth://totp/x?{query}");
        let with = |query: &str| at(&format!("secret=GEZDGNBVGY3TQOJQ&{query}"));
        for (text, problem) in [
            ("not base32!".to_owned(), "expected base32"),
            (String::new(), "it has no secret"),
            ("A".to_owned(), "it has no secret"),
            (
                "https://acme.test/?secret=GEZDGNBV".to_owned(),
                "expected base32",
            ),
            (
                "otpauth://hotp/x?secret=GEZDGNBV&counter=1".to_owned(),
                "a counter makes",
            ),
            (
                "otpauth-migration://offline?data=CjEK".to_owned(),
                "several accounts",
            ),
            (at("issuer=x"), "it has no secret"),
            (at("secret="), "it has no secret"),
            (at("secret=1"), "expected base32"),
            (with("secret=GEZDGNBV"), "its secret more than once"),
            (with("digits=5"), "invalid digits"),
            (with("digits=9"), "invalid digits"),
            (with("digits=six"), "invalid digits"),
            (with("period=0"), "invalid period"),
            (with("period=-30"), "invalid period"),
            (with("period=3601"), "invalid period"),
            (with("algorithm=MD5"), "invalid algorithm"),
            (with("algorithm="), "invalid algorithm"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let totp = format!("{:?}", parse("GEZDGNBVGY3TQOJQ").unwrap());
        assert!(!totp.contains("GEZD") && !totp.contains("49"), "{totp}");
    }
}
