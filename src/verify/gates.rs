//! Gates: what a trusted token must also grant.

use serde_json::Value;

use super::claims::Claims;
use super::reason::{Reason, Rule, quote, show};

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

impl Requirement {
    /// Read `NAME` or `NAME=VALUE`. VALUE is JSON where it parses as JSON, else a string.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            None => Self { name: text.into(), value: None },
            Some((name, value)) => {
                let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
                Self { name: name.into(), value: Some(value) }
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

impl Gates {
    /// Whether the claims grant everything required. `roles` are those that the tenant told, in place of the claim.
    pub fn check(&self, claims: &Claims, roles: Option<&[String]>) -> Result<(), Missing> {
        let mut missing = Vec::new();
        missing.extend(self.missing_scopes(claims));
        missing.extend(self.missing_permissions(claims));
        missing.extend(self.missing_roles(claims, roles));
        missing.extend(self.missing_claims(claims));
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    fn missing_scopes(&self, claims: &Claims) -> impl Iterator<Item = Reason> {
        let granted = claims.get("scope");
        let words: Vec<&str> =
            granted.and_then(Value::as_str).map_or_else(Vec::new, |scope| scope.split(' ').collect());
        self.scopes.iter().filter(move |scope| scope.is_empty() || !words.contains(&scope.as_str())).map(move |scope| {
            Reason::new(Rule::Scope, format!("the scope {} is not granted; scope is {}", quote(scope), show(granted)))
        })
    }

    fn missing_permissions(&self, claims: &Claims) -> impl Iterator<Item = Reason> {
        let granted = claims.get("permissions");
        self.permissions.iter().filter(move |permission| !is_member(granted, permission)).map(move |permission| {
            let message =
                format!("the permission {} is not granted; permissions is {}", quote(permission), show(granted));
            Reason::new(Rule::Permission, message)
        })
    }

    fn missing_roles(&self, claims: &Claims, told: Option<&[String]>) -> impl Iterator<Item = Reason> {
        let claim = claims.get(&self.roles_claim);
        let has = move |role: &String| told.map_or_else(|| is_member(claim, role), |told| told.contains(role));
        self.roles.iter().filter(move |role| !has(role)).map(move |role| {
            let source = match told {
                Some(_) => "the tenant does not list it for this user".into(),
                None => format!("{} is {}", quote(&self.roles_claim), show(claim)),
            };
            Reason::new(Rule::Role, format!("the role {} is not granted; {source}", quote(role)))
        })
    }

    fn missing_claims(&self, claims: &Claims) -> impl Iterator<Item = Reason> {
        self.claims.iter().filter_map(|Requirement { name, value: required }| {
            let claim = claims.get(name);
            let expected = match (claim, required) {
                (Some(claim), Some(required)) if is_same(claim, required) => return None,
                (Some(claim), None) if !claim.is_null() => return None,
                (_, Some(required)) => format!(", expected {}", show(Some(required))),
                (_, None) => ", and it must be there".into(),
            };
            Some(Reason::new(Rule::Claim, format!("the claim {} is {}{expected}", quote(name), show(claim))))
        })
    }
}

fn is_member(list: Option<&Value>, member: &str) -> bool {
    list.and_then(Value::as_array).is_some_and(|members| members.iter().any(|value| value == member))
}

/// Whether two values are the same JSON: numbers by value (5 is 5.0), members of objects in any order.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let both_whole = !left.is_f64() && !right.is_f64();
            left == right || (!both_whole && left.as_f64() == right.as_f64())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, value)| right.get(name).is_some_and(|other| is_same(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn missing(gates: &Gates, claims: &Value) -> Vec<&'static str> {
        let claims = Claims::verified(claims.as_object().unwrap().clone());
        let verdict = gates.check(&claims, None);
        verdict
            .err()
            .map_or_else(Vec::new, |missing| missing.reasons().iter().map(|reason| reason.rule.code()).collect())
    }

    fn requires(text: &str) -> Gates {
        Gates { claims: vec![Requirement::parse(text)], ..Gates::default() }
    }

    #[test]
    fn a_scope_is_a_whole_word_of_the_claim() {
        let gates = |scope: &str| Gates { scopes: vec![scope.into()], ..Gates::default() };
        let granted = json!({ "scope": " openid  read:orders " });
        assert!(missing(&gates("read:orders"), &granted).is_empty());
        for scope in ["read:order", "Read:orders", "orders", "openid read:orders", "", " ", "*"] {
            assert_eq!(missing(&gates(scope), &granted), ["scope"], "{scope:?}");
        }
        for scope in [
            json!(["read:orders"]),
            json!(null),
            json!(5),
            json!({}),
            json!("openid\u{a0}read:orders"),
            json!("a,read:orders"),
        ] {
            assert_eq!(missing(&gates("read:orders"), &json!({ "scope": scope })), ["scope"], "{scope}");
        }
    }

    #[test]
    fn a_permission_is_a_member_of_the_list() {
        let gates = Gates { permissions: vec!["read:orders".into()], ..Gates::default() };
        assert!(missing(&gates, &json!({ "permissions": ["x", "read:orders"] })).is_empty());
        let others = [
            json!(["read:order"]),
            json!(["Read:orders"]),
            json!([]),
            json!("read:orders"),
            json!({ "read:orders": 1 }),
            json!(null),
        ];
        for permissions in others {
            assert_eq!(missing(&gates, &json!({ "permissions": permissions, "scope": "read:orders" })), ["permission"]);
        }
    }

    #[test]
    fn a_role_is_a_member_of_the_claim_that_holds_roles() {
        let roles_claim = "https://acme.example/roles".to_owned();
        let gates = Gates { roles: vec!["admin".into()], roles_claim, ..Gates::default() };
        assert!(missing(&gates, &json!({ "https://acme.example/roles": ["admin"] })).is_empty());
        for claims in [json!({ "roles": ["admin"] }), json!({ "https://acme.example/roles": "admin" }), json!({})] {
            assert_eq!(missing(&gates, &claims), ["role"], "{claims}");
        }
    }

    #[test]
    fn roles_that_the_tenant_told_count_in_place_of_the_claim() {
        let gates = Gates { roles: vec!["admin".into()], roles_claim: "roles".into(), ..Gates::default() };
        let claims = Claims::verified(json!({ "roles": ["admin"] }).as_object().unwrap().clone());
        assert!(gates.check(&claims, Some(&["admin".into()])).is_ok());
        assert!(gates.check(&claims, Some(&["Admin".into()])).is_err());
    }

    #[test]
    fn a_claim_must_have_the_very_value() {
        let claims = json!({ "tier": "gold", "level": 5, "ok": true, "one": 1, "text": "5", "list": ["a", "b"], "no": null,
            "object": { "a": 1, "b": [2.0] } });
        for held in [
            "tier=gold",
            "tier=\"gold\"",
            "level=5",
            "level=5.0",
            "ok=true",
            "text=\"5\"",
            "list=[\"a\",\"b\"]",
            "no=null",
            "object={\"b\":[2],\"a\":1}",
            "tier",
            "level",
        ] {
            assert!(missing(&requires(held), &claims).is_empty(), "{held}");
        }
        for broken in [
            "tier=Gold",
            "tier=gol",
            "tier=",
            "level=6",
            "level=\"5\"",
            "text=5",
            "ok=1",
            "one=true",
            "list=a",
            "list=[\"b\",\"a\"]",
            "list=[\"a\"]",
            "object={\"a\":1}",
            "no",
            "absent",
            "absent=null",
        ] {
            assert_eq!(missing(&requires(broken), &claims), ["claim"], "{broken}");
        }
    }

    #[test]
    fn large_numbers_are_not_rounded_to_fit() {
        assert_eq!(missing(&requires("n=9007199254740993"), &json!({ "n": 9_007_199_254_740_992_u64 })), ["claim"]);
        assert!(missing(&requires("n=18446744073709551615"), &json!({ "n": u64::MAX })).is_empty());
    }

    #[test]
    fn a_value_is_json_where_it_is_json_and_a_text_where_it_is_not() {
        let value = |text| Requirement::parse(text).value;
        assert_eq!(value("a=5"), Some(json!(5)));
        assert_eq!(value("a=x=y"), Some(json!("x=y")));
        assert_eq!(value("a="), Some(json!("")));
        assert_eq!(value("a"), None);
        assert_eq!(Requirement::parse("https://acme.example/role=x").name, "https://acme.example/role");
    }

    #[test]
    fn everything_that_is_missing_is_told_together() {
        let gates = Gates {
            scopes: vec!["s".into()],
            permissions: vec!["p".into()],
            roles: vec!["r".into()],
            roles_claim: "roles".into(),
            claims: vec![Requirement::parse("c\u{1b}=5")],
        };
        assert_eq!(missing(&gates, &json!({})), ["scope", "permission", "role", "claim"]);
        let message = gates.check(&Claims::verified(serde_json::Map::new()), None).unwrap_err().to_string();
        assert!(message.starts_with("the token is genuine, but the scope \"s\" is not granted"), "{message}");
        assert!(message.ends_with(r#"the claim "c\u{1b}" is missing, expected 5"#), "{message}");
    }
}
