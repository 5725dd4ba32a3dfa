//! For whom a token is.

use super::*;

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
    let null = RegisteredClaims::of(&json!({
        "iss": "https://idp.example/", "sub": "user", "aud": "client", "azp": null, "iat": NOW,
        "exp": NOW + 60,
    }));
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
fn the_authorized_party_can_be_named_or_left_open() {
    let azp = |party: AuthorizedParty, claims: &Value| {
        let policy = Policy {
            audiences: vec!["web".into()],
            authorized_party: party,
            ..Policy::new(TokenKind::IdToken, [])
        };
        authorized_party(&RegisteredClaims::of(claims), &policy).is_ok()
    };
    let android = json!({ "aud": "web", "azp": "android" });
    let several = json!({ "aud": ["web", "other"] });
    assert!(!azp(AuthorizedParty::Audience, &android));
    assert!(azp(AuthorizedParty::Client("android".into()), &android));
    assert!(!azp(AuthorizedParty::Client("ios".into()), &android));
    assert!(!azp(AuthorizedParty::Client("web".into()), &several));
    assert!(azp(AuthorizedParty::Any, &android) && azp(AuthorizedParty::Any, &several));
}
