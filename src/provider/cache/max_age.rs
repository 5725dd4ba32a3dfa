//! For how long a response may be cached (RFC 9111, without the rules for shared caches). A value
//! that is not as the RFC says never counts as a longer time.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::HeaderMap;

/// Seconds for which a document is cached if the issuer does not say.
const DEFAULT: i64 = 3600;

/// Seconds after which a document is fetched again, whatever the issuer says.
pub(super) const LONGEST: i64 = 86_400;

/// Seconds for which a response that arrived at `now` (seconds since 1970) may be cached: not at
/// all if 0 or less.
pub(super) fn max_age(headers: &HeaderMap, now: i64) -> i64 {
    let Some(directives) = directives(headers) else {
        return 0;
    };
    let forbids = |text: &String| text == "no-store" || text.starts_with("no-cache");
    if directives.iter().any(forbids) {
        return 0;
    }
    let max_ages = directives
        .iter()
        .filter_map(|text| text.strip_prefix("max-age"))
        .map(|value| seconds(value.strip_prefix('=')?.trim_matches('"')));
    let max_age = max_ages.map(Option::unwrap_or_default).min();
    let max_age = max_age.unwrap_or_else(|| expires(headers, now).min(DEFAULT));
    max_age.saturating_sub(age(headers)).min(LONGEST)
}

/// The directives of `Cache-Control` in lower case; `None` if a value is not text.
fn directives(headers: &HeaderMap) -> Option<Vec<String>> {
    let values = headers.get_all("cache-control").iter();
    let values: Vec<&str> = values
        .map(|value| value.to_str().ok())
        .collect::<Option<_>>()?;
    let directives = values.into_iter().flat_map(|value| value.split(','));
    Some(
        directives
            .map(|text| text.trim().to_ascii_lowercase())
            .collect(),
    )
}

/// A number of seconds (RFC 9111 §1.2.2): digits alone. One too large to count is the largest.
fn seconds(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::MAX))
}

/// How old the response was on arrival (RFC 9111 §5.1): what is no number of seconds is ignored.
fn age(headers: &HeaderMap) -> i64 {
    let values = headers.get_all("age").iter();
    let ages = values.filter_map(|value| seconds(value.to_str().ok()?.trim()));
    ages.max().unwrap_or(0)
}

/// Seconds until `Expires` (RFC 9111 §5.3), where it is there: by the later of the two clocks, and
/// none if it is no date.
fn expires(headers: &HeaderMap, now: i64) -> i64 {
    let date = |name| {
        let value = headers.get(name)?;
        let text = value.to_str().unwrap_or_default();
        Some(
            DateTimeParser::new()
                .parse_timestamp(text)
                .map(Timestamp::as_second),
        )
    };
    match date("expires") {
        None => i64::MAX,
        Some(Err(_)) => 0,
        Some(Ok(expires)) => {
            let sent = date("date").and_then(Result::ok).unwrap_or(now);
            expires.saturating_sub(sent.max(now))
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: i64 = 784_111_777;

    fn max_age_of(pairs: &[(&'static str, &[u8])]) -> i64 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        max_age(&headers, NOW)
    }

    #[test]
    fn a_response_is_cached_for_as_long_as_it_says_and_at_most_a_day() {
        for (value, seconds) in [
            ("max-age=15", 15),
            ("public, Max-Age=15, stale-while-revalidate=15", 15),
            ("max-age=\"15\"", 15),
            ("max-age=20, no-store", 0),
            ("no-cache", 0),
            ("no-cache=\"a\", max-age=9", 0),
            ("max-age=0", 0),
            ("max-age=99999999", 86_400),
            ("public", 3600),
        ] {
            let found = max_age_of(&[("cache-control", value.as_bytes())]);
            assert_eq!(found, seconds, "{value}");
        }
        assert_eq!(max_age_of(&[]), 3600);
        let two = [
            ("cache-control", &b"public"[..]),
            ("cache-control", b"max-age=20"),
        ];
        assert_eq!(max_age_of(&two), 20);
    }

    #[test]
    fn an_odd_value_never_makes_it_longer() {
        for (value, longest) in [
            (&b"max-age=nonsense"[..], 0),
            (b"max-age", 0),
            (b"max-age=", 0),
            (b"max-age=+60", 0),
            (b"max-age=-60", 0),
            (b"max-age=1e9", 0),
            (b"max-age=60, max-age=86400", 60),
            (b"max-age=86400, max-age=60", 60),
            (b"max-age=99999999999999999999", 86_400),
            (b"max-age=86400, x=\xff", 0),
        ] {
            assert_eq!(
                max_age_of(&[("cache-control", value)]),
                longest,
                "{value:?}"
            );
        }
    }

    #[test]
    fn the_age_on_arrival_counts_and_never_as_less_than_nothing() {
        for (age, seconds) in [
            (&["5"][..], 55),
            (&["-86400"], 60),
            (&["+5"], 60),
            (&["soon"], 60),
            (&["60"], 0),
            (&["5", "50"], 10),
            (&["99999999999999999999"], i64::MIN),
        ] {
            let mut pairs = vec![("cache-control", &b"max-age=60"[..])];
            pairs.extend(age.iter().map(|age| ("age", age.as_bytes())));
            assert_eq!(max_age_of(&pairs).max(0), seconds.max(0), "{age:?}");
        }
    }

    #[test]
    fn expires_only_shortens_the_default_whatever_date_says() {
        for (expires, date, seconds) in [
            ("Sun, 06 Nov 1994 08:49:47 GMT", None, 10),
            ("Sun, 06 Nov 1994 10:49:37 GMT", None, 3600),
            ("Sun, 06 Nov 1994 08:49:37 GMT", None, 0),
            ("0", None, 0),
            ("", None, 0),
            (
                "Sun, 06 Nov 1994 08:49:47 GMT",
                Some("Thu, 01 Jan 1970 00:00:00 GMT"),
                10,
            ),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some("nonsense"), 10),
            (
                "Sun, 06 Nov 1994 08:49:47 GMT",
                Some("Sun, 06 Nov 1994 08:49:40 GMT"),
                7,
            ),
        ] {
            let mut pairs = vec![("expires", expires.as_bytes())];
            pairs.extend(date.map(|date| ("date", date.as_bytes())));
            assert_eq!(max_age_of(&pairs), seconds, "{expires} {date:?}");
            pairs.push(("cache-control", b"max-age=5"));
            assert_eq!(max_age_of(&pairs), 5, "max-age outranks Expires");
        }
    }
}
