//! Any bytes as a discovery document.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for issuer in ["https://idp.example/", "http://127.0.0.1:1/"] {
        if let Err(problem) = padlock::read_discovery_document(issuer, data) {
            let harmful = |c: char| {
                c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            };
            assert!(!problem.contains(harmful), "{problem}");
            assert!(problem.chars().count() < 2000, "{problem}");
        }
    }
});
