//! A token response (RFC 6749 §5.1), unverified.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::failure::{Class, Diagnose};

/// An ID token from a response, not verified.
#[derive(Debug)]
pub(crate) struct IdToken(SecretString);

impl IdToken {
    /// The token's text, only for verification.
    pub(crate) fn expose_unverified(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The token endpoint's response.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    /// The whole response as it came.
    pub(crate) text: SecretString,
    pub(crate) access_token: Option<SecretString>,
    id_token: Option<IdToken>,
    pub(crate) token_type: Option<String>,
    /// Lifetime of the access token in seconds.
    pub(crate) expires_in: Option<f64>,
    pub(crate) scope: Option<String>,
    /// The replacement for a recovery code that was used; sent only once.
    pub(crate) recovery_code: Option<SecretString>,
}

/// Why a well-formed response is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenResponseError {
    #[error("the tenant's response is not usable: it has no id_token")]
    NoIdToken,
    #[error("the tenant's response is not usable: it has no access_token")]
    NoAccessToken,
    #[error("the tenant's response is not usable: its token_type is not Bearer")]
    NotBearer,
}

impl Diagnose for TokenResponseError {
    fn class(&self) -> Class {
        Class::BadAnswer
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoIdToken => {
                Some("include openid in the scope; see --scope and AUTH0_SCOPE".to_owned())
            }
            Self::NoAccessToken | Self::NotBearer => None,
        }
    }
}

#[derive(Deserialize)]
struct TokenResponseJson {
    access_token: Option<SecretString>,
    id_token: Option<SecretString>,
    token_type: Option<String>,
    expires_in: Option<f64>,
    scope: Option<String>,
    recovery_code: Option<SecretString>,
}

impl TokenResponse {
    /// Parses a successful response. The error repeats none of it.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        if !text.trim_start().starts_with('{') {
            return Err("it is not a JSON object".into());
        }
        let json: TokenResponseJson = serde_json::from_str(text).map_err(|error| fault(&error))?;
        check_token("access_token", json.access_token.as_ref())?;
        check_token("id_token", json.id_token.as_ref())?;
        Ok(Self {
            text: text.into(),
            access_token: json.access_token,
            id_token: json.id_token.map(IdToken),
            token_type: json.token_type,
            expires_in: json.expires_in,
            scope: json.scope,
            recovery_code: json.recovery_code,
        })
    }

    /// The ID token, which a login requires.
    pub(crate) fn id_token(&self) -> Result<&IdToken, TokenResponseError> {
        self.id_token.as_ref().ok_or(TokenResponseError::NoIdToken)
    }

    /// Whether the access token is not a JWT, so that only the tenant can read it.
    pub(crate) fn access_token_is_opaque(&self) -> bool {
        self.access_token
            .as_ref()
            .is_some_and(|token| token.expose_secret().split('.').count() != 3)
    }

    /// The access token, if it may be sent as `Authorization: Bearer` (RFC 6749 §7.1, RFC 6750
    /// §2.1).
    pub(crate) fn bearer(&self) -> Result<&SecretString, TokenResponseError> {
        let kind = self.token_type.as_deref();
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(TokenResponseError::NotBearer);
        }
        self.access_token
            .as_ref()
            .ok_or(TokenResponseError::NoAccessToken)
    }
}

/// The recovery code of a response that is not usable otherwise.
pub(crate) fn recovery_code(body: &[u8]) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Only {
        recovery_code: SecretString,
    }
    let only = serde_json::from_slice::<Only>(body).ok()?;
    Some(only.recovery_code)
}

/// A token must be printable ASCII without spaces, quotes and backslashes: anything else could
/// break out of a header, or of a line for curl.
fn check_token(name: &str, token: Option<&SecretString>) -> Result<(), String> {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let is_token = |token: &SecretString| {
        let text = token.expose_secret();
        !text.is_empty() && text.bytes().all(is_allowed)
    };
    if token.is_none_or(is_token) {
        Ok(())
    } else {
        Err(format!("its {name} is empty or has invalid characters"))
    }
}

/// Where the JSON is invalid; serde's own message could repeat a value.
fn fault(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => {
            "a member has the wrong type, or is given twice".to_owned()
        }
        _ => format!(
            "it is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_could_break_out_of_a_header_is_rejected() {
        for token in ["", "a b", "a\\nb", "a\\\"b", "ä", "a\\r\\nX: y"] {
            let body = format!("{{\"access_token\":\"{token}\"}}");
            assert!(TokenResponse::parse(body.as_bytes()).is_err(), "{token}");
        }
    }

    #[test]
    fn a_malformed_response_is_rejected_without_repeating_it() {
        for body in [
            "",
            "[]",
            "\"x\"",
            "{\"access_token\":hunter2}",
            "{\"access_token\":[\"hunter2\"]}",
            "{\"id_token\":1}",
        ] {
            let problem = TokenResponse::parse(body.as_bytes()).unwrap_err();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn debug_shows_no_token() {
        let response =
            TokenResponse::parse(br#"{"access_token":"hunter2","id_token":"hunter3"}"#).unwrap();
        assert!(!format!("{response:?}").contains("hunter"));
    }
}
