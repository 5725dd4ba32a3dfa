//! Each requirement is met by exactly what it names.

use serde_json::json;

use super::*;

fn verified(claims: &Value) -> Claims {
    Claims::new(
        claims.as_object().unwrap().clone(),
        claims.to_string().into(),
    )
}

/// The codes of the requirements that the claims do not meet.
fn unmet(requirements: &Requirements, claims: &Value) -> Vec<&'static str> {
    match requirements.check(&verified(claims), None) {
        Ok(()) => Vec::new(),
        Err(unmet) => {
            let rules = unmet.violations().iter();
            rules.map(|violation| violation.rule.code()).collect()
        }
    }
}

fn requiring(text: &str) -> Requirements {
    Requirements {
        claims: vec![ClaimRequirement::parse(text)],
        ..Requirements::default()
    }
}

#[test]
fn a_scope_is_one_of_the_scopes_in_the_claim() {
    let requirements = |scope: &str| Requirements {
        scopes: vec![scope.into()],
        ..Requirements::default()
    };
    let granted = json!({ "scope": " openid  read:orders " });
    assert!(unmet(&requirements("read:orders"), &granted).is_empty());
    for scope in [
        "read:order",
        "Read:orders",
        "orders",
        "openid read:orders",
        "",
        " ",
        "*",
    ] {
        assert_eq!(
            unmet(&requirements(scope), &granted),
            ["scope"],
            "{scope:?}"
        );
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
            unmet(&requirements("read:orders"), &json!({ "scope": scope })),
            ["scope"],
            "{scope}"
        );
    }
}

#[test]
fn a_permission_is_a_member_of_the_array() {
    let requirements = Requirements {
        permissions: vec!["read:orders".into()],
        ..Requirements::default()
    };
    assert!(
        unmet(
            &requirements,
            &json!({ "permissions": ["x", "read:orders"] })
        )
        .is_empty()
    );
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
            unmet(
                &requirements,
                &json!({ "permissions": permissions, "scope": "read:orders" })
            ),
            ["permission"]
        );
    }
}

#[test]
fn a_role_is_a_member_of_the_roles_claim() {
    let roles_claim = "https://acme.example/roles".to_owned();
    let requirements = Requirements {
        roles: vec!["admin".into()],
        roles_claim,
        ..Requirements::default()
    };
    assert!(
        unmet(
            &requirements,
            &json!({ "https://acme.example/roles": ["admin"] })
        )
        .is_empty()
    );
    for claims in [
        json!({ "roles": ["admin"] }),
        json!({ "https://acme.example/roles": "administrator" }),
        json!({ "https://acme.example/roles": { "admin": true } }),
        json!({}),
    ] {
        assert_eq!(unmet(&requirements, &claims), ["role"], "{claims}");
    }
}

#[test]
fn one_role_as_text_and_nested_roles_are_found() {
    let requirements = |roles_claim: &str| Requirements {
        roles: vec!["admin".into()],
        roles_claim: roles_claim.into(),
        ..Requirements::default()
    };
    let claims = json!({
        "role": "admin",
        "realm_access": { "roles": ["admin"] },
        "resource_access": { "my.app": { "roles": ["admin"] } },
        "a.b": { "c/d": ["admin"] },
    });
    for name in [
        "role",
        "realm_access.roles",
        "/realm_access/roles",
        "resource_access.my.app.roles",
        "/resource_access/my.app/roles",
        "a.b.c/d",
        "/a.b/c~1d",
    ] {
        assert!(unmet(&requirements(name), &claims).is_empty(), "{name}");
    }
    for name in [
        "realm_access",
        "realm_access.",
        ".roles",
        "/",
        "/role/0",
        "",
    ] {
        assert_eq!(unmet(&requirements(name), &claims), ["role"], "{name}");
    }
}

#[test]
fn scopes_are_found_in_scp_and_in_a_claim_that_the_caller_names() {
    let requirements = |scope_claim: Option<&str>| Requirements {
        scopes: vec!["read".into()],
        scope_claim: scope_claim.map(str::to_owned),
        ..Requirements::default()
    };
    for (name, claims) in [
        (None, json!({ "scp": "write read" })),
        (None, json!({ "scp": ["write", "read"] })),
        (Some("scope"), json!({ "scope": ["write", "read"] })),
        (Some("a.scopes"), json!({ "a": { "scopes": "read" } })),
    ] {
        assert!(unmet(&requirements(name), &claims).is_empty(), "{claims}");
    }
    for claims in [
        json!({ "scope": "write", "scp": "read" }),
        json!({ "scp": "reading" }),
    ] {
        assert_eq!(unmet(&requirements(None), &claims), ["scope"], "{claims}");
    }
}

#[test]
fn a_member_is_found_in_a_list_alone() {
    let requirements = Requirements {
        members: vec![("amr".into(), "mfa".into())],
        ..Requirements::default()
    };
    assert!(unmet(&requirements, &json!({ "amr": ["pwd", "mfa"] })).is_empty());
    for claims in [
        json!({ "amr": "mfa" }),
        json!({ "amr": ["mfa2"] }),
        json!({}),
    ] {
        assert_eq!(unmet(&requirements, &claims), ["claim"], "{claims}");
    }
}

#[test]
fn roles_from_the_tenant_replace_the_claim() {
    let requirements = Requirements {
        roles: vec!["admin".into()],
        roles_claim: "roles".into(),
        ..Requirements::default()
    };
    let claims = verified(&json!({ "roles": ["admin"] }));
    assert!(requirements.check(&claims, Some(&["admin".into()])).is_ok());
    assert!(
        requirements
            .check(&claims, Some(&["Admin".into()]))
            .is_err()
    );
}

#[test]
fn numbers_that_a_double_cannot_distinguish_are_not_equal() {
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
            unmet(&requiring(required), &claims),
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
            unmet(&requiring(required), &claims).is_empty(),
            "{claim} {required}"
        );
    }
}

#[test]
fn a_claim_must_have_exactly_the_value() {
    let claims = json!({
        "tier": "gold", "level": 5, "ok": true, "one": 1, "text": "5", "list": ["a", "b"],
        "no": null, "object": { "a": 1, "b": [2.0] },
    });
    for met in [
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
        assert!(unmet(&requiring(met), &claims).is_empty(), "{met}");
    }
    for not_met in [
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
        assert_eq!(unmet(&requiring(not_met), &claims), ["claim"], "{not_met}");
    }
}

#[test]
fn large_numbers_are_not_rounded() {
    assert_eq!(
        unmet(
            &requiring("n=9007199254740993"),
            &json!({ "n": 9_007_199_254_740_992_u64 })
        ),
        ["claim"]
    );
    assert!(
        unmet(
            &requiring("n=18446744073709551615"),
            &json!({ "n": u64::MAX })
        )
        .is_empty()
    );
}

#[test]
fn a_value_is_json_if_it_parses_and_text_otherwise() {
    let value = |text| ClaimRequirement::parse(text).value;
    assert_eq!(value("a=5"), Some(json!(5)));
    assert_eq!(value("a=x=y"), Some(json!("x=y")));
    assert_eq!(value("a="), Some(json!("")));
    assert_eq!(value("a"), None);
    assert_eq!(
        ClaimRequirement::parse("https://acme.example/role=x").name,
        "https://acme.example/role"
    );
}

#[test]
fn a_login_has_the_scopes_and_permissions_of_its_access_token() {
    let granted = json!({ "scope": "s", "permissions": ["p"] });
    let (full, empty) = (verified(&granted), verified(&json!({})));
    let requirements = Requirements {
        scopes: vec!["s".into()],
        permissions: vec!["p".into()],
        ..Requirements::default()
    };
    let count = |claims, access_token| {
        requirements
            .check_login(claims, access_token, None)
            .map_or_else(|unmet| unmet.violations().len(), |()| 0)
    };
    assert_eq!(count(&empty, AccessToken::Verified(&full)), 0);
    assert_eq!(count(&full, AccessToken::Verified(&empty)), 2);
    assert_eq!(
        count(
            &full,
            AccessToken::Opaque {
                scope: Some("openid s"),
                is_encrypted: false,
            }
        ),
        1,
        "an opaque token has no known permissions"
    );
    assert_eq!(
        count(
            &full,
            AccessToken::Opaque {
                scope: None,
                is_encrypted: false
            }
        ),
        2
    );
}

#[test]
fn every_unmet_requirement_is_reported() {
    let requirements = Requirements {
        scopes: vec!["s".into()],
        permissions: vec!["p".into()],
        roles: vec!["r".into()],
        roles_claim: "roles".into(),
        claims: vec![ClaimRequirement::parse("c\u{1b}=5")],
        ..Requirements::default()
    };
    assert_eq!(
        unmet(&requirements, &json!({})),
        ["scope", "permission", "role", "claim"]
    );
    let error = requirements.check(&verified(&json!({})), None).unwrap_err();
    assert_eq!(
        error.reasons(),
        [
            r#"the scope "s" is not granted; scope is missing"#,
            r#"the permission "p" is not granted; permissions is missing"#,
            r#"the role "r" is not granted; "roles" is missing"#,
            r#"the claim "c\u{1b}" is missing, expected 5"#,
        ]
    );
}

#[test]
fn only_scopes_and_permissions_need_an_access_token() {
    let scopes = Requirements {
        scopes: vec!["s".into()],
        ..Requirements::default()
    };
    let permissions = Requirements {
        permissions: vec!["p".into()],
        ..Requirements::default()
    };
    let roles = Requirements {
        roles: vec!["r".into()],
        ..Requirements::default()
    };
    assert!(Requirements::default().is_empty() && Requirements::default().needs_no_access_token());
    for requirements in [&scopes, &permissions] {
        assert!(!requirements.is_empty() && !requirements.needs_no_access_token());
    }
    for requirements in [&roles, &requiring("c")] {
        assert!(!requirements.is_empty() && requirements.needs_no_access_token());
    }
}
