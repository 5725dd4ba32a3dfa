//! An authorization response (RFC 6749 §4.1.2): the query with which the browser returns.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use crate::redact::remember;

/// The response to this login's request, unverified but for its `state`.
#[derive(Debug, Default)]
pub(crate) struct AuthorizationResponse {
    pub(crate) code: Option<SecretString>,
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
    /// The issuer that sent it (RFC 9207 §2).
    pub(crate) issuer: Option<String>,
    /// The parameter that is given twice, which §3.1 forbids.
    pub(crate) repeated: Option<&'static str>,
}

impl AuthorizationResponse {
    /// Reads a query; `None` unless it has exactly one `state`, which is this login's.
    pub(crate) fn read(query: &str, state: &SecretString) -> Option<Self> {
        let pairs = || form_urlencoded::parse(query.as_bytes());
        let mut states = pairs().filter(|(name, _)| name == "state");
        let (Some((_, found)), None) = (states.next(), states.next()) else {
            return None;
        };
        // In a time that does not depend on how much of it is right.
        verify_slices_are_equal(found.as_bytes(), state.expose_secret().as_bytes()).ok()?;
        let mut repeated = None;
        let mut text = |name: &'static str| {
            let mut values = pairs().filter(|(found, _)| found == name);
            let value = values.next().map(|(_, value)| value.into_owned());
            if values.next().is_some() {
                repeated = Some(name);
            }
            value.filter(|value| !value.is_empty())
        };
        let code = text("code");
        code.as_deref().inspect(|code| remember(code));
        Some(Self {
            code: code.map(SecretString::from),
            error: text("error"),
            description: text("error_description"),
            issuer: text("iss"),
            repeated,
        })
    }

    /// Whether it has a code.
    pub(crate) fn is_error(&self) -> bool {
        self.code.is_none() || self.error.is_some() || self.repeated.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Option<AuthorizationResponse> {
        AuthorizationResponse::read(query, &SecretString::from("right"))
    }

    #[test]
    fn only_the_state_of_this_login_counts_and_only_once() {
        for query in [
            "",
            "code=a",
            "code=a&state=",
            "code=a&state=wrong",
            "code=a&state=righ",
            "code=a&state=right2",
            "code=a&state=right&state=right",
            "code=a&state=right&state=wrong",
            "code=a&State=right",
            "code=a;state=right",
        ] {
            assert!(read(query).is_none(), "{query}");
        }
        let response = read("state=r%69ght&code=a%2Bb&iss=x").unwrap();
        assert_eq!(response.code.unwrap().expose_secret(), "a+b");
        assert_eq!(response.issuer.as_deref(), Some("x"));
    }

    #[test]
    fn a_parameter_that_is_given_twice_is_noticed() {
        for name in ["code", "error", "error_description", "iss"] {
            let response = read(&format!("{name}=a&state=right&{name}=a")).unwrap();
            assert_eq!(response.repeated, Some(name));
            assert!(response.is_error());
        }
        assert!(
            !read("code=a&state=right&other=1&other=2")
                .unwrap()
                .is_error()
        );
    }
}
