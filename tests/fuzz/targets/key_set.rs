//! Any bytes as a JWKS, and verification with its keys.
#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use padlock::keys::{Algorithm, KeySet, Keys, Origin};
use padlock::verify::{Kind, Policy, verify};
use shared::{NOW, SECRET, check, signed};

fuzz_target!(|data: &[u8]| {
    for origin in [
        Origin::Published,
        Origin::Local {
            allow_short_secrets: true,
        },
    ] {
        let Ok(set) = KeySet::parse(data, origin) else {
            continue;
        };
        let keys = Keys::published(set);
        for algorithm in Algorithm::ALL {
            let policy = Policy::new(Kind::Jwt, [algorithm]);
            for header in [
                format!(r#"{{"alg":"{algorithm}"}}"#),
                format!(r#"{{"alg":"{algorithm}","kid":"k"}}"#),
            ] {
                let verdict = verify(&signed(header.as_bytes(), b"{}"), &keys, &policy, NOW, None);
                check(&verdict);
                // Only a local file may hold the secret that signed the token.
                assert!(
                    verdict.is_err() || (origin != Origin::Published && data.len() > SECRET.len())
                );
            }
        }
    }
});
