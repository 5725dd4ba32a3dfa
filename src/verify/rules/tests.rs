//! One promise a rule: each fails when its rule is taken away.

use serde_json::json;

use super::*;

const NOW: i64 = 1_767_225_600;

/// A policy that a good ID token meets.
fn policy() -> Policy {
    Policy {
        issuer: Some("https://idp.example/".into()),
        audiences: vec!["client".into()],
        leeway: 0,
        ..Policy::new(Kind::IdToken, [Algorithm::RS256])
    }
}

/// A good ID token with some claims replaced, or taken away by null.
fn id_token(changes: &Value) -> Map<String, Value> {
    let mut claims = json!({ "iss": "https://idp.example/", "sub": "user", "aud": "client", "iat": NOW, "exp": NOW + 60 });
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
    let context = Context {
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token: None,
    };
    broken(claims, policy, &context)
        .into_iter()
        .map(|reason| format!("{}: {reason}", reason.rule.code()))
        .collect()
}

/// The messages about an ID token with these changes, under the usual policy.
fn refused(changes: &Value) -> Vec<String> {
    messages(&id_token(changes), &policy())
}

#[test]
fn a_good_id_token_breaks_no_rule() {
    assert!(refused(&json!({})).is_empty());
}

#[test]
fn every_broken_rule_is_named() {
    let asked = Policy {
        nonce: Some("n".into()),
        max_age: Some(5),
        organization: Some("acme".into()),
        ..policy()
    };
    let wrong = json!({ "iss": "x", "sub": "", "aud": "y", "azp": "z", "exp": 1, "nbf": NOW + 9, "iat": NOW + 9, "auth_time": 1,
        "at_hash": "h" });
    let context = Context {
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token: Some("token"),
    };
    let codes: Vec<&str> = broken(&id_token(&wrong), &asked, &context)
        .iter()
        .map(|reason| reason.rule.code())
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
    let near = [
        "https://idp.example",
        "https://IDP.example/",
        "https://idp.example//",
        "https://idp.example/\0",
        " https://idp.example/",
        "",
    ];
    for iss in near.map(Value::from).into_iter().chain([
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
fn an_issuer_must_be_named_even_where_any_will_do() {
    for (kind, count) in [(Kind::IdToken, 1), (Kind::AccessToken, 1), (Kind::Jwt, 0)] {
        let open = Policy {
            issuer: None,
            kind,
            ..policy()
        };
        assert_eq!(
            messages(&id_token(&json!({ "iss": null })), &open).len(),
            count,
            "{kind:?}"
        );
        assert_eq!(
            messages(&id_token(&json!({ "iss": "" })), &open).len(),
            count,
            "{kind:?}"
        );
        assert!(messages(&id_token(&json!({ "iss": "any" })), &open).is_empty());
    }
}

#[test]
fn an_id_token_says_who_signed_in() {
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
        kind: Kind::AccessToken,
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "sub": null })), &access_token).is_empty());
}

#[test]
fn the_audience_must_be_one_of_those_accepted() {
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
        kind: Kind::AccessToken,
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "aud": ["x", "two"] })), &any).is_empty());
    assert!(messages(&id_token(&json!({})), &any)[0].ends_with("expected \"one\" or \"two\""));
}

#[test]
fn an_audience_must_be_named_even_where_any_will_do() {
    let open = |kind| Policy {
        audiences: Vec::new(),
        kind,
        ..policy()
    };
    for aud in [json!(null), json!([]), json!(""), json!(5)] {
        assert_eq!(
            messages(&id_token(&json!({ "aud": aud })), &open(Kind::AccessToken)).len(),
            1,
            "{aud}"
        );
        assert!(messages(&id_token(&json!({ "aud": aud })), &open(Kind::Jwt)).is_empty());
    }
}

#[test]
fn among_several_audiences_the_token_must_be_meant_for_the_client() {
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
            "{azp} beside one audience"
        );
    }
    let mut null = id_token(&json!({}));
    null.insert("azp".into(), Value::Null);
    assert_eq!(messages(&null, &policy()).len(), 1);
}

#[test]
fn the_authorized_party_of_an_access_token_is_another_matter() {
    let access_token = Policy {
        kind: Kind::AccessToken,
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
    let asked = Policy {
        nonce: Some("n-0".into()),
        ..policy()
    };
    assert!(messages(&id_token(&json!({ "nonce": "n-0" })), &asked).is_empty());
    for nonce in [
        json!(null),
        json!("n-1"),
        json!(""),
        json!("n-"),
        json!(["n-0"]),
        json!(5),
    ] {
        assert_eq!(
            messages(&id_token(&json!({ "nonce": nonce })), &asked).len(),
            1,
            "{nonce}"
        );
    }
    assert!(refused(&json!({ "nonce": "unasked" })).is_empty());
}

#[test]
fn at_hash_must_fit_the_access_token_beside_it() {
    // OpenID Connect Core, appendix A.3
    let access_token = Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    let context = Context {
        algorithm: Algorithm::RS256,
        now: NOW,
        access_token,
    };
    let count = |at_hash: &Value| {
        broken(
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
    let longer = Context {
        algorithm: Algorithm::PS384,
        ..context
    };
    assert_eq!(
        broken(
            &id_token(&json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
            &policy(),
            &longer
        )
        .len(),
        1
    );
    assert!(refused(&json!({ "at_hash": "wrong, and nothing to compare" })).is_empty());
}

#[test]
fn at_hash_is_made_with_the_hash_of_the_signature() {
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
fn the_organization_must_be_the_one_asked_for() {
    let asked = |organization: &str| Policy {
        organization: Some(organization.into()),
        ..policy()
    };
    let claims = id_token(&json!({ "org_id": "org_1", "org_name": "acme" }));
    for right in ["org_1", "acme", "Acme"] {
        assert!(messages(&claims, &asked(right)).is_empty(), "{right}");
    }
    for wrong in ["org_2", "ORG_1", "org_", "acm", "acme ", "аcme"] {
        assert_eq!(messages(&claims, &asked(wrong)).len(), 1, "{wrong}");
    }
    for organization in ["org_1", "acme"] {
        let shapes = [
            json!({}),
            json!({ "org_id": 1, "org_name": 1 }),
            json!({ "org_id": ["org_1"], "org_name": ["acme"] }),
        ];
        for claims in shapes {
            assert_eq!(
                messages(&id_token(&claims), &asked(organization)).len(),
                1,
                "{claims}"
            );
        }
    }
}

#[test]
fn what_came_is_escaped_and_shortened() {
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
fn a_list_is_shown_as_it_came_and_an_empty_one_called_empty() {
    let policy = Policy {
        audiences: vec!["a".into()],
        ..Policy::new(Kind::Jwt, [])
    };
    let message =
        |aud: Value| messages(json!({ "aud": aud }).as_object().unwrap(), &policy).join("");
    assert_eq!(message(json!([])), "aud: aud is empty, expected \"a\"");
    assert_eq!(message(json!(["b"])), "aud: aud is [\"b\"], expected \"a\"");
}

#[test]
fn where_no_audience_is_asked_for_azp_may_name_anybody_but_nobody() {
    let policy = Policy {
        audiences: Vec::new(),
        ..policy()
    };
    let verdict = |azp: &str| messages(&id_token(&json!({ "azp": azp })), &policy);
    assert_eq!(verdict("somebody"), [""; 0]);
    assert_eq!(
        verdict(""),
        ["azp: azp is \"\", expected the name of an audience"]
    );
}

#[test]
fn a_subject_that_is_no_name_is_told_from_one_that_is_too_long() {
    assert_eq!(
        refused(&json!({ "sub": "" })),
        ["sub: sub is \"\", expected a text that says who signed in"]
    );
    assert_eq!(
        refused(&json!({ "sub": "x".repeat(256) })),
        ["sub: sub has 256 characters, and 255 are the most"]
    );
}
