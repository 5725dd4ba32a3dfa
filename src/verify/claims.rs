//! Verified tokens and their claims: types that only the verifier creates.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::allowed_times::AllowedTimes;
use super::registered::RegisteredClaims;
use crate::strict_json;

/// The claims of a verified token, in the token's order.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// `iss` and `sub`, if they are strings.
    issuer: Option<String>,
    subject: Option<String>,
    /// Read from the text when they are first asked for.
    members: OnceLock<Map<String, Value>>,
    /// The JSON text that the members were read from: one object without duplicate names.
    text: Vec<u8>,
    /// Whether the text is ASCII without line breaks, once that was asked.
    is_plain_line: OnceLock<bool>,
}

impl Claims {
    /// Of the payload of a verified token, whose text it is.
    pub(super) fn new(registered: RegisteredClaims, text: Vec<u8>) -> Self {
        let (issuer, subject) = registered.into_issuer_and_subject();
        Self {
            issuer,
            subject,
            text,
            ..Self::default()
        }
    }

    pub(super) fn members(&self) -> &Map<String, Value> {
        let read = || strict_json::object(&self.text).unwrap_or_default();
        self.members.get_or_init(read)
    }

    /// The claims of a token that an earlier run verified, from the user's private store; `None` if
    /// the text is not one JSON object without duplicate names.
    pub(crate) fn verified_before(text: &str) -> Option<Self> {
        let registered = RegisteredClaims::read(text.as_bytes()).ok()?;
        Some(Self::new(registered, text.as_bytes().to_vec()))
    }

    /// The claim of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members().get(name)
    }

    /// `sub`, if it is a string.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `iss`, if it is a string.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `exp` in whole seconds since 1970, if it is a number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    pub fn expires_at(&self) -> Option<i64> {
        let seconds = self.get("exp")?.as_f64()?;
        Some(seconds.floor() as i64)
    }

    /// All claims with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.members()
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// All claims as the issuer wrote them: one JSON object without duplicate names, possibly with
    /// line breaks.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the text is ASCII on one line.
    pub(crate) fn is_plain_line(&self) -> bool {
        let is_plain = || {
            let text = &self.text;
            text.is_ascii() && memchr::memchr2(b'\n', b'\r', text).is_none()
        };
        *self.is_plain_line.get_or_init(is_plain)
    }
}

impl serde::Serialize for Claims {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members().serialize(serializer)
    }
}

/// Whether parsing may have changed a number in it: an integer of more than 64 bits, or a fraction.
pub(crate) fn has_rounded_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(elements) => elements.iter().any(has_rounded_number),
        Value::Object(members) => members.values().any(has_rounded_number),
        _ => false,
    }
}

/// The members of a JSON object with their JSON text: numbers with the digits that came.
pub(crate) fn texts(text: &[u8]) -> HashMap<String, &RawValue> {
    serde_json::from_slice(text).unwrap_or_default()
}

/// A token that passed verification, with its claims. `Debug` does not show the token.
#[derive(Clone)]
pub struct VerifiedToken<'t> {
    claims: Claims,
    token: &'t str,
    times: AllowedTimes,
}

impl<'t> VerifiedToken<'t> {
    pub(super) fn new(claims: Claims, token: &'t str, times: AllowedTimes) -> Self {
        Self {
            claims,
            token,
            times,
        }
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The claims alone.
    #[must_use]
    pub fn into_claims(self) -> Claims {
        self.claims
    }

    /// The claims, and the times that were allowed.
    pub(crate) fn into_parts(self) -> (Claims, AllowedTimes) {
        (self.claims, self.times)
    }

    /// The token itself, in compact form: a secret.
    #[must_use]
    pub fn expose_token(&self) -> &'t str {
        self.token
    }
}

impl fmt::Debug for VerifiedToken<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedToken")
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        Claims::verified_before(text).unwrap()
    }

    #[test]
    fn the_subject_is_text() {
        assert_eq!(claims(r#"{"sub":"auth0|1"}"#).subject(), Some("auth0|1"));
        assert_eq!(claims(r#"{"sub":""}"#).subject(), Some(""));
        for none in ["{}", r#"{"sub":5}"#, r#"{"sub":null}"#] {
            assert_eq!(claims(none).subject(), None, "{none}");
        }
    }

    #[test]
    fn the_expiry_is_in_whole_seconds_rounded_down() {
        for (exp, seconds) in [
            ("1767225600", 1_767_225_600),
            ("1767225600.9", 1_767_225_600),
            ("-0.5", -1),
            ("1e300", i64::MAX),
        ] {
            let claims = claims(&format!("{{\"exp\":{exp}}}"));
            assert_eq!(claims.expires_at(), Some(seconds), "{exp}");
        }
        for none in ["{}", r#"{"exp":"1767225600"}"#] {
            assert_eq!(claims(none).expires_at(), None, "{none}");
        }
    }

    #[test]
    fn only_integers_of_64_bits_are_never_rounded_at_any_depth() {
        let is_rounded = |json: &str| has_rounded_number(&serde_json::from_str(json).unwrap());
        for rounded in [
            "18446744073709551616",
            "1.0",
            "[1,[2.5]]",
            r#"{"a":{"b":1e3}}"#,
        ] {
            assert!(is_rounded(rounded), "{rounded}");
        }
        for exact in [
            "18446744073709551615",
            "[1,[2]]",
            r#"{"a":{"b":-3}}"#,
            "null",
            r#""1.0""#,
        ] {
            assert!(!is_rounded(exact), "{exact}");
        }
    }

    #[test]
    fn the_texts_of_members_have_the_digits_that_came() {
        let texts = texts(br#"{"n" : 12345678901234567890123, "o": {"p":1.00}}"#);
        assert_eq!(texts.len(), 2);
        assert_eq!(texts["n"].get(), "12345678901234567890123");
        assert_eq!(texts["o"].get(), r#"{"p":1.00}"#);
    }

    #[test]
    fn debug_shows_the_claims_and_not_the_token() {
        let times = AllowedTimes::at(&RegisteredClaims::default(), 0);
        let token = VerifiedToken::new(claims(r#"{"sub":"robin"}"#), "a.b.c", times);
        let shown = format!("{token:?}");
        assert!(
            shown.contains("robin") && !shown.contains("a.b.c"),
            "{shown}"
        );
    }
}
