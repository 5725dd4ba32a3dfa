//! Each gate opens for what it names, and for nothing that is like it.

use serde_json::json;

use super::*;

fn verified(claims: &Value) -> Claims {
    Claims::verified(
        claims.as_object().unwrap().clone(),
        claims.to_string().into(),
    )
}

fn missing(gates: &Gates, claims: &Value) -> Vec<&'static str> {
    let claims = verified(claims);
    let verdict = gates.check(&claims, None);
    verdict.err().map_or_else(Vec::new, |missing| {
        missing
            .reasons()
            .iter()
            .map(|reason| reason.rule.code())
            .collect()
    })
}

fn requires(text: &str) -> Gates {
    Gates {
        claims: vec![Requirement::parse(text)],
        ..Gates::default()
    }
}

#[test]
fn a_scope_is_a_whole_word_of_the_claim() {
    let gates = |scope: &str| Gates {
        scopes: vec![scope.into()],
        ..Gates::default()
    };
    let granted = json!({ "scope": " openid  read:orders " });
    assert!(missing(&gates("read:orders"), &granted).is_empty());
    for scope in [
        "read:order",
        "Read:orders",
        "orders",
        "openid read:orders",
        "",
        " ",
        "*",
    ] {
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
        assert_eq!(
            missing(&gates("read:orders"), &json!({ "scope": scope })),
            ["scope"],
            "{scope}"
        );
    }
}

#[test]
fn a_permission_is_a_member_of_the_list() {
    let gates = Gates {
        permissions: vec!["read:orders".into()],
        ..Gates::default()
    };
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
        assert_eq!(
            missing(
                &gates,
                &json!({ "permissions": permissions, "scope": "read:orders" })
            ),
            ["permission"]
        );
    }
}

#[test]
fn a_role_is_a_member_of_the_claim_that_holds_roles() {
    let roles_claim = "https://acme.example/roles".to_owned();
    let gates = Gates {
        roles: vec!["admin".into()],
        roles_claim,
        ..Gates::default()
    };
    assert!(missing(&gates, &json!({ "https://acme.example/roles": ["admin"] })).is_empty());
    for claims in [
        json!({ "roles": ["admin"] }),
        json!({ "https://acme.example/roles": "admin" }),
        json!({}),
    ] {
        assert_eq!(missing(&gates, &claims), ["role"], "{claims}");
    }
}

#[test]
fn roles_that_the_tenant_told_count_in_place_of_the_claim() {
    let gates = Gates {
        roles: vec!["admin".into()],
        roles_claim: "roles".into(),
        ..Gates::default()
    };
    let claims = verified(&json!({ "roles": ["admin"] }));
    assert!(gates.check(&claims, Some(&["admin".into()])).is_ok());
    assert!(gates.check(&claims, Some(&["Admin".into()])).is_err());
}

#[test]
fn numbers_that_a_double_cannot_tell_apart_are_not_the_same() {
    for (claim, required) in [
        ("12345678901234567890123", "n=12345678901234567890124"),
        ("18446744073709551616", "n=18446744073709551617"),
        ("9007199254740993", "n=9007199254740992.0"),
        ("9007199254740992.0", "n=9007199254740993"),
        ("1e-400", "n=0"),
        ("0", "n=1e-400"),
        ("[1e300]", "n=[1e300]"),
    ] {
        let claims: Value = serde_json::from_str(&format!("{{\"n\":{claim}}}")).unwrap();
        assert_eq!(
            missing(&requires(required), &claims),
            ["claim"],
            "{claim} {required}"
        );
    }
    for (claim, required) in [
        ("9007199254740993", "n=9007199254740993"),
        ("0", "n=0"),
        ("2.5", "n=2.50"),
        ("-1", "n=-1.0"),
    ] {
        let claims: Value = serde_json::from_str(&format!("{{\"n\":{claim}}}")).unwrap();
        assert!(
            missing(&requires(required), &claims).is_empty(),
            "{claim} {required}"
        );
    }
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
        "object={\"a\":2,\"b\":[2]}",
        "object={\"a\":2,\"a\":1,\"b\":[2]}",
        "object={\"a\":1,\"b\":[2],\"c\":3}",
        "no",
        "absent",
        "absent=null",
    ] {
        assert_eq!(missing(&requires(broken), &claims), ["claim"], "{broken}");
    }
}

#[test]
fn large_numbers_are_not_rounded_to_fit() {
    assert_eq!(
        missing(
            &requires("n=9007199254740993"),
            &json!({ "n": 9_007_199_254_740_992_u64 })
        ),
        ["claim"]
    );
    assert!(
        missing(
            &requires("n=18446744073709551615"),
            &json!({ "n": u64::MAX })
        )
        .is_empty()
    );
}

#[test]
fn a_value_is_json_where_it_is_json_and_a_text_where_it_is_not() {
    let value = |text| Requirement::parse(text).value;
    assert_eq!(value("a=5"), Some(json!(5)));
    assert_eq!(value("a=x=y"), Some(json!("x=y")));
    assert_eq!(value("a="), Some(json!("")));
    assert_eq!(value("a"), None);
    assert_eq!(
        Requirement::parse("https://acme.example/role=x").name,
        "https://acme.example/role"
    );
}

#[test]
fn after_a_login_scopes_and_permissions_are_those_of_the_access_token() {
    let granted = json!({ "scope": "s", "permissions": ["p"] });
    let (full, empty) = (verified(&granted), verified(&json!({})));
    let gates = Gates {
        scopes: vec!["s".into()],
        permissions: vec!["p".into()],
        ..Gates::default()
    };
    let count = |claims, access_token| {
        gates
            .check_login(claims, access_token, None)
            .map_or_else(|missing| missing.reasons().len(), |()| 0)
    };
    assert_eq!(count(&empty, AccessToken::Verified(&full)), 0);
    assert_eq!(count(&full, AccessToken::Verified(&empty)), 2);
    assert_eq!(
        count(
            &full,
            AccessToken::Opaque {
                scope: Some("openid s")
            }
        ),
        1,
        "no permissions in an opaque token"
    );
    assert_eq!(count(&full, AccessToken::Opaque { scope: None }), 2);
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
    assert_eq!(
        missing(&gates, &json!({})),
        ["scope", "permission", "role", "claim"]
    );
    let message = gates
        .check(&verified(&json!({})), None)
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("the token is genuine, but the scope \"s\" is not granted"),
        "{message}"
    );
    assert!(
        message.ends_with(r#"the claim "c\u{1b}" is missing, expected 5"#),
        "{message}"
    );
}

#[test]
fn a_gate_of_any_kind_is_one_and_two_kinds_are_for_the_access_token() {
    let scopes = Gates {
        scopes: vec!["s".into()],
        ..Gates::default()
    };
    let permissions = Gates {
        permissions: vec!["p".into()],
        ..Gates::default()
    };
    let roles = Gates {
        roles: vec!["r".into()],
        ..Gates::default()
    };
    assert!(Gates::default().is_empty() && Gates::default().needs_no_access_token());
    for gates in [&scopes, &permissions] {
        assert!(!gates.is_empty() && !gates.needs_no_access_token());
    }
    for gates in [&roles, &requires("c")] {
        assert!(!gates.is_empty() && gates.needs_no_access_token());
    }
}
