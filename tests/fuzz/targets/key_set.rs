//! Any bytes as a JWKS or a key file, and verification with its keys.
#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use padlock::keys::{Algorithm, KeySet, KeySetOrigin, Keys};
use padlock::verify::{Policy, TokenKind, verify};
use shared::{NOW, SECRET, check, signed};

fuzz_target!(|data: &[u8]| {
    for origin in [
        KeySetOrigin::Published,
        KeySetOrigin::Local {
            allow_short_secrets: true,
        },
    ] {
        let sets = [KeySet::parse(data, origin), KeySet::of_key_file(data, origin)];
        let Some(set) = sets.into_iter().find_map(Result::ok) else {
            continue;
        };
        let keys = Keys::published(set);
        for algorithm in Algorithm::ALL {
            let policy = Policy::new(TokenKind::Jwt, [algorithm]);
            for header in [
                format!(r#"{{"alg":"{algorithm}"}}"#),
                format!(r#"{{"alg":"{algorithm}","kid":"k"}}"#),
            ] {
                let token = signed(header.as_bytes(), b"{}");
                let verdict = verify(&token, &keys, &policy, NOW, None);
                check(&verdict);
                // Only a local file may contain the secret that signed the token.
                let may_be_valid = origin != KeySetOrigin::Published && data.len() > SECRET.len();
                assert!(verdict.is_err() || may_be_valid);
            }
        }
    }
});
