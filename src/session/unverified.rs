//! What a token says of itself, unverified: only to decide when to renew it, or not to hand it over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::strict_json;

/// The claims of a JWT; `None` for any other token.
fn claims(token: &SecretString) -> Option<Map<String, Value>> {
    let mut parts = token.expose_secret().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    strict_json::object(&payload).ok()
}

/// `exp` of a JWT, in seconds since 1970 (RFC 7519 §4.1.4).
pub(super) fn expiry(token: &SecretString) -> Option<i64> {
    let claims = claims(token)?;
    let expiry = claims.get("exp")?.as_f64()?;
    Some(whole(expiry))
}

/// Whether a JWT names this audience (RFC 7519 §4.1.3); `None` if it is no JWT.
pub(super) fn is_for(token: &SecretString, audience: &str) -> Option<bool> {
    let claims = claims(token)?;
    Some(match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience),
        _ => false,
    })
}

/// Whole seconds, in the range of times.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
pub(super) fn whole(seconds: f64) -> i64 {
    seconds as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> SecretString {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)).into()
    }

    #[test]
    fn only_a_jwt_says_when_it_expires_and_for_whom_it_is() {
        assert_eq!(expiry(&jwt(r#"{"exp":1767225600.5}"#)), Some(1_767_225_600));
        assert_eq!(expiry(&jwt(r#"{"exp":"1767225600"}"#)), None);
        for (aud, expected) in [
            (r#""a""#, true),
            (r#"["b","a"]"#, true),
            (r#""ab""#, false),
            (r#"["b"]"#, false),
            ("5", false),
        ] {
            let token = jwt(&format!(r#"{{"aud":{aud}}}"#));
            assert_eq!(is_for(&token, "a"), Some(expected), "{aud}");
        }
        assert_eq!(is_for(&jwt("{}"), "a"), Some(false));
        for opaque in ["opaque", "a.b", "a.b.c.d.e", "a.!.c", "a.e30.c.d"] {
            assert_eq!(is_for(&opaque.into(), "a"), None, "{opaque}");
            assert_eq!(expiry(&opaque.into()), None, "{opaque}");
        }
    }
}
