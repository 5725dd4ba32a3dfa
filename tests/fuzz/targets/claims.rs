//! Any bytes as the payload of a correctly signed token: the claim rules, then the requirements.
#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use padlock::keys::Algorithm;
use padlock::verify::{ClaimRequirement, Policy, Requirements, TokenKind, verify};
use shared::{KEYS, NOW, POLICIES, check, signed};

fuzz_target!(|data: &[u8]| {
    let token = signed(br#"{"alg":"HS256"}"#, data);
    for policy in &*POLICIES {
        check(&verify(&token, &KEYS, policy, NOW, Some("at")));
    }
    let verdict = verify(
        &token,
        &KEYS,
        &Policy::new(TokenKind::Jwt, [Algorithm::HS256]),
        NOW,
        None,
    );
    check(&verdict);
    let Ok(verified) = verdict else { return };
    let claims = verified.claims();
    let text = serde_json::to_string(claims).expect("parsed claims can be serialized");
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    let requirements = Requirements {
        scopes: vec!["s".into()],
        permissions: vec!["p".into()],
        roles: vec!["r".into()],
        roles_claim: "roles".into(),
        claims: vec![
            ClaimRequirement::parse("c=1"),
            ClaimRequirement::parse(&String::from_utf8_lossy(data)),
        ],
        ..Requirements::default()
    };
    let _ = requirements.check(claims, None);
});
