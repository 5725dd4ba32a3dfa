//! From token to claims, for every kind of token and key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::failure::Diagnose as _;
use crate::keys::{Algorithm, KeySet, KeySetOrigin, SharedSecret};

const SECRET: &str = "a secret of thirty-two characters";
const NOW: i64 = 1_767_225_600;

/// A token with this header and payload, correctly signed with [`SECRET`].
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

fn policy() -> Policy {
    Policy::new(TokenKind::Jwt, [Algorithm::HS256])
}

fn check(token: &str) -> Result<Claims, VerificationError> {
    verify(token, &keys(), &policy(), NOW, None).map(VerifiedToken::into_claims)
}

/// The first rule that the token violates.
fn violated(token: &str) -> Rule {
    check(token).unwrap_err().violations()[0].rule
}

#[test]
fn a_valid_token_yields_its_claims_in_order() {
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
fn claims_are_not_checked_if_the_signature_is_invalid() {
    let valid = token(&json!({ "exp": 1 }));
    let (message, _) = valid.rsplit_once('.').unwrap();
    for signature in ["", "AA", &URL_SAFE_NO_PAD.encode([0; 32])] {
        let error = check(&format!("{message}.{signature}")).unwrap_err();
        assert_eq!(error.violations().len(), 1);
        assert_eq!(error.violations()[0].rule, Rule::Signature);
        assert!(!error.is_about_time());
    }
}

#[test]
fn every_violated_rule_is_reported_if_the_signature_is_valid() {
    let policy = Policy {
        issuer: Some("i".into()),
        audiences: vec!["a".into()],
        ..Policy::new(TokenKind::IdToken, [Algorithm::HS256])
    };
    let error = verify(
        &token(&json!({ "sub": "s", "iat": 1 })),
        &keys(),
        &policy,
        NOW,
        None,
    )
    .unwrap_err();
    let rules: Vec<Rule> = error
        .violations()
        .iter()
        .map(|violation| violation.rule)
        .collect();
    assert_eq!(rules, [Rule::Issuer, Rule::Audience, Rule::Expiry]);
    assert!(error.is_about_time());
    assert_eq!(error.reasons()[0], "iss is missing, expected \"i\"");
}

#[test]
fn the_parts_are_checked_in_order() {
    assert_eq!(violated("opaque"), Rule::Format);
    assert_eq!(violated("e30.!.AA"), Rule::Format);
    assert_eq!(violated(&signed("[]", b"{}")), Rule::Header);
    assert_eq!(
        violated(&signed("{\"alg\":\"none\"}", b"{}")),
        Rule::Algorithm
    );
    assert_eq!(
        violated(&signed("{\"alg\":\"HS256\",\"crit\":[\"x\"]}", b"{}")),
        Rule::Header
    );
    assert_eq!(
        violated(&signed("{\"alg\":\"HS256\"}", b"[]")),
        Rule::Payload
    );
    assert_eq!(violated(&signed("{\"alg\":\"HS256\"}", b"")), Rule::Payload);
    assert_eq!(
        violated(&signed(
            "{\"alg\":\"HS256\"}",
            br#"{"exp":1,"exp":9999999999}"#
        )),
        Rule::Payload
    );
    assert_eq!(violated(&token(&json!({ "exp": 1 }))), Rule::Expiry);
}

#[test]
fn claims_of_64_kib_are_accepted() {
    assert!(check(&token(&json!({ "x": "y".repeat(64 << 10) }))).is_ok());
}

#[test]
fn an_unknown_kid_calls_for_a_refresh_of_the_keys() {
    let set = r#"{"keys":[{"kty":"RSA","kid":"old","use":"enc"}]}"#;
    let keys = Keys::published(KeySet::parse(set.as_bytes(), KeySetOrigin::Published).unwrap());
    let policy = Policy::new(TokenKind::Jwt, [Algorithm::RS256]);
    let refused = |kid: &str| {
        let header = json!({ "alg": "RS256", "kid": kid }).to_string();
        verify(&signed(&header, b"{}"), &keys, &policy, NOW, None).unwrap_err()
    };
    assert_eq!(refused("new").remedy(), Some(Remedy::RefreshKeys));
    assert_eq!(
        refused("new\u{1b}").reasons(),
        [r#"no key has the token's kid "new\u{1b}""#]
    );
    assert_eq!(refused("old").remedy(), None);
    assert_eq!(
        refused("old").reasons(),
        [r#"the key with the token's kid "old" cannot be used for RS256: use is not "sig""#]
    );
}

#[test]
fn a_remembered_header_changes_no_verdict() {
    let mut verifier = Verifier::new(keys(), policy());
    let mut is_valid = |token: &str| {
        let mut token = UnverifiedToken::parse(token).unwrap();
        verifier.verify(&mut token, NOW, None).is_ok()
    };
    let valid = token(&json!({ "a": 1 }));
    let (message, _) = valid.rsplit_once('.').unwrap();
    for _ in 0..3 {
        assert!(is_valid(&valid));
        assert!(!is_valid(&format!("{message}.AA")));
        assert!(!is_valid(&signed("{\"alg\":\"none\"}", b"{}")));
    }
}

#[test]
fn claims_keep_the_json_text_that_they_were_parsed_from() {
    let text = br#"{ "n" : 1.0, "m" : 12345678901234567890123 }"#;
    let claims = check(&signed(r#"{"alg":"HS256"}"#, text)).unwrap();
    assert_eq!(claims.text(), text);
}

#[test]
fn a_token_matches_the_issuer_that_equals_its_iss() {
    let claimed = |claims: &Value| issuer_of(&token(claims));
    assert_eq!(claimed(&json!({ "iss": "https://b.example/" })), Ok(1));
    for claims in [
        json!({ "iss": "https://b.example" }),
        json!({ "iss": "https://c.example/" }),
        json!({ "iss": ["https://a.example/"] }),
        json!({}),
    ] {
        assert_eq!(claimed(&claims), Err(Rule::Issuer), "{claims}");
    }
    assert_eq!(issuer_of("opaque"), Err(Rule::Format));
    let twice = signed(
        "{}",
        br#"{"iss":"https://a.example/","iss":"https://b.example/"}"#,
    );
    assert_eq!(issuer_of(&twice), Err(Rule::Payload));
}

/// Which of two issuers the token claims to be from.
fn issuer_of(token: &str) -> Result<usize, Rule> {
    UnverifiedToken::parse(token)
        .and_then(|mut token| {
            token.issuer_among(&IssuerNames::new(vec![
                "https://a.example/",
                "https://b.example/",
            ]))
        })
        .map_err(|error| error.violations()[0].rule)
}

#[test]
fn with_one_issuer_the_payload_is_not_parsed() {
    let token = signed("{}", b"not JSON");
    let mut token = UnverifiedToken::parse(&token).unwrap();
    assert_eq!(
        token
            .issuer_among(&IssuerNames::new(vec!["https://a.example/"]))
            .ok(),
        Some(0)
    );
}

#[test]
fn an_error_about_the_issuer_does_not_repeat_the_claim_of_an_unverified_token() {
    let token = token(&json!({ "iss": "https://evil.example/" }));
    let mut token = UnverifiedToken::parse(&token).unwrap();
    let error = token.issuer_among(&IssuerNames::new(vec!["https://a/", "https://b/"]));
    assert_eq!(
        error.unwrap_err().violations()[0].message,
        r#"iss is none of the trusted issuers: "https://a/", "https://b/""#
    );
}
