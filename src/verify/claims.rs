//! Claims that can be trusted.

use serde::Serialize;
use serde_json::{Map, Value};

/// What a verified token says, in its own order. Only the verifier makes one, so whoever holds one can rely on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(super) fn verified(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// The claim of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All claims with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
