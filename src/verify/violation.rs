//! The rules that a token can violate, and text about them that is safe for a terminal.

use std::fmt;

use serde_json::Value;

use crate::escape::{escape_json, excerpt};

/// The rule that a token violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    missing_docs,
    reason = "each variant names the claim or the part of the token that the rule is about"
)]
pub enum Rule {
    Size,
    Format,
    Header,
    Algorithm,
    Key,
    Signature,
    Payload,
    Issuer,
    Subject,
    Audience,
    AuthorizedParty,
    Expiry,
    NotBefore,
    IssuedAt,
    AuthTime,
    Nonce,
    AccessTokenHash,
    CodeHash,
    Organization,
    Confirmation,
    Kind,
    Scope,
    Permission,
    Role,
    Claim,
}

impl Rule {
    /// A short, stable name: the claim's if there is one.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Format => "format",
            Self::Header => "header",
            Self::Algorithm => "alg",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Payload => "payload",
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::AuthorizedParty => "azp",
            Self::Expiry => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::AuthTime => "auth_time",
            Self::Nonce => "nonce",
            Self::AccessTokenHash => "at_hash",
            Self::CodeHash => "c_hash",
            Self::Organization => "org",
            Self::Confirmation => "cnf",
            Self::Kind => "kind",
            Self::Scope => "scope",
            Self::Permission => "permission",
            Self::Role => "role",
            Self::Claim => "claim",
        }
    }
}

/// One violated rule: what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// One line, lower case; text from the token is escaped and shortened.
    pub message: String,
}

impl Violation {
    pub(super) fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
        }
    }

    /// Whether a wrong clock may be the cause.
    pub(super) fn is_about_time(&self) -> bool {
        matches!(
            self.rule,
            Rule::Expiry | Rule::NotBefore | Rule::IssuedAt | Rule::AuthTime
        )
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Text from a token in quotes, escaped and shortened.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", excerpt(text, 80))
}

/// How many names a list shows.
const SHOWN: usize = 3;

/// Names in quotes, the first few of many.
pub(super) fn quote_some(names: &[&str], separator: &str) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| quote(name)).collect();
    let shown = shown.join(separator);
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        1 => format!("{shown}{separator}1 other"),
        more => format!("{shown}{separator}{more} others"),
    }
}

/// The value found for a claim, escaped and shortened.
pub(super) fn show(value: Option<&Value>) -> String {
    match value {
        None => "missing".into(),
        Some(Value::String(text)) => quote(text),
        Some(Value::Array(members)) if members.is_empty() => "empty".into(),
        Some(other) => excerpt(&escape_json(&other.to_string()), 80),
    }
}
