//! When a request is repeated, and after how long: never in a way that could count as another attempt at a password.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Answer;

/// How often a request is repeated at most.
const REPEATS: u32 = 2;

/// The pause before the first new attempt to connect; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Why a request is repeated, in words that follow the host's name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    /// Nothing of the request had been sent.
    Connection,
    /// The server asks to wait.
    Answer(StatusCode),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => write!(formatter, "could not be reached"),
            Self::Answer(status) => write!(formatter, "asks to wait (status {})", status.as_u16()),
        }
    }
}

/// How long to wait after a connection that failed before the request was sent.
pub(super) fn after_failure(repeats: u32) -> Option<Duration> {
    (repeats < REPEATS).then(|| jittered(FIRST_PAUSE * 2_u32.pow(repeats)))
}

/// How long to wait after an answer that says when to come back: 429 and 503 alone, and only where they say so.
///
/// Too many wrong passwords answer 429 as well; that is a lock, and knocking again does not open it.
pub(super) fn after_answer(answer: &Answer, repeats: u32) -> Option<Duration> {
    let waits = matches!(
        answer.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    if !waits || repeats >= REPEATS || is_lock(&answer.body) {
        return None;
    }
    let asked = asked_for(&answer.headers, now())?;
    // Later, never earlier: not everybody comes back in the same moment.
    Some(asked + jittered(FIRST_PAUSE))
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else Auth0's `x-ratelimit-reset` in seconds since 1970. A
/// date is compared with the server's own clock where it gives one.
pub(super) fn asked_for(headers: &HeaderMap, now: i64) -> Option<Duration> {
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

/// Whether an answer is about too many wrong passwords or codes: whatever it calls by another name than a limit on requests.
fn is_lock(body: &[u8]) -> bool {
    let limits = [
        "too_many_requests",
        "rate_limit_exceeded",
        "temporarily_unavailable",
        "slow_down",
    ];
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = body.as_ref().and_then(|body| body["error"].as_str());
    code.is_some_and(|code| !limits.contains(&code))
}

/// An HTTP date (RFC 9110 §5.6.7, the one form that may be sent) in seconds since 1970.
pub(super) fn http_date(text: &str) -> Option<i64> {
    DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(jiff::Timestamp::as_second)
}

pub(super) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Between one half and three halves of a pause.
fn jittered(pause: Duration) -> Duration {
    // The standard library seeds its hashes from the system's generator; good enough for chance, not for secrets.
    let chance = RandomState::new().hash_one(());
    #[expect(clippy::cast_precision_loss, reason = "a fraction is wanted")]
    let fraction = chance as f64 / u64::MAX as f64;
    pause.mul_f64(0.5 + fraction)
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

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer {
            status,
            headers: headers(&[("retry-after", "0")]),
            body: Zeroizing::new(body.into()),
        }
    }

    #[test]
    fn too_many_wrong_passwords_or_codes_are_no_limit_on_requests() {
        for body in ["", "{}", "<html>", r#"{"error":"too_many_requests"}"#] {
            assert!(after_answer(&answer(429, body), 0).is_some(), "{body}");
        }
        for code in [
            "too_many_attempts",
            "invalid_grant",
            "access_denied",
            "invalid_request",
        ] {
            assert!(
                after_answer(&answer(429, &format!("{{\"error\":\"{code}\"}}")), 0).is_none(),
                "{code}"
            );
        }
    }

    #[test]
    fn the_server_says_how_long_to_wait_in_any_of_three_ways() {
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
                asked_for(&headers(pairs), NOW),
                seconds.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn only_429_and_503_are_repeated_and_no_lock_is() {
        for (status, body, repeated) in [
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
                after_answer(&answer(status, body), 0).is_some(),
                repeated,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn after_two_repeats_it_is_enough() {
        for (repeats, another) in [(0, true), (1, true), (2, false), (3, false)] {
            assert_eq!(after_answer(&answer(429, ""), repeats).is_some(), another);
            assert_eq!(after_failure(repeats).is_some(), another);
        }
    }

    #[test]
    fn pauses_differ_and_stay_between_a_half_and_three_halves() {
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
