//! Gates: what a trusted token must also grant.

use serde_json::{Number, Value};

use super::claims::Claims;
use super::reason::{Reason, Rule, quote, show};
use crate::json;

/// What is required of a token beyond being genuine. Everything named must be there.
#[derive(Clone, Debug, Default)]
pub struct Gates {
    /// Scopes: words of the claim `scope` (RFC 8693 §4.2).
    pub scopes: Vec<String>,
    /// Permissions: members of the list `permissions`.
    pub permissions: Vec<String>,
    /// Roles: members of the list that `roles_claim` names.
    pub roles: Vec<String>,
    /// The claim that holds roles.
    pub roles_claim: String,
    /// Claims that must be there, with a value where one is given.
    pub claims: Vec<Requirement>,
}

/// A claim that must be there, or must have a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The claim's name.
    pub name: String,
    /// Its value, or `None` where any but null will do.
    pub value: Option<Value>,
}

/// 2⁵³: from here on a double stands for more than one integer.
const MANY_INTEGERS: f64 = 9_007_199_254_740_992.0;

impl Requirement {
    /// Read `NAME` or `NAME=VALUE`. VALUE is JSON where it parses as strict JSON, else a string.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            None => Self {
                name: text.into(),
                value: None,
            },
            Some((name, value)) => {
                let value = json::value(value.as_bytes()).unwrap_or_else(|_| value.into());
                Self {
                    name: name.into(),
                    value: Some(value),
                }
            }
        }
    }
}

/// Everything that a genuine token does not grant.
#[derive(Debug, thiserror::Error)]
#[error("the token is genuine, but {}", .0.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct Missing(Vec<Reason>);

impl Missing {
    /// Every miss, at least one.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.0
    }
}

/// The access token beside an ID token, which is where scopes and permissions stand after a login.
#[derive(Clone, Copy, Debug)]
pub enum AccessToken<'c> {
    /// A JWT, verified.
    Verified(&'c Claims),
    /// Only the API can read it; its scope is what the token endpoint said (RFC 6749 §5.1).
    Opaque {
        /// The answer's `scope`.
        scope: Option<&'c str>,
    },
}

impl Gates {
    /// Whether nothing is required.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs_no_access_token() && self.roles.is_empty() && self.claims.is_empty()
    }

    /// Whether no scope and no permission is required.
    #[must_use]
    pub fn needs_no_access_token(&self) -> bool {
        self.scopes.is_empty() && self.permissions.is_empty()
    }

    /// Whether the claims grant everything required. `roles` are those that the tenant told, in place of the claim.
    pub fn check(&self, claims: &Claims, roles: Option<&[String]>) -> Result<(), Missing> {
        self.check_login(claims, AccessToken::Verified(claims), roles)
    }

    /// The same for a login: roles and claims are looked for in the ID token, scopes and permissions in the access token.
    pub fn check_login(
        &self,
        claims: &Claims,
        access_token: AccessToken<'_>,
        roles: Option<&[String]>,
    ) -> Result<(), Missing> {
        let told;
        let (scope, permissions) = match access_token {
            AccessToken::Verified(claims) => (claims.get("scope"), claims.get("permissions")),
            AccessToken::Opaque { scope } => {
                told = scope.map(Value::from);
                (told.as_ref(), None)
            }
        };
        let mut missing = Vec::new();
        missing.extend(self.missing_scopes(scope));
        missing.extend(self.missing_permissions(permissions));
        missing.extend(self.missing_roles(claims, roles));
        missing.extend(self.missing_claims(claims));
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Missing(missing))
        }
    }

    fn missing_scopes(&self, granted: Option<&Value>) -> impl Iterator<Item = Reason> {
        let words: Vec<&str> = granted
            .and_then(Value::as_str)
            .map_or_else(Vec::new, |scope| scope.split(' ').collect());
        self.scopes
            .iter()
            .filter(move |scope| scope.is_empty() || !words.contains(&scope.as_str()))
            .map(move |scope| {
                Reason::new(
                    Rule::Scope,
                    format!(
                        "the scope {} is not granted; scope is {}",
                        quote(scope),
                        show(granted)
                    ),
                )
            })
    }

    fn missing_permissions(&self, granted: Option<&Value>) -> impl Iterator<Item = Reason> {
        self.permissions
            .iter()
            .filter(move |permission| !is_member(granted, permission))
            .map(move |permission| {
                let message = format!(
                    "the permission {} is not granted; permissions is {}",
                    quote(permission),
                    show(granted)
                );
                Reason::new(Rule::Permission, message)
            })
    }

    fn missing_roles(
        &self,
        claims: &Claims,
        told: Option<&[String]>,
    ) -> impl Iterator<Item = Reason> {
        let claim = claims.get(&self.roles_claim);
        let has = move |role: &String| {
            told.map_or_else(|| is_member(claim, role), |told| told.contains(role))
        };
        self.roles
            .iter()
            .filter(move |role| !has(role))
            .map(move |role| {
                let source = match told {
                    Some(_) => "the tenant does not list it for this user".into(),
                    None => format!("{} is {}", quote(&self.roles_claim), show(claim)),
                };
                Reason::new(
                    Rule::Role,
                    format!("the role {} is not granted; {source}", quote(role)),
                )
            })
    }

    fn missing_claims(&self, claims: &Claims) -> impl Iterator<Item = Reason> {
        self.claims.iter().filter_map(
            |Requirement {
                 name,
                 value: required,
             }| {
                let claim = claims.get(name);
                let expected = match (claim, required) {
                    (Some(claim), Some(required)) if is_same(claim, required) => return None,
                    (Some(claim), None) if !claim.is_null() => return None,
                    (_, Some(required)) => format!(", expected {}", show(Some(required))),
                    (_, None) => ", and it must be there".into(),
                };
                Some(Reason::new(
                    Rule::Claim,
                    format!("the claim {} is {}{expected}", quote(name), show(claim)),
                ))
            },
        )
    }
}

fn is_member(list: Option<&Value>, member: &str) -> bool {
    list.and_then(Value::as_array)
        .is_some_and(|members| members.iter().any(|value| value == member))
}

/// Whether two values are the same JSON: numbers by value (5 is 5.0), members of objects in any order.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => is_same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, value)| right.get(name).is_some_and(|other| is_same(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

/// Integers of 64 bits are compared exactly. Of anything else a double was kept, which stands for many numbers where it is
/// large or has vanished to zero: there none is the same as another.
fn is_same_number(left: &Number, right: &Number) -> bool {
    if !left.is_f64() && !right.is_f64() {
        return left == right;
    }
    let tells = |number: f64| number.is_normal() && number.abs() < MANY_INTEGERS;
    left.as_f64()
        .is_some_and(|value| tells(value) && right.as_f64() == Some(value))
}

#[cfg(test)]
mod tests;
