//! A token response (RFC 6749 §5.1), unverified.

use secrecy::{ExposeSecret, SecretString};

use super::members::Members;
use super::text::without_mark;
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

/// The token endpoint's response. Only what a command needs has to be right.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    /// The whole response as it came, without a byte order mark.
    pub(crate) text: SecretString,
    access_token: Result<Option<SecretString>, TokenResponseError>,
    id_token: Result<Option<IdToken>, TokenResponseError>,
    pub(crate) token_type: Option<String>,
    /// Lifetime of the access token in seconds.
    pub(crate) expires_in: Option<f64>,
    pub(crate) scope: Option<String>,
    refresh_token: Option<SecretString>,
    /// The replacement for a recovery code that was used; sent only once.
    pub(crate) recovery_code: Option<SecretString>,
}

/// Why a well-formed response is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenResponseError {
    #[error("the response has no id_token{}", .0.reason())]
    NoIdToken(NoIdToken),
    #[error("the response is not usable: it has no access_token")]
    NoAccessToken,
    #[error("the response is not usable: its token_type is not Bearer")]
    NotBearer,
    #[error("the response is not usable: its {0} has the wrong type, or is given twice")]
    NotAToken(&'static str),
    #[error("the response is not usable: its {0} is empty or has invalid characters")]
    Characters(&'static str),
}

/// Why a response has no id_token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoIdToken {
    /// The scope lacks `openid`.
    NotRequested,
    /// Auth0 issues none to a strict third-party application.
    ThirdParty,
    /// The server, as messages call it, issues none with this grant.
    NotIssued(&'static str),
}

impl NoIdToken {
    fn reason(self) -> String {
        match self {
            Self::NotRequested => String::new(),
            Self::ThirdParty => {
                ": a strict third-party application (client ID tpc_…) gets none".to_owned()
            }
            Self::NotIssued(server) => format!(": this {server} issues none with this grant"),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::NotRequested => "include openid in the scope; see --scope and AUTH0_SCOPE",
            Self::ThirdParty => "use a first-party application, which gets an id_token",
            Self::NotIssued(_) => {
                "ask its administrator whether the application can get one: without an id_token, \
                 padlock cannot verify who signed in"
            }
        }
    }
}

impl Diagnose for TokenResponseError {
    fn class(&self) -> Class {
        Class::BadAnswer
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoIdToken(reason) => reason.hint(),
            Self::NoAccessToken => "ask the provider's administrator why it issues none",
            Self::NotBearer | Self::NotAToken(_) | Self::Characters(_) => {
                "check that the domain or issuer is the right one"
            }
        };
        Some(hint.to_owned())
    }
}

impl TokenResponse {
    /// Parses a successful response. The error repeats none of it.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(without_mark(body)).map_err(|_| "it is not UTF-8")?;
        if !text.trim_start().starts_with('{') {
            return Err("it is not a JSON object".into());
        }
        let members = Members::parse(text).map_err(|error| fault(&error))?;
        Ok(Self {
            text: text.into(),
            access_token: token(&members, "access_token"),
            id_token: token(&members, "id_token").map(|token| token.map(IdToken)),
            token_type: token_type(&members),
            expires_in: members.seconds("expires_in"),
            scope: members.words("scope"),
            refresh_token: refresh_token(&members),
            recovery_code: members.secret("recovery_code"),
        })
    }

    /// Parses a response that was kept, with what is left of the token's lifetime in seconds.
    pub(crate) fn parse_with_lifetime(text: &str, seconds: i64) -> Result<Self, String> {
        let members = Members::parse(text).map_err(|error| fault(&error))?;
        let text = members.replaced("expires_in", &seconds.to_string());
        Self::parse(text.as_bytes())
    }

    /// Whether there is a member for a token, right or wrong.
    pub(crate) fn has_token(&self) -> bool {
        !matches!((&self.access_token, &self.id_token), (Ok(None), Ok(None)))
    }

    /// The ID token.
    pub(crate) fn id_token(&self) -> Result<Option<&IdToken>, TokenResponseError> {
        self.id_token
            .as_ref()
            .map(Option::as_ref)
            .map_err(|error| *error)
    }

    /// The access token, if there is a usable one.
    pub(crate) fn access_token(&self) -> Option<&SecretString> {
        self.access_token.as_ref().ok()?.as_ref()
    }

    /// The refresh token, if there is a usable one.
    pub(crate) fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// Whether the access token is not a JWT, so that only the tenant can read it.
    pub(crate) fn access_token_is_opaque(&self) -> bool {
        self.access_token()
            .is_some_and(|token| token.expose_secret().split('.').count() != 3)
    }

    /// Whether the access token is encrypted (RFC 7516 §3.1).
    pub(crate) fn access_token_is_encrypted(&self) -> bool {
        self.access_token()
            .is_some_and(|token| token.expose_secret().split('.').count() == 5)
    }

    /// When the access token expires, in seconds since 1970, if the response says so; `now` is when it
    /// came.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    pub(crate) fn expires_at(&self, now: i64) -> Option<i64> {
        let lifetime = self.expires_in?.floor() as i64;
        Some(now.saturating_add(lifetime))
    }

    /// The access token, if it may be sent as `Authorization: Bearer` (RFC 6749 §7.1, RFC 6750
    /// §2.1).
    pub(crate) fn bearer(&self) -> Result<&SecretString, TokenResponseError> {
        let names = ["bearer", "bearertoken"];
        let is_bearer = |kind: &str| names.iter().any(|name| kind.eq_ignore_ascii_case(name));
        if !self.token_type.as_deref().is_none_or(is_bearer) {
            return Err(TokenResponseError::NotBearer);
        }
        let token = self.access_token.as_ref().map_err(|error| *error)?;
        token.as_ref().ok_or(TokenResponseError::NoAccessToken)
    }
}

/// The recovery code of a response that is not usable otherwise.
pub(crate) fn recovery_code(body: &[u8]) -> Option<SecretString> {
    let text = std::str::from_utf8(without_mark(body)).ok()?;
    Members::parse(text).ok()?.secret("recovery_code")
}

/// An odd refresh token ends no login, since few need it (RFC 6749 appendix A.17: printable ASCII).
fn refresh_token(members: &Members<'_>) -> Option<SecretString> {
    let token = members.secret("refresh_token")?;
    let is_allowed = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let text = token.expose_secret();
    let is_usable = !text.is_empty() && text.bytes().all(is_allowed);
    (is_usable && !members.is_ambiguous("refresh_token")).then_some(token)
}

/// A token that must be a string without a second reading, of printable ASCII without spaces,
/// quotes and backslashes: anything else could break out of a header, or of a line for curl.
fn token(
    members: &Members<'_>,
    name: &'static str,
) -> Result<Option<SecretString>, TokenResponseError> {
    if members.is_ambiguous(name) {
        return Err(TokenResponseError::NotAToken(name));
    }
    if members.json(name).is_none() {
        return Ok(None);
    }
    let token = members.secret(name);
    let token = token.ok_or(TokenResponseError::NotAToken(name))?;
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let text = token.expose_secret();
    if text.is_empty() || !text.bytes().all(is_allowed) {
        return Err(TokenResponseError::Characters(name));
    }
    Ok(Some(token))
}

/// Apigee calls it `BearerToken`. One that is no string is no kind that padlock knows.
fn token_type(members: &Members<'_>) -> Option<String> {
    let json = members.json("token_type")?;
    let text = members
        .text("token_type")
        .unwrap_or_else(|| json.to_owned());
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Where the JSON is invalid; serde's own message could repeat a value.
fn fault(error: &serde_json::Error) -> String {
    format!(
        "it is not JSON (line {}, column {})",
        error.line(),
        error.column()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> TokenResponse {
        TokenResponse::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_token_that_could_break_out_of_a_header_is_rejected() {
        for token in ["", "a b", "a\\nb", "a\\\"b", "ä", "a\\r\\nX: y"] {
            let response = parse(&format!("{{\"access_token\":\"{token}\"}}"));
            let expected = TokenResponseError::Characters("access_token");
            assert_eq!(response.bearer().err(), Some(expected), "{token}");
            assert!(response.access_token().is_none(), "{token}");
        }
    }

    #[test]
    fn a_malformed_response_is_rejected_without_repeating_it() {
        for body in [
            "",
            "[]",
            "\"x\"",
            "{\"access_token\":hunter2}",
            "{\"a\":\"hunter2",
        ] {
            let problem = TokenResponse::parse(body.as_bytes()).unwrap_err();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_token_that_is_needed_must_be_one_string_and_others_may_be_anything() {
        let odd = [
            "5",
            "[\"a.b.c\"]",
            "{}",
            "true",
            "\"x\",\"id_token\":\"a.b.c\"",
        ];
        for json in odd {
            let response = parse(&format!("{{\"id_token\":{json},\"access_token\":\"at\"}}"));
            let expected = TokenResponseError::NotAToken("id_token");
            assert_eq!(response.id_token().err(), Some(expected), "{json}");
            assert!(response.bearer().is_ok(), "{json}");
        }
        let response = parse("{\"id_token\":\"a.b.c\",\"access_token\":[],\"access_token\":1}");
        assert!(response.id_token().is_ok() && response.access_token().is_none());
        let expected = TokenResponseError::NotAToken("access_token");
        assert_eq!(response.bearer().err(), Some(expected));
    }

    #[test]
    fn members_that_are_not_needed_may_have_any_type() {
        for (member, expires_in, scope) in [
            ("\"expires_in\":\"3600\"", Some(3600.0), None),
            ("\"expires_in\":\"\"", None, None),
            ("\"expires_in\":[],\"expires_in\":{}", None, None),
            ("\"scope\":[\"a\",\"b\"]", None, Some("a b")),
            ("\"scope\":5", None, None),
            ("\"recovery_code\":[]", None, None),
            ("\"refresh_token\":{\"a\":1e999}", None, None),
        ] {
            for mark in ["", "\u{feff}"] {
                let response = parse(&format!("{mark}{{\"access_token\":\"at\",{member}}}"));
                assert_eq!(response.expires_in, expires_in, "{member}");
                assert_eq!(response.scope.as_deref(), scope, "{member}");
                assert!(response.bearer().is_ok(), "{member}");
                assert!(response.text.expose_secret().starts_with('{'), "{member}");
            }
        }
    }

    #[test]
    fn a_bearer_token_has_one_of_two_types_or_none() {
        let bearer = |kind: &str| {
            let body = format!("{{\"access_token\":\"at\",\"token_type\":{kind}}}");
            parse(&body).bearer().is_ok()
        };
        for kind in [
            "\"Bearer\"",
            "\"bearer\"",
            "\"BearerToken\"",
            "null",
            "\"\"",
        ] {
            assert!(bearer(kind), "{kind}");
        }
        for kind in ["\"DPoP\"", "\"mac\"", "[\"Bearer\"]", "5"] {
            assert!(!bearer(kind), "{kind}");
        }
    }

    #[test]
    fn debug_shows_no_token() {
        let response = parse(r#"{"access_token":"hunter2","id_token":"hunter3"}"#);
        assert!(!format!("{response:?}").contains("hunter"));
    }
}
