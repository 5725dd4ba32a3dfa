//! Headers that carry secrets.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::redact::remember;

/// `Authorization: Bearer …` (RFC 6750 §2.1).
///
/// # Errors
/// The token contains characters that a header may not.
pub(crate) fn bearer(token: &SecretString) -> Result<HeaderMap, InvalidHeaderValue> {
    authorization("Bearer", token.expose_secret())
}

/// `Authorization` with a scheme and its credentials (RFC 9110 §11.6.2).
///
/// # Errors
/// The credentials contain characters that a header may not.
pub(crate) fn authorization(
    scheme: &str,
    credentials: &str,
) -> Result<HeaderMap, InvalidHeaderValue> {
    remember(credentials);
    let value = Zeroizing::new(format!("{scheme} {credentials}"));
    let mut value = HeaderValue::from_str(&value)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_with_characters_invalid_in_a_header_is_rejected() {
        assert!(bearer(&"a\nb".into()).is_err());
        let headers = bearer(&"a.b".into()).unwrap();
        assert_eq!(headers[AUTHORIZATION], "Bearer a.b");
        assert!(headers[AUTHORIZATION].is_sensitive());
    }
}
