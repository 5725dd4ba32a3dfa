//! An error response of the token endpoint (RFC 6749 §5.2): which row of the table it is, and what
//! the user sees.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::error_table::{ErrorRow, NextStep, TABLE};
use super::step::Step;
use crate::duration;
use crate::escape;
use crate::failure::Class;
use crate::http::Response;

/// An error response, explained.
#[derive(Debug)]
pub(crate) struct TokenErrorResponse {
    pub(super) class: Class,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) status: u16,
    /// The tenant's `error`, escaped.
    pub(super) code: Option<String>,
    pub(super) next_step: NextStep,
    /// With it the login can continue.
    pub(super) mfa_token: Option<MfaToken>,
}

/// Proof of the correct password, valid for some minutes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct MfaToken(pub(super) SecretString);

/// RFC 6749 §5.2, and the variants of other endpoints and servers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorJson {
    error: Option<String>,
    error_description: Option<String>,
    /// What some servers call it, in addition or instead.
    message: Option<String>,
    description: Option<String>,
    mfa_token: Option<MfaToken>,
}

impl ErrorJson {
    fn read(response: &Response) -> Result<Self, String> {
        let status = response.status.as_u16();
        let Ok(mut json) = serde_json::from_slice::<Self>(&response.body) else {
            // Some statuses say enough without a body.
            return match status {
                401 | 403 | 429 | 500.. => Ok(Self::default()),
                _ => Err(format!(
                    "status {status}, and the body is not an OAuth error"
                )),
            };
        };
        json.error_description = json
            .error_description
            .or(json.message.take())
            .or(json.description.take());
        Ok(json)
    }

    fn row(&self, step: Step, status: u16) -> Option<&'static ErrorRow> {
        let code = self.error.as_deref().unwrap_or_default();
        let description = self.error_description.as_deref().unwrap_or_default();
        let description = description.to_lowercase();
        TABLE
            .iter()
            .find(|row| row.matches(step, status, code, &description))
    }
}

impl TokenErrorResponse {
    /// Reads a response whose status is not 2xx. Fails, with the problem, if it is not an OAuth
    /// error.
    pub(super) fn read(step: Step, host: &str, response: &Response) -> Result<Self, String> {
        let status = response.status.as_u16();
        let json = ErrorJson::read(response)?;
        let code = json.error.as_deref();
        let code = code.map(|code| escape::excerpt(code, 100));
        let row = json.row(step, status);
        let explanation = row.map_or_else(
            || Explanation::without_row(status, code.as_deref()),
            |row| Explanation::of_row(row, host),
        );
        let hint = match explanation.class {
            Class::Throttled => Some(with_wait(explanation.hint, response.retry_after)),
            _ => explanation.hint,
        };
        // The tenant's own words are added where they say more.
        let quoted = row.is_none_or(|row| row.is_quoted);
        let words = json.error_description;
        let message = match words.filter(|words| quoted && !words.is_empty()) {
            None => explanation.message,
            Some(words) => {
                format!(
                    "{} (the tenant says: {})",
                    explanation.message,
                    escape::excerpt(&words, 500)
                )
            }
        };
        Ok(Self {
            class: explanation.class,
            message,
            hint,
            status,
            code,
            next_step: row.map_or(NextStep::None, |row| row.next_step),
            mfa_token: json.mfa_token,
        })
    }

    /// The userinfo endpoint's refusal, which has no body that explains it (RFC 6750 §3).
    pub(super) fn of_userinfo(status: u16) -> Self {
        Self {
            class: Class::TenantRefused,
            message: format!("the userinfo endpoint refused the access token (status {status})"),
            hint: Some("include openid in the scope; see --scope and AUTH0_SCOPE".to_owned()),
            status,
            code: None,
            next_step: NextStep::None,
            mfa_token: None,
        }
    }
}

/// What the user sees.
struct Explanation {
    class: Class,
    message: String,
    hint: Option<String>,
}

impl Explanation {
    fn of_row(row: &ErrorRow, host: &str) -> Self {
        Self {
            class: row.class,
            message: row.message.to_owned(),
            hint: row.hint.map(|hint| hint.replace("{host}", host)),
        }
    }

    /// The status says something, the tenant's words the rest.
    fn without_row(status: u16, code: Option<&str>) -> Self {
        let (class, message, hint) = match (status, code) {
            (429, _) => (Class::Throttled, "too many requests".to_owned(), None),
            (500.., _) => (
                Class::Unreachable,
                format!("the tenant reported an internal error (status {status})"),
                Some("try again later; see status.auth0.com for outages of Auth0"),
            ),
            (_, None) => (
                Class::TenantRefused,
                format!("the tenant refused the request (status {status}) and gave no reason"),
                Some(
                    "check the password, the client ID and the client secret: some servers do not \
                     say which is wrong",
                ),
            ),
            (_, Some(code)) => (
                Class::TenantRefused,
                format!("the tenant refused the request: status {status}, {code}"),
                Some("look up the attempt under Monitoring → Logs for more details"),
            ),
        };
        Self {
            class,
            message,
            hint: hint.map(str::to_owned),
        }
    }
}

fn with_wait(hint: Option<String>, wait: Option<Duration>) -> String {
    match (hint, wait) {
        (Some(hint), None) => hint,
        (Some(hint), wait) => format!("{hint}; {}", duration::retry_hint(wait)),
        (None, wait) => duration::retry_hint(wait),
    }
}
