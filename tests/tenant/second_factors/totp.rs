//! Codes of authenticator apps (RFC 6238).

use aws_lc_rs::hmac;

use crate::tenant::now;

/// A code of an authenticator app changes this often, in seconds (RFC 6238 §5.2).
const TOTP_STEP: i64 = 30;

/// The code that an authenticator app with this secret shows now (RFC 6238, SHA-1, six digits).
pub(crate) fn totp(secret: &[u8]) -> String {
    totp_at(secret, now())
}

/// The codes of this moment and of its neighbours, as clocks differ.
pub(super) fn totp_window(secret: &[u8]) -> [String; 3] {
    [-TOTP_STEP, 0, TOTP_STEP].map(|away| totp_at(secret, now() + away))
}

/// The same at a time in Unix seconds: RFC 4226 §5.3 over the number of the time step.
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
