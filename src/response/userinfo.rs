//! A userinfo response (OpenID Connect Core §5.3.2).

use serde_json::{Map, Value};

use crate::escape::excerpt;
use crate::strict_json::{self, JsonError};

/// Claims about the ID token's user.
#[derive(Debug)]
pub(crate) struct Userinfo {
    members: Map<String, Value>,
    /// The JSON text that the members were read from.
    text: Vec<u8>,
}

/// Why a userinfo response is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserinfoError {
    #[error(transparent)]
    Malformed(#[from] JsonError),
    #[error("the userinfo response is about another user than the id_token: its sub is {found}")]
    OtherUser { found: String },
}

impl Userinfo {
    /// Parses a response. Its `sub` must be the ID token's, since the access token could have been
    /// replaced by another user's (§5.3.2).
    pub(crate) fn parse(body: &[u8], subject: Option<&str>) -> Result<Self, UserinfoError> {
        let members = strict_json::object(body)?;
        let found = members.get("sub");
        if subject.is_some() && found.and_then(Value::as_str) == subject {
            let text = body.to_vec();
            return Ok(Self { members, text });
        }
        let found = found.map_or_else(
            || "missing".to_owned(),
            |found| excerpt(&found.to_string(), 100),
        );
        Err(UserinfoError::OtherUser { found })
    }

    /// The JSON object as it came.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// All claims with their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.members
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}
