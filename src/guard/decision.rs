//! What a request gets: the status, the challenge (RFC 6750 §3), and why.

use std::fmt::Write as _;
use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use super::passed::header_value;
use crate::config::{Check, PassedClaim};
use crate::failure::{Class, Failure};
use crate::verify::{Claims, Requirements, Rule, Unmet, VerificationError, Violation};

/// The response to one request, without a token or a secret in it.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) status: StatusCode,
    /// As in `--error-format json`, and two for requests without a token to judge.
    pub(super) class: &'static str,
    pub(super) reasons: Vec<String>,
    /// The value of `WWW-Authenticate`.
    pub(super) challenge: Option<HeaderValue>,
    /// Of a valid token.
    pub(super) passed: Vec<(HeaderName, HeaderValue)>,
    /// Whom it is about: the claims of a valid token.
    pub(super) claims: Option<Arc<Claims>>,
}

/// Seconds after which to ask again when keys cannot be had.
pub(super) const RETRY_AFTER: &str = "5";

/// Texts for the challenge have no quotes or backslashes (RFC 6750 §3).
fn challenge(realm: &str, error: Option<(&str, &str)>, scope: &str) -> Option<HeaderValue> {
    let mut text = format!("Bearer realm=\"{realm}\"");
    if let Some((code, description)) = error {
        write!(
            text,
            ", error=\"{code}\", error_description=\"{description}\""
        )
        .ok();
    }
    if !scope.is_empty() {
        write!(text, ", scope=\"{scope}\"").ok();
    }
    HeaderValue::from_str(&text).ok()
}

impl Decision {
    fn refused(status: StatusCode, class: &'static str, reasons: Vec<String>) -> Self {
        Self {
            status,
            class,
            reasons,
            challenge: None,
            passed: Vec::new(),
            claims: None,
        }
    }

    fn unauthorized(
        class: &'static str,
        reasons: Vec<String>,
        challenge: Option<HeaderValue>,
    ) -> Self {
        Self {
            challenge,
            ..Self::refused(StatusCode::UNAUTHORIZED, class, reasons)
        }
    }

    /// No check has that path.
    pub(super) fn unknown_path() -> Self {
        let reason = "no check has this path".to_owned();
        Self::refused(StatusCode::FORBIDDEN, "unknown_path", vec![reason])
    }

    /// The request has no bearer token: the challenge names no error.
    pub(super) fn no_credentials(realm: &str) -> Self {
        let reason = "the request has no bearer token".to_owned();
        Self::unauthorized("no_credentials", vec![reason], challenge(realm, None, ""))
    }

    pub(super) fn malformed(realm: &str, reason: &'static str) -> Self {
        let error = challenge(realm, Some(("invalid_request", reason)), "");
        Self::unauthorized("malformed_credentials", vec![reason.to_owned()], error)
    }

    pub(super) fn invalid(realm: &str, error: &VerificationError) -> Self {
        let violations = error.violations();
        let is_expired = violations.iter().all(|one| one.rule == Rule::Expiry);
        let description = if is_expired {
            "the token has expired"
        } else {
            "the token is not valid"
        };
        let challenge = challenge(realm, Some(("invalid_token", description)), "");
        Self::unauthorized(Class::UntrustedToken.name(), texts(violations), challenge)
    }

    /// Valid, but not sufficient for the check.
    pub(super) fn insufficient(realm: &str, check: &Check, unmet: &Unmet) -> Self {
        let description = "the token does not meet the requirements";
        let error = Some(("insufficient_scope", description));
        Self {
            challenge: challenge(realm, error, &scopes(&check.requirements)),
            ..Self::refused(
                StatusCode::FORBIDDEN,
                Class::ClaimMissing.name(),
                texts(unmet.violations()),
            )
        }
    }

    /// The keys cannot be had.
    pub(super) fn unavailable(failure: &Failure) -> Self {
        Self::refused(
            StatusCode::SERVICE_UNAVAILABLE,
            failure.class.name(),
            vec![failure.message.clone()],
        )
    }

    pub(super) fn accepted(claims: &Claims, passed: &[PassedClaim]) -> Self {
        let header = |one: &PassedClaim| (one.header.clone(), header_value(claims, &one.claim));
        Self {
            passed: passed.iter().map(header).collect(),
            ..Self::refused(StatusCode::OK, "valid", Vec::new())
        }
    }

    /// The same about this token.
    pub(super) fn about(self, claims: &Arc<Claims>) -> Self {
        Self {
            claims: Some(Arc::clone(claims)),
            ..self
        }
    }
}

fn texts(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(ToString::to_string).collect()
}

/// The scopes that a token needs, as far as the challenge can name them (RFC 6749 §3.3).
fn scopes(requirements: &Requirements) -> String {
    let is_token = |scope: &&String| {
        let is_part = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        !scope.is_empty() && scope.bytes().all(is_part)
    };
    let scopes = requirements.scopes.iter().filter(is_token);
    scopes.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The realm of challenges: the API's first audience, as far as it can be quoted.
pub(super) fn realm(audiences: &[String]) -> String {
    let audience = audiences.first().map_or("", String::as_str);
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if audience.bytes().all(is_plain) {
        audience.to_owned()
    } else {
        "API".to_owned()
    }
}
