//! One test per rule, which fails without the rule.

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
fn id_token(changes: &Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": "https://idp.example/", "sub": "user", "aud": "client", "iat": NOW, "exp": NOW + 60,
    });
    let claims = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.shift_remove(name),
            value => claims.insert(name.clone(), value.clone()),
        };
    }
    claims.clone()
}

fn messages(claims: &Map<String, Value>, policy: &Policy) -> Vec<String> {
    let context = TokenContext {
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token: None,
    };
    violations(claims, policy, &context)
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
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token: Some("token"),
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
    let mut claims = id_token(&json!({}));
    claims.insert("sub".into(), Value::Null);
    assert_eq!(messages(&claims, &access_token).len(), 1);
}

#[test]
fn aud_must_contain_an_expected_audience() {
    let wrong = ["", "Client", "client ", "client,other", "other", "clien"].map(Value::from);
    let lists = [
        json!([]),
        json!(["other"]),
        json!([["client"]]),
        json!(["client", 5]),
        json!(["client", null]),
        json!({}),
        json!(5),
    ];
    for aud in wrong.into_iter().chain(lists) {
        assert!(
            refused(&json!({ "aud": aud, "azp": "client" }))
                .iter()
                .any(|message| message.starts_with("aud: ")),
            "{aud}"
        );
    }
    assert!(refused(&json!({ "aud": null }))[0].contains("aud is missing, expected \"client\""));
    let any = Policy {
        audiences: vec!["one".into(), "two".into()],
        kind: TokenKind::AccessToken,
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "aud": ["x", "two"] })), &any).is_empty());
    assert!(messages(&id_token(&json!({})), &any)[0].ends_with("expected \"one\" or \"two\""));
}

#[test]
fn without_an_expected_audience_aud_is_still_required() {
    let any_audience = |kind| Policy {
        audiences: Vec::new(),
        kind,
        ..policy()
    };
    for aud in [json!(null), json!([]), json!(""), json!(5)] {
        assert_eq!(
            messages(
                &id_token(&json!({ "aud": aud })),
                &any_audience(TokenKind::AccessToken)
            )
            .len(),
            1,
            "{aud}"
        );
        assert!(
            messages(
                &id_token(&json!({ "aud": aud })),
                &any_audience(TokenKind::Jwt)
            )
            .is_empty()
        );
    }
}

#[test]
fn with_several_audiences_azp_must_be_the_client() {
    let both = json!(["client", "other"]);
    assert!(refused(&json!({ "aud": both, "azp": "client" })).is_empty());
    assert!(refused(&json!({ "aud": both }))[0].contains("azp is missing"));
    for azp in [
        json!("other"),
        json!("clien"),
        json!("client "),
        json!(42),
        json!(["client"]),
    ] {
        assert_eq!(
            refused(&json!({ "aud": both, "azp": azp })).len(),
            1,
            "{azp}"
        );
        assert_eq!(
            refused(&json!({ "azp": azp })).len(),
            1,
            "{azp} with one audience"
        );
    }
    let mut null = id_token(&json!({}));
    null.insert("azp".into(), Value::Null);
    assert_eq!(messages(&null, &policy()).len(), 1);
}

#[test]
fn azp_of_an_access_token_is_not_compared() {
    let access_token = Policy {
        kind: TokenKind::AccessToken,
        ..policy()
    };
    assert!(
        messages(
            &id_token(&json!({ "aud": ["client", "other"], "azp": "app" })),
            &access_token
        )
        .is_empty()
    );
}

#[test]
fn the_nonce_must_be_the_one_that_was_sent() {
    let policy = Policy {
        nonce: Some("n-0".into()),
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "nonce": "n-0" })), &policy).is_empty());
    for nonce in [
        json!(null),
        json!("n-1"),
        json!(""),
        json!("n-"),
        json!(["n-0"]),
        json!(5),
    ] {
        assert_eq!(
            messages(&id_token(&json!({ "nonce": nonce })), &policy).len(),
            1,
            "{nonce}"
        );
    }
    assert!(refused(&json!({ "nonce": "unexpected" })).is_empty());
}

#[test]
fn at_hash_must_match_the_access_token() {
    // OpenID Connect Core §A.3
    let access_token = Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    let context = TokenContext {
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token,
    };
    let count = |at_hash: &Value| {
        violations(
            &id_token(&json!({ "at_hash": at_hash })),
            &policy(),
            &context,
        )
        .len()
    };
    assert_eq!(count(&json!("77QmUPtjPfzWtF2AnpK9RQ")), 0);
    assert_eq!(count(&json!(null)), 0);
    for wrong in [
        json!(""),
        json!("77QmUPtjPfzWtF2AnpK9R"),
        json!("77qmuptjpfzwtf2anpk9rq"),
        json!(5),
        json!([]),
    ] {
        assert_eq!(count(&wrong), 1, "{wrong}");
    }
    let longer = TokenContext {
        algorithm: Algorithm::PS384,
        ..context
    };
    assert_eq!(
        violations(
            &id_token(&json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
            &policy(),
            &longer
        )
        .len(),
        1
    );
    assert!(refused(&json!({ "at_hash": "wrong, but there is no access token" })).is_empty());
}

#[test]
fn at_hash_uses_the_hash_function_of_the_algorithm() {
    let lengths =
        Algorithm::ALL.map(|algorithm| (algorithm.name(), hash_of(algorithm).output_len() * 8));
    for (name, bits) in lengths {
        let expected = if name.starts_with("Ed") {
            "512".into()
        } else {
            bits.to_string()
        };
        assert!(
            name.ends_with(&expected) || name.starts_with("Ed"),
            "{name}"
        );
        assert_eq!(bits.to_string(), expected);
    }
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
        |aud: Value| messages(json!({ "aud": aud }).as_object().unwrap(), &policy).join("");
    assert_eq!(message(json!([])), "aud: aud is empty, expected \"a\"");
    assert_eq!(message(json!(["b"])), "aud: aud is [\"b\"], expected \"a\"");
}

#[test]
fn without_an_expected_audience_azp_may_be_any_but_empty() {
    let policy = Policy {
        audiences: Vec::new(),
        ..policy()
    };
    let verdict = |azp: &str| messages(&id_token(&json!({ "azp": azp })), &policy);
    assert_eq!(verdict("any"), [""; 0]);
    assert_eq!(verdict(""), ["azp: azp is \"\", expected an audience"]);
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

#[test]
fn a_token_bound_to_a_key_is_no_bearer_token_unless_allowed() {
    for kind in [TokenKind::AccessToken, TokenKind::IdToken, TokenKind::Jwt] {
        let claims = json!({ "cnf": { "jkt": "x" } });
        let broken = |allow_bound| {
            let policy = Policy {
                allow_bound,
                ..Policy::new(kind, [Algorithm::RS256])
            };
            confirmation(claims.as_object().unwrap(), &policy).is_err()
        };
        assert_eq!((broken(false), broken(true)), (true, false), "{kind:?}");
    }
}

#[test]
fn a_token_of_another_kind_is_recognized_by_its_claims() {
    for (claims, access_token, id_token) in [
        (json!({ "at_hash": "x" }), false, true),
        (json!({ "c_hash": "x" }), false, true),
        (json!({ "events": {} }), false, false),
        (json!({ "typ": "ID" }), false, true),
        (json!({ "typ": "Refresh" }), false, true),
        (json!({ "typ": "Logout" }), false, true),
        (json!({ "typ": "Bearer" }), true, true),
        (json!({ "typ": 1 }), true, true),
    ] {
        let claims = claims.as_object().unwrap();
        let is_fine = |kind_of: TokenKind| kind(claims, &Policy::new(kind_of, [])).is_ok();
        assert_eq!(is_fine(TokenKind::AccessToken), access_token, "{claims:?}");
        assert_eq!(is_fine(TokenKind::IdToken), id_token, "{claims:?}");
        assert!(is_fine(TokenKind::Jwt), "{claims:?}");
    }
}

#[test]
fn the_authorized_party_can_be_named_or_left_open() {
    let azp = |party: AuthorizedParty, claims: &Value| {
        let policy = Policy {
            audiences: vec!["web".into()],
            authorized_party: party,
            ..Policy::new(TokenKind::IdToken, [])
        };
        authorized_party(claims.as_object().unwrap(), &policy).is_ok()
    };
    let android = json!({ "aud": "web", "azp": "android" });
    let several = json!({ "aud": ["web", "other"] });
    assert!(!azp(AuthorizedParty::Audience, &android));
    assert!(azp(AuthorizedParty::Client("android".into()), &android));
    assert!(!azp(AuthorizedParty::Client("ios".into()), &android));
    assert!(!azp(AuthorizedParty::Client("web".into()), &several));
    assert!(azp(AuthorizedParty::Any, &android) && azp(AuthorizedParty::Any, &several));
}
