//! The claims that the rules look at, and no others.

use serde_json::Value;

use super::error::VerificationError;
use super::violation::Rule;
use crate::strict_json;

/// Declares the claims with their names.
macro_rules! registered {
    ($($claim:ident $name:literal,)+) => {
        /// A claim that a rule looks at, so that it is kept when a payload is read.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Registered {
            $(#[doc = concat!("`", $name, "`")] $claim,)+
        }

        impl Registered {
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$claim => $name,)+
                }
            }

            fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$claim),)+
                    _ => None,
                }
            }
        }
    };
}

registered! {
    AccessTokenHash "at_hash",
    Audience "aud",
    AuthTime "auth_time",
    AuthorizedParty "azp",
    CodeHash "c_hash",
    Confirmation "cnf",
    Events "events",
    Expiry "exp",
    IssuedAt "iat",
    Issuer "iss",
    Nonce "nonce",
    NotBefore "nbf",
    OrganizationId "org_id",
    OrganizationName "org_name",
    Subject "sub",
    TenantId "tid",
    Type "typ",
}

/// What a payload has of them, in its order.
#[derive(Debug, Default)]
pub(super) struct RegisteredClaims(Vec<(Registered, Value)>);

impl RegisteredClaims {
    /// Reads a payload: one JSON object without duplicate names at any depth.
    pub(super) fn read(payload: &[u8]) -> Result<Self, VerificationError> {
        let members = strict_json::selected(payload, Registered::of_name);
        members.map(Self).map_err(|error| {
            VerificationError::because(Rule::Payload, format!("the token's payload is {error}"))
        })
    }

    pub(super) fn get(&self, claim: Registered) -> Option<&Value> {
        let mut members = self.0.iter();
        let found = members.find(|(name, _)| *name == claim);
        found.map(|(_, value)| value)
    }

    /// The claim, if it is a string.
    pub(super) fn text(&self, claim: Registered) -> Option<&str> {
        self.get(claim).and_then(Value::as_str)
    }

    /// `iss` and `sub`, if they are strings.
    pub(super) fn into_issuer_and_subject(self) -> (Option<String>, Option<String>) {
        let (mut issuer, mut subject) = (None, None);
        for (claim, value) in self.0 {
            match (claim, value) {
                (Registered::Issuer, Value::String(text)) => issuer = Some(text),
                (Registered::Subject, Value::String(text)) => subject = Some(text),
                _ => {}
            }
        }
        (issuer, subject)
    }

    pub(super) fn has(&self, claim: Registered) -> bool {
        self.get(claim).is_some()
    }

    #[cfg(test)]
    pub(super) fn of(claims: &Value) -> Self {
        Self::read(claims.to_string().as_bytes()).unwrap()
    }
}
