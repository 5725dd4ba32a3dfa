//! Who issued a token, and about whom.

use super::*;

#[test]
fn the_issuer_is_compared_byte_by_byte() {
    let similar = [
        "https://idp.example",
        "https://IDP.example/",
        "https://idp.example//",
        "https://idp.example/\0",
        " https://idp.example/",
        "",
    ];
    for iss in similar.map(Value::from).into_iter().chain([
        json!(5),
        json!(["https://idp.example/"]),
        json!({}),
    ]) {
        assert_eq!(refused(&json!({ "iss": iss })).len(), 1, "{iss}");
    }
    assert_eq!(
        refused(&json!({ "iss": null })),
        ["iss: iss is missing, expected \"https://idp.example/\""]
    );
}

#[test]
fn without_an_expected_issuer_iss_is_still_required() {
    for (kind, count) in [
        (TokenKind::IdToken, 1),
        (TokenKind::AccessToken, 1),
        (TokenKind::Jwt, 0),
    ] {
        let any_issuer = Policy {
            issuer: None,
            kind,
            ..policy()
        };
        assert_eq!(
            messages(&id_token(&json!({ "iss": null })), &any_issuer).len(),
            count,
            "{kind:?}"
        );
        assert_eq!(
            messages(&id_token(&json!({ "iss": "" })), &any_issuer).len(),
            count,
            "{kind:?}"
        );
        assert!(messages(&id_token(&json!({ "iss": "any" })), &any_issuer).is_empty());
    }
}

#[test]
fn an_id_token_requires_a_valid_sub_and_an_access_token_has_a_valid_one_or_none() {
    for sub in [
        json!(null),
        json!(""),
        json!(5),
        json!(["user"]),
        json!("s".repeat(256)),
    ] {
        assert_eq!(refused(&json!({ "sub": sub })).len(), 1, "{sub}");
    }
    assert!(refused(&json!({ "sub": "s".repeat(255) })).is_empty());
    let access_token = Policy {
        kind: TokenKind::AccessToken,
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "sub": null })), &access_token).is_empty());
    for sub in [json!(""), json!(5), json!(["user"])] {
        let claims = id_token(&json!({ "sub": sub }));
        assert_eq!(messages(&claims, &access_token).len(), 1, "{sub}");
    }
    let claims = RegisteredClaims::of(&json!({
        "iss": "https://idp.example/", "sub": null, "aud": "client", "iat": NOW, "exp": NOW + 60,
    }));
    assert_eq!(messages(&claims, &access_token).len(), 1);
}

#[test]
fn the_organization_must_be_the_expected_one() {
    let expecting = |organization: &str| Policy {
        organization: Some(organization.into()),
        ..policy()
    };
    let claims = id_token(&json!({ "org_id": "org_1", "org_name": "acme" }));
    for right in ["org_1", "acme", "Acme"] {
        assert!(messages(&claims, &expecting(right)).is_empty(), "{right}");
    }
    for wrong in ["org_2", "ORG_1", "org_", "acm", "acme ", "аcme"] {
        assert_eq!(messages(&claims, &expecting(wrong)).len(), 1, "{wrong}");
    }
    for organization in ["org_1", "acme"] {
        let shapes = [
            json!({}),
            json!({ "org_id": 1, "org_name": 1 }),
            json!({ "org_id": ["org_1"], "org_name": ["acme"] }),
        ];
        for claims in shapes {
            assert_eq!(
                messages(&id_token(&claims), &expecting(organization)).len(),
                1,
                "{claims}"
            );
        }
    }
}

#[test]
fn an_empty_sub_and_a_long_one_have_different_messages() {
    assert_eq!(
        refused(&json!({ "sub": "" })),
        ["sub: sub is \"\", expected the identifier of a user"]
    );
    assert_eq!(
        refused(&json!({ "sub": "x".repeat(256) })),
        ["sub: sub has 256 characters, expected at most 255"]
    );
}
