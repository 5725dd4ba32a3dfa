//! Why a token is not trusted: the rules it broke, in words fit for a terminal.

use std::fmt;

use serde_json::Value;

use crate::keys::Algorithm;
use crate::text::{escape_json, excerpt};

/// The rule that a token broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    missing_docs,
    reason = "each variant is the claim, or the part of the token, that the rule is about"
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
    Organization,
    Scope,
    Permission,
    Role,
    Claim,
}

impl Rule {
    /// A short name that stays the same from version to version; a claim's own name where there is one.
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
            Self::Organization => "org",
            Self::Scope => "scope",
            Self::Permission => "permission",
            Self::Role => "role",
            Self::Claim => "claim",
        }
    }
}

/// One broken rule: what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// One line, lower case, with everything foreign escaped and shortened.
    pub message: String,
}

impl Reason {
    pub(super) fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// A token that is not trusted: one fatal reason, or, where the signature holds, every claim that is not as asked.
#[derive(Debug)]
pub struct Untrusted {
    reasons: Vec<Reason>,
    remedy: Option<Remedy>,
}

/// What the caller might do about a token that is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Its `kid` is not in the set: fetch the issuer's keys afresh, once.
    RefreshKeys,
    /// It is signed with this algorithm, which the policy does not allow.
    AllowAlgorithm(Algorithm),
}

impl Untrusted {
    pub(super) fn because(rule: Rule, message: impl Into<String>) -> Self {
        Reason::new(rule, message).into()
    }

    pub(super) fn with_remedy(self, remedy: Option<Remedy>) -> Self {
        Self { remedy, ..self }
    }

    /// Every broken rule that was found, at least one.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// What might help, if anything.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.remedy
    }

    /// Whether a rule about times was broken, so that a wrong clock may be the cause.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        let times = [
            Rule::Expiry,
            Rule::NotBefore,
            Rule::IssuedAt,
            Rule::AuthTime,
        ];
        self.reasons
            .iter()
            .any(|reason| times.contains(&reason.rule))
    }
}

impl From<Reason> for Untrusted {
    fn from(reason: Reason) -> Self {
        vec![reason].into()
    }
}

impl From<Vec<Reason>> for Untrusted {
    fn from(reasons: Vec<Reason>) -> Self {
        Self {
            reasons,
            remedy: None,
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<&str> = self
            .reasons
            .iter()
            .map(|reason| reason.message.as_str())
            .collect();
        write!(
            formatter,
            "the token is not to be trusted: {}",
            messages.join("; ")
        )
    }
}

impl std::error::Error for Untrusted {}

/// Foreign text in quotes, escaped and shortened.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", excerpt(text, 80))
}

/// What came in a claim's place, escaped and shortened.
pub(super) fn show(value: Option<&Value>) -> String {
    match value {
        None => "missing".into(),
        Some(Value::String(text)) => quote(text),
        Some(Value::Array(members)) if members.is_empty() => "empty".into(),
        Some(other) => excerpt(&escape_json(&other.to_string()), 80),
    }
}
