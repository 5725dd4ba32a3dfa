//! Tokens: claims, signatures, and the key sets that verify them.

pub(super) mod issue;
pub(super) mod key_sets;
pub(super) mod options;
pub(super) mod signing;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An opaque token.
pub(super) fn random_token(prefix: &str) -> String {
    prefix.to_owned() + &URL_SAFE_NO_PAD.encode(random_bytes(33))
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}
