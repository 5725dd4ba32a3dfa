//! Time-based one-time passwords (RFC 6238).

use aws_lc_rs::hmac;

use crate::tenant::now;

/// Seconds (RFC 6238 §5.2).
const TOTP_STEP: i64 = 30;

/// The current code: SHA-1, six digits.
pub(crate) fn totp(secret: &[u8]) -> String {
    totp_at(secret, now())
}

/// The current code and its neighbours, to allow for clock drift.
pub(in crate::tenant) fn totp_window(secret: &[u8]) -> [String; 3] {
    [-TOTP_STEP, 0, TOTP_STEP].map(|offset| totp_at(secret, now() + offset))
}

/// The code at a Unix time (RFC 4226 §5.3).
pub(crate) fn totp_at(secret: &[u8], time: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let hash = hmac::sign(&key, &(time / TOTP_STEP).to_be_bytes());
    let hash = hash.as_ref();
    let offset = usize::from(hash[hash.len() - 1] & 0x0f);
    let number = hash[offset..offset + 4]
        .iter()
        .fold(0_u32, |number, &byte| (number << 8) | u32::from(byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}
