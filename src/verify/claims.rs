//! Verified tokens and their claims: types that only the verifier creates.

use std::collections::HashMap;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::strict_json;

/// The claims of a verified token, in the token's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
    /// The JSON text that the members were read from.
    text: Vec<u8>,
}

impl Claims {
    pub(super) fn new(members: Map<String, Value>, text: Vec<u8>) -> Self {
        Self { members, text }
    }

    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The claims of a token that an earlier run verified, from the user's private store; `None` if
    /// the text is not one JSON object without duplicate names.
    pub(crate) fn verified_before(text: &str) -> Option<Self> {
        let members = strict_json::object(text.as_bytes()).ok()?;
        Some(Self::new(members, text.as_bytes().to_vec()))
    }

    /// The claim of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// `sub`, if it is a string.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.get("sub").and_then(Value::as_str)
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
        self.members
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// All claims as the issuer wrote them: one JSON object without duplicate names, possibly with
    /// line breaks.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

impl serde::Serialize for Claims {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
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
#[derive(Clone, PartialEq)]
pub struct VerifiedToken<'t> {
    claims: Claims,
    token: &'t str,
}

impl<'t> VerifiedToken<'t> {
    pub(super) fn new(claims: Claims, token: &'t str) -> Self {
        Self { claims, token }
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
