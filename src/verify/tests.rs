//! From token to claims: what holds for every kind of token and key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::keys::{KeySet, Origin, SharedSecret};

const SECRET: &str = "a secret of thirty-two characters";
const NOW: i64 = 1_767_225_600;

/// A token of these texts, whatever they hold, rightly signed with [`SECRET`].
fn signed(header: &str, payload: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()),
        message.as_bytes(),
    );
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn token(claims: &Value) -> String {
    signed(r#"{"alg":"HS256"}"#, claims.to_string().as_bytes())
}

fn keys() -> Keys {
    Keys::shared(SharedSecret::new(&SecretString::from(SECRET), false))
}

fn check(token: &str) -> Result<Claims, Untrusted> {
    verify(
        token,
        &keys(),
        &Policy::new(Kind::Jwt, [Algorithm::HS256]),
        NOW,
        None,
    )
}

fn rule(token: &str) -> Rule {
    check(token).unwrap_err().reasons()[0].rule
}

#[test]
fn a_right_token_gives_its_claims_in_their_order() {
    let claims = check(&token(&json!({ "z": 1, "a": "x", "exp": NOW + 1 }))).unwrap();
    assert_eq!(
        claims.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["z", "a", "exp"]
    );
    assert_eq!(claims.get("a"), Some(&json!("x")));
    assert_eq!(
        serde_json::to_string(&claims).unwrap(),
        format!("{{\"z\":1,\"a\":\"x\",\"exp\":{}}}", NOW + 1)
    );
}

#[test]
fn nothing_is_said_of_the_claims_while_the_signature_is_wrong() {
    let genuine = token(&json!({ "exp": 1 }));
    let (signed, _) = genuine.rsplit_once('.').unwrap();
    for signature in ["", "AA", &URL_SAFE_NO_PAD.encode([0; 32])] {
        let untrusted = check(&format!("{signed}.{signature}")).unwrap_err();
        assert_eq!(untrusted.reasons().len(), 1);
        assert_eq!(untrusted.reasons()[0].rule, Rule::Signature);
        assert!(!untrusted.is_about_time());
    }
}

#[test]
fn all_broken_rules_are_told_once_the_signature_holds() {
    let policy = Policy {
        issuer: Some("i".into()),
        audiences: vec!["a".into()],
        ..Policy::new(Kind::IdToken, [Algorithm::HS256])
    };
    let untrusted = verify(
        &token(&json!({ "sub": "s", "iat": 1 })),
        &keys(),
        &policy,
        NOW,
        None,
    )
    .unwrap_err();
    let rules: Vec<Rule> = untrusted
        .reasons()
        .iter()
        .map(|reason| reason.rule)
        .collect();
    assert_eq!(rules, [Rule::Issuer, Rule::Audience, Rule::Expiry]);
    assert!(untrusted.is_about_time());
    assert!(
        untrusted
            .to_string()
            .contains("iss is missing, expected \"i\"; aud is missing"),
        "{untrusted}"
    );
}

#[test]
fn the_parts_are_looked_at_in_order() {
    assert_eq!(rule("opaque"), Rule::Format);
    assert_eq!(rule("e30.!.AA"), Rule::Format);
    assert_eq!(rule(&signed("[]", b"{}")), Rule::Header);
    assert_eq!(rule(&signed("{\"alg\":\"none\"}", b"{}")), Rule::Algorithm);
    assert_eq!(
        rule(&signed("{\"alg\":\"HS256\",\"crit\":[\"x\"]}", b"{}")),
        Rule::Header
    );
    assert_eq!(rule(&signed("{\"alg\":\"HS256\"}", b"[]")), Rule::Payload);
    assert_eq!(rule(&signed("{\"alg\":\"HS256\"}", b"")), Rule::Payload);
    assert_eq!(
        rule(&signed(
            "{\"alg\":\"HS256\"}",
            br#"{"exp":1,"exp":9999999999}"#
        )),
        Rule::Payload
    );
    assert_eq!(rule(&token(&json!({ "exp": 1 }))), Rule::Expiry);
}

#[test]
fn claims_of_64_kib_are_read() {
    assert!(check(&token(&json!({ "x": "y".repeat(64 << 10) }))).is_ok());
}

#[test]
fn a_kid_that_is_not_in_the_set_asks_for_fresh_keys() {
    let set = r#"{"keys":[{"kty":"RSA","kid":"old","use":"enc"}]}"#;
    let keys = Keys::published(KeySet::parse(set.as_bytes(), Origin::Published).unwrap());
    let policy = Policy::new(Kind::Jwt, [Algorithm::RS256]);
    let refused = |kid: &str| {
        let header = json!({ "alg": "RS256", "kid": kid }).to_string();
        verify(&signed(&header, b"{}"), &keys, &policy, NOW, None).unwrap_err()
    };
    assert_eq!(refused("new").remedy(), Some(Remedy::RefreshKeys));
    assert_eq!(
        refused("new\u{1b}").to_string(),
        r#"the token is not to be trusted: no key is called "new\u{1b}" (the token's kid)"#
    );
    assert_eq!(refused("old").remedy(), None);
    assert!(
        refused("old")
            .to_string()
            .contains("its key \"old\" cannot be used for RS256 because its use is not \"sig\"")
    );
}

#[test]
fn a_remembered_header_changes_no_verdict() {
    let (keys, policy) = (keys(), Policy::new(Kind::Jwt, [Algorithm::HS256]));
    let mut verifier = Verifier::new(&keys, &policy);
    let good = token(&json!({ "a": 1 }));
    let (signed, _) = good.rsplit_once('.').unwrap();
    for _ in 0..3 {
        assert!(verifier.verify(&good, NOW, None).is_ok());
        assert!(verifier.verify(&format!("{signed}.AA"), NOW, None).is_err());
        assert!(
            verifier
                .verify(
                    &super::tests::signed("{\"alg\":\"none\"}", b"{}"),
                    NOW,
                    None
                )
                .is_err()
        );
    }
}

#[test]
fn several_headers_are_remembered() {
    let (keys, policy) = (keys(), Policy::new(Kind::Jwt, [Algorithm::HS256]));
    let mut verifier = Verifier::new(&keys, &policy);
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","a":1}"#,
        r#"{"alg":"HS256"}"#,
    ] {
        assert!(verifier.verify(&signed(header, b"{}"), NOW, None).is_ok());
    }
    assert_eq!(verifier.plans.len(), 2);
}

#[test]
fn claims_keep_the_text_that_they_were_read_from() {
    let text = br#"{ "n" : 1.0, "m" : 12345678901234567890123 }"#;
    assert_eq!(
        check(&signed(r#"{"alg":"HS256"}"#, text)).unwrap().text(),
        text
    );
}

#[test]
fn no_more_headers_are_remembered_however_many_come() {
    let (keys, policy) = (keys(), Policy::new(Kind::Jwt, [Algorithm::HS256]));
    let mut verifier = Verifier::new(&keys, &policy);
    for number in 0..1000 {
        let header = format!("{{\"alg\":\"HS256\",\"n\":{number}}}");
        assert!(verifier.verify(&signed(&header, b"{}"), NOW, None).is_ok());
        assert!(verifier.plans.len() <= REMEMBERED_HEADERS);
    }
    let long = format!("{{\"alg\":\"HS256\",\"n\":\"{}\"}}", "x".repeat(5000));
    verifier.plans.clear();
    assert!(verifier.verify(&signed(&long, b"{}"), NOW, None).is_ok());
    assert!(verifier.plans.is_empty());
}

#[test]
fn a_token_is_for_the_issuer_that_it_names_byte_for_byte() {
    let issuers = ["https://a.example/", "https://b.example/"];
    let claimed = |claims: &Value| {
        claimed_issuer(&token(claims), &issuers).map_err(|error| error.reasons()[0].rule)
    };
    assert_eq!(claimed(&json!({ "iss": "https://b.example/" })), Ok(1));
    for claims in [
        json!({ "iss": "https://b.example" }),
        json!({ "iss": "https://c.example/" }),
        json!({ "iss": ["https://a.example/"] }),
        json!({}),
    ] {
        assert_eq!(claimed(&claims), Err(Rule::Issuer), "{claims}");
    }
    assert_eq!(
        claimed_issuer("opaque", &issuers).unwrap_err().reasons()[0].rule,
        Rule::Format
    );
    let twice = signed(
        "{}",
        br#"{"iss":"https://a.example/","iss":"https://b.example/"}"#,
    );
    assert_eq!(
        claimed_issuer(&twice, &issuers).unwrap_err().reasons()[0].rule,
        Rule::Payload
    );
}

#[test]
fn what_an_unverified_token_says_of_its_issuer_is_not_repeated() {
    let refused = claimed_issuer(
        &token(&json!({ "iss": "https://evil.example/" })),
        &["https://a/", "https://b/"],
    );
    assert_eq!(
        refused.unwrap_err().reasons()[0].message,
        r#"iss is none of the trusted issuers: "https://a/", "https://b/""#
    );
}
