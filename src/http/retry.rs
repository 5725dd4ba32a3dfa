//! When a request is retried, and after how long: never where it could count as another attempt at
//! a password.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;

use super::error::HttpError;
use super::response::Response;
use crate::strict_json;

/// How often a request is retried at most.
const MAX_RETRIES: u32 = 2;

/// The pause before the first retry of a connection; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The codes of rate limits (Auth0, its Management API, Okta, RFC 6749), as [`normalized`] writes
/// them. Any other code may be a lock, which counts each attempt.
const RATE_LIMITS: [&str; 4] = [
    "too_many_requests",
    "rate_limit_exceeded",
    "temporarily_unavailable",
    "e0000047",
];

/// Polled too often (RFC 8628 §3.5): the poller waits, and adds to the interval.
const SLOW_DOWN: &str = "slow_down";

/// What a repeated request could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// No harm: a server that is too busy may be asked again.
    Harmless,
    /// Count as another attempt at a password or a code.
    Attempt,
    /// Look like a stolen code, for which a server may withdraw what it has issued (RFC 6749
    /// §4.1.2).
    Once,
}

/// Why a request is retried, in words that follow the host's name.
#[derive(Clone, Copy, Debug)]
pub(super) enum RetryReason {
    /// Nothing of the request had been sent.
    Connection,
    /// The request was sent, and refused before anything looked at it.
    Unprocessed,
    /// The server asks to wait.
    Response(StatusCode),
}

impl fmt::Display for RetryReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => write!(formatter, "is unreachable"),
            Self::Unprocessed => write!(formatter, "did not process the request"),
            Self::Response(status) => write!(
                formatter,
                "asks to retry later (status {})",
                status.as_u16()
            ),
        }
    }
}

/// Why one attempt failed.
pub(super) struct AttemptError {
    pub(super) error: HttpError,
    /// Why the request may be sent again although it failed.
    pub(super) retry: Option<RetryReason>,
}

impl From<HttpError> for AttemptError {
    fn from(error: HttpError) -> Self {
        Self { error, retry: None }
    }
}

/// The pause after an attempt at which nothing saw the request.
pub(super) fn after_failure(retries: u32) -> Option<Duration> {
    (retries < MAX_RETRIES).then(|| jittered(FIRST_PAUSE * 2_u32.pow(retries)))
}

/// The pause after a response that says when to retry.
///
/// An attempt at a password is only repeated after a 429 that names a rate limit: a lock and a proxy
/// that is too busy may have the same status, and each attempt may prolong a lock.
pub(super) fn after_response(
    response: &Response,
    policy: RetryPolicy,
    retries: u32,
) -> Option<Duration> {
    let is_throttled = response.status == StatusCode::TOO_MANY_REQUESTS;
    let is_busy = response.status == StatusCode::SERVICE_UNAVAILABLE;
    if !(is_throttled || is_busy) || retries >= MAX_RETRIES {
        return None;
    }
    let codes = error_codes(&response.body);
    let has = |code: &str| codes.iter().any(|one| one == code);
    let names_rate_limit = is_throttled && RATE_LIMITS.into_iter().any(has);
    let wait = match policy {
        RetryPolicy::Once => None,
        _ if has(SLOW_DOWN) => None,
        _ if names_rate_limit => response.wait(),
        RetryPolicy::Harmless => response.retry_after,
        RetryPolicy::Attempt => None,
    };
    // Later than asked, never earlier, so that not all clients retry at the same moment.
    Some(wait? + jittered(FIRST_PAUSE))
}

/// The `error` and the `errorCode` of a response; none if it is not strict JSON.
fn error_codes(body: &[u8]) -> Vec<String> {
    let members = strict_json::object(body).unwrap_or_default();
    let codes = ["error", "errorCode"].map(|name| members.get(name));
    let codes = codes.into_iter().filter_map(|code| code?.as_str());
    codes.map(normalized).collect()
}

/// `Too Many Requests` and `TooManyRequests` are `too_many_requests`.
fn normalized(code: &str) -> String {
    let mut name = String::with_capacity(code.len() + 4);
    let mut after_lower_case = false;
    for character in code.chars() {
        if character.is_ascii_uppercase() && after_lower_case {
            name.push('_');
        }
        after_lower_case = character.is_ascii_lowercase();
        name.push(match character {
            ' ' | '-' => '_',
            other => other.to_ascii_lowercase(),
        });
    }
    name
}

/// Between half and one and a half times a pause.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use zeroize::Zeroizing;

    use super::*;

    fn response(status: u16, body: &str) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        Response {
            status,
            headers: HeaderMap::new(),
            body: Zeroizing::new(body.into()),
            retry_after: Some(Duration::ZERO),
            rate_limit_reset: None,
        }
    }

    fn is_retried(response: &Response, policy: RetryPolicy) -> bool {
        after_response(response, policy, 0).is_some()
    }

    #[test]
    fn an_attempt_is_repeated_only_after_a_429_that_names_a_rate_limit() {
        for body in [
            r#"{"error":"too_many_requests"}"#,
            r#"{"statusCode":429,"error":"Too Many Requests","errorCode":"too_many_requests"}"#,
            r#"{"error":"TooManyRequests"}"#,
            r#"{"errorCode":"rate_limit_exceeded"}"#,
            r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#,
        ] {
            assert!(
                is_retried(&response(429, body), RetryPolicy::Attempt),
                "{body}"
            );
            for status in [200, 400, 401, 403, 500, 502, 503] {
                let response = response(status, body);
                assert!(
                    !is_retried(&response, RetryPolicy::Attempt),
                    "{status} {body}"
                );
            }
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            "",
            "{}",
            "<html>",
            "too_many_requests",
            "[\"too_many_requests\"]",
            r#"{"error":"too_many_attempts"}"#,
            r#"{"error":"too_many_logins"}"#,
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":["too_many_requests"]}"#,
            r#"{"error_description":"too_many_requests"}"#,
            r#"{"error":"too_many_attempts","error":"too_many_requests"}"#,
            &format!(r#"{{"error":"too_many_requests","x":{deep}}}"#),
        ] {
            assert!(
                !is_retried(&response(429, body), RetryPolicy::Attempt),
                "{body}"
            );
        }
    }

    #[test]
    fn a_harmless_request_is_repeated_after_429_and_503_with_retry_after() {
        for (status, is_repeated) in [(429, true), (503, true), (500, false), (502, false)] {
            for body in ["", "<html>", r#"{"error":"too_many_attempts"}"#] {
                let response = response(status, body);
                assert_eq!(is_retried(&response, RetryPolicy::Harmless), is_repeated);
            }
        }
    }

    #[test]
    fn slow_down_is_never_repeated_here() {
        for policy in [RetryPolicy::Harmless, RetryPolicy::Attempt] {
            for status in [400, 429, 503] {
                let slow_down = response(status, r#"{"error":"slow_down"}"#);
                assert!(!is_retried(&slow_down, policy));
            }
        }
    }

    #[test]
    fn the_reset_of_a_rate_limit_counts_only_where_the_response_names_one() {
        for (body, is_repeated) in [
            (r#"{"error":"too_many_requests"}"#, true),
            ("<html>", false),
        ] {
            let response = Response {
                retry_after: None,
                rate_limit_reset: Some(Duration::ZERO),
                ..response(429, body)
            };
            for policy in [RetryPolicy::Harmless, RetryPolicy::Attempt] {
                assert_eq!(is_retried(&response, policy), is_repeated, "{body}");
            }
        }
    }

    #[test]
    fn a_request_is_retried_twice() {
        for (retries, is_retried) in [(0, true), (1, true), (2, false), (3, false)] {
            let again = after_response(&response(429, ""), RetryPolicy::Harmless, retries);
            assert_eq!(again.is_some(), is_retried);
            assert_eq!(after_failure(retries).is_some(), is_retried);
        }
    }

    #[test]
    fn a_retry_comes_later_than_asked_and_not_always_at_the_same_time() {
        let asked = Duration::from_secs(3);
        let response = Response {
            retry_after: Some(asked),
            ..response(429, "")
        };
        let pause = || after_response(&response, RetryPolicy::Harmless, 0).unwrap();
        let pauses: Vec<Duration> = (0..100).map(|_| pause()).collect();
        let later = asked + FIRST_PAUSE / 2..asked + FIRST_PAUSE * 2;
        assert!(pauses.iter().all(|pause| later.contains(pause)));
        assert!(pauses.iter().any(|pause| pause != &pauses[0]));
        let pauses: Vec<_> = (0..100).map(|_| after_failure(0)).collect();
        assert!(pauses.iter().any(|pause| pause != &pauses[0]));
    }

    #[test]
    fn pauses_vary_between_half_and_one_and_a_half_times() {
        let pauses: Vec<Duration> = (0..100).map(|_| jittered(Duration::from_secs(2))).collect();
        assert!(
            pauses
                .iter()
                .all(|pause| (1..=3).contains(&pause.as_secs())),
            "{pauses:?}"
        );
        assert!(pauses.iter().any(|pause| pause != &pauses[0]));
    }
}
