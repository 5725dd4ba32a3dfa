//! Scopes, permissions, roles and other members of lists.

use super::*;

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
    let list = json!({ "scope": ["openid", "read:orders"] });
    assert!(unmet(&requirements("read:orders"), &list).is_empty());
    let of_auth0 = json!({ "scope": ["read:orders"], "permissions": [] });
    assert_eq!(unmet(&requirements("read:orders"), &of_auth0), ["scope"]);
    for scope in [
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
