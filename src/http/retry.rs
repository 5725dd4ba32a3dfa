//! When a request is retried, and after how long: never where it could count as another attempt at
//! a password.

use std::fmt;
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::response::Response;

/// How often a request is retried at most.
const MAX_RETRIES: u32 = 2;

/// The pause before the first retry of a connection; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Why a request is retried, in words that follow the host's name.
#[derive(Clone, Copy, Debug)]
pub(super) enum RetryReason {
    /// Nothing of the request had been sent.
    Connection,
    /// The server asks to wait.
    Response(StatusCode),
}

impl fmt::Display for RetryReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => write!(formatter, "is unreachable"),
            Self::Response(status) => write!(
                formatter,
                "asks to retry later (status {})",
                status.as_u16()
            ),
        }
    }
}

/// The pause after a connection that failed before the request was sent.
pub(super) fn after_failure(retries: u32) -> Option<Duration> {
    (retries < MAX_RETRIES).then(|| jittered(FIRST_PAUSE * 2_u32.pow(retries)))
}

/// The pause after a response that says when to retry: only 429 and 503, and only where they do.
///
/// Too many wrong passwords are a 429 as well; that is a lockout, which a retry does not end.
pub(super) fn after_response(response: &Response, retries: u32) -> Option<Duration> {
    let may_pass = matches!(
        response.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    if !may_pass || retries >= MAX_RETRIES || is_lockout(&response.body) {
        return None;
    }
    // Later than asked, never earlier, so that not all clients retry at the same moment.
    Some(response.retry_after? + jittered(FIRST_PAUSE))
}

/// The wait that a response asks for: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3),
/// else Auth0's `x-ratelimit-reset` in seconds since 1970. A date is compared with the server's own
/// clock if it sends one.
pub(super) fn requested_wait(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let there = text(DATE.as_str()).and_then(http_date).unwrap_or(now);
    let until =
        |time: i64| Duration::from_secs(u64::try_from(time.saturating_sub(there)).unwrap_or(0));
    match text(RETRY_AFTER.as_str()) {
        Some(after) => after
            .parse()
            .map(Duration::from_secs)
            .ok()
            .or_else(|| http_date(after).map(until)),
        None => text("x-ratelimit-reset")
            .and_then(|reset| reset.parse().ok())
            .map(until),
    }
}

/// Whether an error is about too many wrong passwords or codes: any code but those of rate limits.
fn is_lockout(body: &[u8]) -> bool {
    let rate_limits = [
        "too_many_requests",
        "rate_limit_exceeded",
        "temporarily_unavailable",
    ];
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = body.as_ref().and_then(|body| body["error"].as_str());
    code.is_some_and(|code| !rate_limits.contains(&code))
}

/// An HTTP date (RFC 9110 §5.6.7, the one form that may be sent) in seconds since 1970.
pub(super) fn http_date(text: &str) -> Option<i64> {
    DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(jiff::Timestamp::as_second)
}

/// Between half and one and a half times a pause.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: i64 = 784_111_777;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        use reqwest::header::{HeaderName, HeaderValue};
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn response(status: u16, body: &str) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        Response {
            status,
            headers: HeaderMap::new(),
            body: Zeroizing::new(body.into()),
            retry_after: Some(Duration::ZERO),
        }
    }

    #[test]
    fn a_lockout_is_not_a_rate_limit() {
        for body in ["", "{}", "<html>", r#"{"error":"too_many_requests"}"#] {
            assert!(after_response(&response(429, body), 0).is_some(), "{body}");
        }
        for code in [
            "too_many_attempts",
            "invalid_grant",
            "access_denied",
            "invalid_request",
        ] {
            assert!(
                after_response(&response(429, &format!("{{\"error\":\"{code}\"}}")), 0).is_none(),
                "{code}"
            );
        }
    }

    #[test]
    fn a_server_can_ask_to_wait_in_three_ways() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:30 GMT");
        for (pairs, seconds) in [
            (&[("retry-after", "3")][..], Some(3)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:42 GMT")], Some(5)),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:42 GMT"), date],
                Some(12),
            ),
            (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0)),
            (&[("x-ratelimit-reset", "784111779")], Some(2)),
            (
                &[("x-ratelimit-reset", "784111779"), ("retry-after", "9")],
                Some(9),
            ),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            assert_eq!(
                requested_wait(&headers(pairs), NOW),
                seconds.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn only_429_and_503_are_retried_and_no_lockout() {
        for (status, body, is_retried) in [
            (429, "", true),
            (503, "{}", true),
            (500, "", false),
            (502, "", false),
            (403, "", false),
            (200, "", false),
            (429, r#"{"error":"too_many_requests"}"#, true),
            (429, r#"{"error":"too_many_attempts"}"#, false),
        ] {
            assert_eq!(
                after_response(&response(status, body), 0).is_some(),
                is_retried,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_request_is_retried_twice() {
        for (retries, is_retried) in [(0, true), (1, true), (2, false), (3, false)] {
            assert_eq!(
                after_response(&response(429, ""), retries).is_some(),
                is_retried
            );
            assert_eq!(after_failure(retries).is_some(), is_retried);
        }
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
