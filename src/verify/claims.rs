//! Claims that can be trusted.

use serde_json::{Map, Value};

/// What a verified token says, in its own order. Only the verifier makes one, so whoever holds one can rely on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
    /// The JSON text that the members were read from.
    text: Vec<u8>,
}

impl Claims {
    pub(super) fn verified(members: Map<String, Value>, text: Vec<u8>) -> Self {
        Self { members, text }
    }

    /// The claim of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All claims with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.members
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// All claims as the issuer wrote them: one JSON object without duplicate names, perhaps on several lines.
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
