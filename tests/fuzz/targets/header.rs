//! Any bytes as a token's header.
#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use padlock::verify::verify;
use shared::{KEYS, NOW, POLICIES, check, signed};

fuzz_target!(|data: &[u8]| {
    let token = signed(data, b"{}");
    for policy in &*POLICIES {
        let verdict = verify(&token, &KEYS, policy, NOW, None);
        check(&verdict);
        assert!(verdict.is_err(), "the payload has no claims");
    }
});
