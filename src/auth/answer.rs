//! A token answer (RFC 6749 §5.1): what came, still unverified.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// An id_token as the tenant sent it: not verified, and not to be shown.
#[derive(Debug)]
pub(crate) struct IdToken(SecretString);

impl IdToken {
    /// The token's text, for `verify` and for nothing else before that.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What the token endpoint answered.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    /// The answer's own text.
    pub(crate) text: SecretString,
    pub(crate) access_token: Option<SecretString>,
    pub(crate) id_token: Option<IdToken>,
    pub(crate) token_type: Option<String>,
    /// Life of the access token in seconds.
    pub(crate) expires_in: Option<f64>,
    pub(crate) scope: Option<String>,
    /// What takes the place of a recovery code that was used; it comes this once.
    pub(crate) recovery_code: Option<SecretString>,
}

#[derive(Deserialize)]
struct Wire {
    access_token: Option<SecretString>,
    id_token: Option<SecretString>,
    token_type: Option<String>,
    expires_in: Option<f64>,
    scope: Option<String>,
    recovery_code: Option<SecretString>,
}

impl TokenAnswer {
    /// Reads a successful answer. On error says what is wrong with it, without repeating it.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        if !text.trim_start().starts_with('{') {
            return Err("it is not a JSON object".into());
        }
        let wire: Wire = serde_json::from_str(text).map_err(|error| shape(&error))?;
        for (name, token) in [
            ("access_token", &wire.access_token),
            ("id_token", &wire.id_token),
        ] {
            if token
                .as_ref()
                .is_some_and(|token| !is_token(token.expose_secret()))
            {
                return Err(format!(
                    "its {name} is empty or holds characters that no token may have"
                ));
            }
        }
        Ok(Self {
            text: text.into(),
            access_token: wire.access_token,
            id_token: wire.id_token.map(IdToken),
            token_type: wire.token_type,
            expires_in: wire.expires_in,
            scope: wire.scope,
            recovery_code: wire.recovery_code,
        })
    }

    /// Whether the access token is no JWT, so that only the tenant can read it.
    pub(crate) fn access_token_is_opaque(&self) -> bool {
        self.access_token
            .as_ref()
            .is_some_and(|token| token.expose_secret().split('.').count() != 3)
    }

    /// The access token, if it may be sent as `Authorization: Bearer` (RFC 6749 §7.1, RFC 6750 §2.1).
    pub(crate) fn bearer(&self) -> Result<&SecretString, String> {
        if self
            .token_type
            .as_deref()
            .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
        {
            return Err("its token_type is not Bearer, and only that is understood".to_owned());
        }
        self.access_token
            .as_ref()
            .ok_or_else(|| "it has no access_token".to_owned())
    }
}

/// The recovery code of an answer in which something else is wrong.
pub(super) fn recovery_code(body: &[u8]) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Only {
        recovery_code: SecretString,
    }
    serde_json::from_slice::<Only>(body)
        .ok()
        .map(|only| only.recovery_code)
}

/// Printable ASCII without spaces, so that no token can break out of a header or of a line for curl.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// Where the JSON is wrong; serde's own words could repeat a value.
fn shape(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => {
            "a member of it has the wrong type, or stands there twice".to_owned()
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
    fn a_token_that_could_break_out_of_a_header_is_refused() {
        for token in ["", "a b", "a\\nb", "a\\\"b", "ä", "a\\r\\nX: y"] {
            let body = format!("{{\"access_token\":\"{token}\"}}");
            assert!(TokenAnswer::read(body.as_bytes()).is_err(), "{token}");
        }
    }

    #[test]
    fn an_answer_of_the_wrong_shape_is_refused_without_being_repeated() {
        for body in [
            "",
            "[]",
            "\"x\"",
            "{\"access_token\":hunter2}",
            "{\"access_token\":[\"hunter2\"]}",
            "{\"id_token\":1}",
        ] {
            let problem = TokenAnswer::read(body.as_bytes()).unwrap_err();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn debug_shows_no_token() {
        let answer =
            TokenAnswer::read(br#"{"access_token":"hunter2","id_token":"hunter3"}"#).unwrap();
        assert!(!format!("{answer:?}").contains("hunter"));
    }
}
