//! Tokens for scripts: bare, as a header, as a line for curl, or as JSON. All are secrets.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::json;
use super::target::OutputTarget;
use crate::response::TokenResponse;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A token on one line. It needs no escaping: responses with other characters are rejected.
pub(super) fn bare(token: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{token}\n"))
}

/// `Authorization: Bearer …` (RFC 6750 §2.1).
pub(super) fn header(token: &SecretString) -> Zeroizing<String> {
    let token = token.expose_secret();
    Zeroizing::new(format!("Authorization: Bearer {token}\n"))
}

/// The same header, for `curl --config -`.
pub(super) fn curl(token: &SecretString) -> Zeroizing<String> {
    let token = token.expose_secret();
    Zeroizing::new(format!("header = \"Authorization: Bearer {token}\"\n"))
}

/// An access token with its type, lifetime and scope.
#[derive(Serialize)]
pub(super) struct Description<'a> {
    pub(super) access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_type: Option<&'a str>,
    /// Lifetime in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'a str>,
}

impl<'a> Description<'a> {
    /// What a response says of its access token.
    pub(super) fn of(response: &'a TokenResponse, token: &'a SecretString) -> Self {
        Self {
            access_token: token.expose_secret(),
            token_type: response.token_type.as_deref(),
            expires_in: response.expires_in.map(whole_seconds),
            scope: response.scope.as_deref(),
        }
    }
}

/// An access token with its type, lifetime and scope, as one JSON object.
pub(super) fn description(
    description: &Description<'_>,
    target: OutputTarget,
) -> Zeroizing<String> {
    // Serializing strings and a number does not fail.
    let json = Zeroizing::new(serde_json::to_string(description).unwrap_or_default());
    Zeroizing::new(json::text(&json, target))
}

/// The whole response.
pub(super) fn response(response: &TokenResponse, target: OutputTarget) -> Zeroizing<String> {
    let text = response.text.expose_secret();
    Zeroizing::new(json::text(text.trim_start_matches(BYTE_ORDER_MARK), target))
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn whole_seconds(seconds: f64) -> i64 {
    seconds as i64
}
