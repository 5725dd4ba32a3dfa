//! What a token is bound to: a request, an access token, a key; and its kind.

use super::*;

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
        access_token,
        ..context()
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
fn c_hash_must_match_the_authorization_code() {
    // OpenID Connect Core §A.4
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    let policy = Policy {
        code: Some(code.into()),
        ..policy()
    };
    let of = |c_hash: &Value| messages(&id_token(&json!({ "c_hash": c_hash })), &policy);
    assert!(of(&json!("LDktKdoQak3Pk0cnXxCltA")).is_empty());
    assert!(of(&json!(null)).is_empty());
    for wrong in [json!("LDktKdoQak3Pk0cnXxCltQ"), json!(""), json!(5)] {
        let [message] = &of(&wrong)[..] else {
            panic!("{wrong}");
        };
        assert!(
            message.ends_with("which does not match the authorization code"),
            "{message}"
        );
    }
    assert!(refused(&json!({ "c_hash": "wrong, but there is no code" })).is_empty());
}

#[test]
fn at_hash_uses_the_hash_function_of_the_algorithm() {
    for algorithm in Algorithm::ALL {
        let bits: Vec<_> = hashes_of(algorithm)
            .iter()
            .map(|hash| (hash.output_len() * 8).to_string())
            .collect();
        if algorithm.name().starts_with("Ed") {
            assert_eq!(bits, ["512", "256"], "{algorithm}");
        } else {
            assert!(
                bits.len() == 1 && algorithm.name().ends_with(&bits[0]),
                "{algorithm}"
            );
        }
    }
}

#[test]
fn at_hash_of_an_ed25519_token_may_be_of_sha_512_or_sha_256() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let context = TokenContext {
        algorithm: Algorithm::EdDSA,
        access_token: Some(token),
        ..context()
    };
    for (hash, half) in [(&digest::SHA512, 32), (&digest::SHA256, 16)] {
        let hash = digest::digest(hash, token.as_bytes());
        let claims =
            id_token(&json!({ "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..half]) }));
        assert!(violations(&claims, &policy(), &context).is_empty());
        let whole = id_token(&json!({ "at_hash": URL_SAFE_NO_PAD.encode(hash.as_ref()) }));
        assert_eq!(violations(&whole, &policy(), &context).len(), 1);
    }
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
            confirmation(&RegisteredClaims::of(&claims), &policy).is_err()
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
        let claims = &RegisteredClaims::of(&claims);
        let is_fine = |kind_of: TokenKind| kind(claims, &Policy::new(kind_of, [])).is_ok();
        assert_eq!(is_fine(TokenKind::AccessToken), access_token, "{claims:?}");
        assert_eq!(is_fine(TokenKind::IdToken), id_token, "{claims:?}");
        assert!(is_fine(TokenKind::Jwt), "{claims:?}");
    }
}
