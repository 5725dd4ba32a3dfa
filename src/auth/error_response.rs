//! An error response of the token endpoint (RFC 6749 §5.2): which row of the table it is, and what
//! the user sees.

use std::time::Duration;

use super::client::Client;
use super::error_table::{self, NextStep, Situation};
use super::explanation::Explanation;
use super::mfa_required::MfaRequired;
use super::step::Step;
use super::ways::Ways;
use crate::duration;
use crate::escape;
use crate::failure::Class;
use crate::http::Response;
use crate::response::OAuthError;

/// An error response, explained.
#[derive(Debug)]
pub(crate) struct TokenErrorResponse {
    pub(super) class: Class,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// `None`: it came by the browser's redirect.
    pub(super) status: Option<u16>,
    /// The server's `error`, escaped.
    pub(super) code: Option<String>,
    pub(super) next_step: NextStep,
    /// With it the login can continue.
    pub(super) mfa: Option<Box<MfaRequired>>,
    /// How long to wait before the next poll.
    pub(super) pause: Option<Duration>,
}

impl TokenErrorResponse {
    /// Reads a response whose status is not 2xx. Fails, with the problem, if it is not from a token
    /// endpoint.
    pub(super) fn read(
        step: Step,
        client: &Client<'_>,
        response: &Response,
    ) -> Result<Self, String> {
        let status = response.status.as_u16();
        let error = OAuthError::read(&response.headers, &response.body);
        if matches!(status, 404 | 405 | 410) && error.code().is_none() {
            return Err(format!(
                "status {status}, and the body is not an OAuth error"
            ));
        }
        Ok(Self::explain(step, client, Some(response), error))
    }

    /// The error in a response whose status is 2xx although it is one.
    pub(super) fn in_success(step: Step, client: &Client<'_>, response: &Response) -> Option<Self> {
        let error = OAuthError::read(&response.headers, &response.body);
        error.code()?;
        Some(Self::explain(step, client, Some(response), error))
    }

    /// The error with which the browser returned (RFC 6749 §4.1.2.1).
    pub(super) fn of_redirect(
        client: &Client<'_>,
        code: String,
        description: Option<String>,
    ) -> Self {
        let error = OAuthError {
            codes: vec![code],
            description,
            ..OAuthError::default()
        };
        Self::explain(Step::AuthorizationCode, client, None, error)
    }

    fn explain(
        step: Step,
        client: &Client<'_>,
        response: Option<&Response>,
        mut error: OAuthError,
    ) -> Self {
        let (provider, kind) = (client.provider, client.provider.kind);
        let sent_status = response.map(|response| response.status.as_u16());
        let status = sent_status.unwrap_or_default();
        let code = error.code().map(|code| escape::excerpt(code, 100));
        let words = error.description.as_deref().unwrap_or_default();
        let situation = Situation { step, status, kind };
        let row = error_table::find(situation, &error.codes, &words.to_lowercase());
        let words = Some(escape::excerpt(words, 500)).filter(|words| !words.is_empty());
        let explanation = match row {
            Some(row) => Explanation::of_row(row, kind, words),
            None => Explanation::without_row(situation, code.as_deref(), words, error.is_foreign),
        };
        let place = |text: String| {
            let text = text.replace("{server}", kind.noun());
            text.replace("{host}", &provider.host())
        };
        let ways = Ways::after(step, client);
        let hint = match explanation.class {
            Class::Throttled => Some(with_wait(
                explanation.hint,
                response.and_then(|response| requested_wait(response, &error)),
            )),
            _ => explanation.hint.map(str::to_owned),
        };
        Self {
            class: explanation.class,
            message: explanation.message.finish(place),
            hint: hint.map(|hint| place(ways.fill(&hint))),
            status: sent_status,
            code,
            next_step: row.map_or(NextStep::None, |row| row.next_step),
            pause: response
                .and_then(|response| response.retry_after)
                .max(seconds(error.interval)),
            mfa: MfaRequired::take_from(&mut error).map(Box::new),
        }
    }

    /// Whether the server does not know the path, or not for this method. Auth0 says so otherwise
    /// where the tenant has switched it off.
    pub(super) fn is_unknown_path(&self) -> bool {
        let is_switched_off = |code| matches!(code, "endpoint_disabled" | "method_not_allowed");
        matches!(self.status, Some(404 | 405)) && !self.code.as_deref().is_some_and(is_switched_off)
    }

    /// The userinfo endpoint's refusal, which has no body that explains it (RFC 6750 §3).
    pub(super) fn of_userinfo(status: u16) -> Self {
        Self {
            class: Class::TenantRefused,
            message: format!("the userinfo endpoint refused the access token (status {status})"),
            hint: Some("include openid in the scope; see --scope and AUTH0_SCOPE".to_owned()),
            status: Some(status),
            code: None,
            next_step: NextStep::None,
            mfa: None,
            pause: None,
        }
    }
}

/// The wait that a response asks for. `x-ratelimit-reset` is on every response of Auth0's, about
/// all requests: it says when a rate limit ends, not when a locked account is unlocked.
fn requested_wait(response: &Response, error: &OAuthError) -> Option<Duration> {
    let rate_limits = ["too_many_requests", "rate_limit_exceeded"];
    let is_rate_limit = |code: &String| rate_limits.contains(&code.as_str());
    if error.codes.is_empty() || error.codes.iter().any(is_rate_limit) {
        response.wait()
    } else {
        response.retry_after
    }
}

fn seconds(seconds: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds?).ok()
}

fn with_wait(hint: Option<&str>, wait: Option<Duration>) -> String {
    match (hint, wait) {
        (Some(hint), None) => hint.to_owned(),
        (Some(hint), wait) => format!("{hint}; {}", duration::retry_hint(wait)),
        (None, wait) => duration::retry_hint(wait),
    }
}
