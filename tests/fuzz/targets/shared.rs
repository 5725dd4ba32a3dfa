//! Keys and policies of the targets, and the checks of every verification error.

#![allow(dead_code, reason = "no target uses everything")]

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use padlock::keys::{Algorithm, KeySet, KeySetOrigin, Keys, SharedSecret};
use padlock::verify::{Policy, TokenKind, VerificationError, VerifiedToken};
use secrecy::SecretString;

pub(crate) const NOW: i64 = 1_767_225_600;
pub(crate) const SECRET: &str =
    "a secret of thirty-two characters, and then of many more than that";

/// A secret and published keys, so that each kind of key is used.
pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let set = KeySet::parse(
        include_bytes!("../../tenant/keys/jwks.json"),
        KeySetOrigin::Published,
    );
    let secret = SharedSecret::new(&SecretString::from(SECRET), false);
    Keys::new(set.ok(), Some(secret))
});

/// A policy for each kind of token, with all rules enabled.
pub(crate) static POLICIES: LazyLock<[Policy; 3]> = LazyLock::new(|| {
    [TokenKind::IdToken, TokenKind::AccessToken, TokenKind::Jwt].map(|kind| Policy {
        issuer: Some("https://idp.example/".into()),
        audiences: vec!["client".into()],
        nonce: Some("n".into()),
        max_age: Some(60),
        organization: Some("org_1".into()),
        ..Policy::new(kind, Algorithm::ALL)
    })
});

/// A correctly signed token with the given header and payload.
pub(crate) fn signed(header: &[u8], payload: &[u8]) -> String {
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

/// A verification error lists violations: short, and without characters that control a terminal.
pub(crate) fn check(verdict: &Result<VerifiedToken<'_>, VerificationError>) {
    let Err(error) = verdict else { return };
    assert!(!error.violations().is_empty());
    for violation in error.violations() {
        assert!(violation.message.chars().count() < 1000, "{violation}");
        let characters: Vec<char> = violation.message.chars().collect();
        for (at, character) in characters.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| characters.get(before));
            let is_harmful = is_harmful(before, *character, characters.get(at + 1));
            assert!(!is_harmful, "{violation}");
        }
    }
}

/// Whether a character controls a terminal or is invisible. A joiner is kept inside a word or an
/// emoji, so never beside other ASCII than letters.
fn is_harmful(before: Option<&char>, character: char, after: Option<&char>) -> bool {
    let may_be_joined = |neighbor: Option<&char>| {
        neighbor.is_some_and(|neighbor| !neighbor.is_ascii() || neighbor.is_ascii_alphabetic())
    };
    match character {
        '\u{200c}' | '\u{200d}' => !(may_be_joined(before) && may_be_joined(after)),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        _ => character.is_control(),
    }
}
