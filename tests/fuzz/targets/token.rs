//! Any text as a token: without a valid signature, verification fails.
#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use padlock::verify::{IssuerNames, UnverifiedToken, verify};
use shared::{KEYS, NOW, POLICIES, check};

fuzz_target!(|data: &[u8]| {
    let token = String::from_utf8_lossy(data);
    for policy in &*POLICIES {
        let verdict = verify(&token, &KEYS, policy, NOW, Some("at"));
        check(&verdict);
        assert!(verdict.is_err(), "not signed by any of the keys");
    }
    if let Ok(mut token) = UnverifiedToken::parse(&token) {
        let _ = token.issuer_among(&IssuerNames::new(vec!["https://a/", "https://b/"]));
    }
});
