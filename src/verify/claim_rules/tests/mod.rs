//! One test per rule, which fails without the rule.

mod bound;
mod who;
mod whom;

use serde_json::json;

use super::*;

const NOW: i64 = 1_767_225_600;

/// The policy for [`id_token`].
fn policy() -> Policy {
    Policy {
        issuer: Some("https://idp.example/".into()),
        audiences: vec!["client".into()],
        leeway: 0,
        ..Policy::new(TokenKind::IdToken, [Algorithm::RS256])
    }
}

/// A valid ID token with some claims replaced, or removed by null.
fn id_token(changes: &Value) -> RegisteredClaims {
    let mut claims = json!({
        "iss": "https://idp.example/", "sub": "user", "aud": "client", "iat": NOW, "exp": NOW + 60,
    });
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => members.shift_remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    RegisteredClaims::of(&claims)
}

fn context() -> TokenContext<'static> {
    TokenContext {
        algorithm: Algorithm::RS256,
        key_issuer: None,
        now: NOW,
        access_token: None,
    }
}

fn messages(claims: &RegisteredClaims, policy: &Policy) -> Vec<String> {
    violations(claims, policy, &context())
        .into_iter()
        .map(|violation| format!("{}: {violation}", violation.rule.code()))
        .collect()
}

/// The messages about an ID token with these changes, under the usual policy.
fn refused(changes: &Value) -> Vec<String> {
    messages(&id_token(changes), &policy())
}

#[test]
fn a_valid_id_token_violates_no_rule() {
    assert!(refused(&json!({})).is_empty());
}

#[test]
fn every_violated_rule_is_reported() {
    let policy = Policy {
        nonce: Some("n".into()),
        max_age: Some(5),
        organization: Some("acme".into()),
        ..policy()
    };
    let wrong = json!({
        "iss": "x", "sub": "", "aud": "y", "azp": "z", "exp": 1, "nbf": NOW + 9, "iat": NOW + 9,
        "auth_time": 1, "at_hash": "h",
    });
    let context = TokenContext {
        access_token: Some("token"),
        ..context()
    };
    let codes: Vec<&str> = violations(&id_token(&wrong), &policy, &context)
        .iter()
        .map(|violation| violation.rule.code())
        .collect();
    assert_eq!(
        codes,
        [
            "iss",
            "sub",
            "aud",
            "azp",
            "exp",
            "nbf",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "org"
        ]
    );
}

#[test]
fn text_from_a_token_is_escaped_and_shortened() {
    let message =
        refused(&json!({ "iss": format!("\u{1b}]0;x\u{7}{}", "y".repeat(200)) })).remove(0);
    assert!(
        message.starts_with(r#"iss: iss is "\u{1b}]0;x\u{7}yyy"#),
        "{message}"
    );
    assert!(
        message.contains("…") && message.chars().count() < 200,
        "{message}"
    );
    let message = refused(&json!({ "aud": { "\u{202e}": "\u{1b}" } })).remove(0);
    assert!(message.contains(r#"{"\u202e":"\u001b"}"#), "{message}");
}

#[test]
fn a_list_is_shown_as_json_and_an_empty_one_as_empty() {
    let policy = Policy {
        audiences: vec!["a".into()],
        ..Policy::new(TokenKind::Jwt, [])
    };
    let message =
        |aud: Value| messages(&RegisteredClaims::of(&json!({ "aud": aud })), &policy).join("");
    assert_eq!(message(json!([])), "aud: aud is empty, expected \"a\"");
    assert_eq!(message(json!(["b"])), "aud: aud is [\"b\"], expected \"a\"");
}
