//! Verified tokens and their claims: types that only the verifier creates.

use std::fmt;

use serde_json::{Map, Value};

/// The claims of a verified token, in the token's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
    /// The JSON text that the members were read from.
    text: Vec<u8>,
}

impl Claims {
    pub(super) fn new(members: Map<String, Value>, text: Vec<u8>) -> Self {
        Self { members, text }
    }

    /// The claim of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// The claim that a NAME names: a top-level claim of exactly that name, else a JSON Pointer if
    /// it begins with `/` (RFC 6901), else a path with dots.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value> {
        if let Some(claim) = self.get(name) {
            return Some(claim);
        }
        if let Some(pointer) = name.strip_prefix('/') {
            let (first, rest) = match pointer.split_once('/') {
                Some((first, rest)) => (first, format!("/{rest}")),
                None => (pointer, String::new()),
            };
            let first = first.replace("~1", "/").replace("~0", "~");
            return self.get(&first)?.pointer(&rest);
        }
        path(&self.members, name)
    }

    /// `sub`, if it is a string.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.get("sub").and_then(Value::as_str)
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

/// Follows a path with dots. A member may have dots in its own name, so that every way to divide
/// the path is tried, the longest name first.
fn path<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if let Some(value) = members.get(name) {
        return Some(value);
    }
    let dots = name.rmatch_indices('.');
    dots.into_iter().find_map(|(dot, _)| {
        let inner = members.get(&name[..dot])?.as_object()?;
        path(inner, &name[dot + 1..])
    })
}

impl serde::Serialize for Claims {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
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
