//! How long a response asks to wait.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let after = text(headers, RETRY_AFTER.as_str())?;
    let seconds = after.parse().map(Duration::from_secs).ok();
    seconds.or_else(|| http_date(after).map(|time| until(time, headers, now)))
}

/// Auth0's `x-ratelimit-reset`, in seconds since 1970, unless `x-ratelimit-remaining` says that
/// there is something left.
pub(super) fn rate_limit_reset(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let number = |name| text(headers, name).and_then(|text| text.parse::<i64>().ok());
    let is_used_up = number("x-ratelimit-remaining").is_none_or(|remaining| remaining <= 0);
    let reset = number("x-ratelimit-reset").filter(|_| is_used_up)?;
    Some(until(reset, headers, now))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The time until then by the server's own clock, if it sends one.
fn until(time: i64, headers: &HeaderMap, now: i64) -> Duration {
    let there = text(headers, DATE.as_str()).and_then(http_date);
    let seconds = time.saturating_sub(there.unwrap_or(now));
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

/// An HTTP date (RFC 9110 §5.6.7, the one form that may be sent) in seconds since 1970.
pub(super) fn http_date(text: &str) -> Option<i64> {
    DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:30 GMT");
        for (pairs, seconds) in [
            (&[("retry-after", "3")][..], Some(3)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:42 GMT")], Some(5)),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:42 GMT"), date],
                Some(12),
            ),
            (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0)),
            (&[("x-ratelimit-reset", "784111779")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            let seconds = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers(pairs), NOW), seconds, "{pairs:?}");
        }
    }

    #[test]
    fn a_rate_limit_that_has_something_left_asks_for_no_wait() {
        let reset = ("x-ratelimit-reset", "784111779");
        for (pairs, seconds) in [
            (&[reset][..], Some(2)),
            (&[reset, ("x-ratelimit-remaining", "0")], Some(2)),
            (&[reset, ("x-ratelimit-remaining", "7")], None),
            (&[("x-ratelimit-reset", "soon")], None),
            (&[("retry-after", "3")], None),
        ] {
            let seconds = seconds.map(Duration::from_secs);
            assert_eq!(rate_limit_reset(&headers(pairs), NOW), seconds, "{pairs:?}");
        }
    }
}
