//! Times and durations for people to read.

use std::time::Duration;

use jiff::Timestamp;

/// The hint to retry, after a wait that the server asks for.
pub(crate) fn retry_hint(wait: Option<Duration>) -> String {
    wait.map_or_else(
        || "try again later".to_owned(),
        |wait| format!("try again in {}", short(wait.as_secs().max(1))),
    )
}

/// `2026-11-22T01:40:00Z (in 9h 59m)`; both in seconds since 1970. A time outside the calendar is
/// shown as a number.
pub(crate) fn with_distance(seconds: f64, now: i64) -> String {
    let whole = whole(seconds);
    let Ok(time) = Timestamp::from_second(whole) else {
        return seconds.to_string();
    };
    let distance = whole.saturating_sub(now);
    match distance {
        0 => format!("{time} (now)"),
        1.. => format!("{time} (in {})", short(distance.unsigned_abs())),
        _ => format!("{time} ({} ago)", short(distance.unsigned_abs())),
    }
}

/// `2026-11-22T01:40:00Z`, from seconds since 1970. A time outside the calendar is shown as a
/// number.
pub(crate) fn rfc3339(seconds: f64) -> String {
    Timestamp::from_second(whole(seconds)).map_or_else(
        |_| format!("{seconds} s since 1970"),
        |time| time.to_string(),
    )
}

/// `2026-11-22T01:40:00Z`, from seconds since 1970; `None` outside the calendar.
pub(crate) fn timestamp(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    Some(time.to_string())
}

/// `2h 53m` from seconds: the two largest units.
pub(crate) fn short(seconds: u64) -> String {
    const UNITS: [(&str, u64); 5] = [
        ("y", 365 * 86_400),
        ("d", 86_400),
        ("h", 3_600),
        ("m", 60),
        ("s", 1),
    ];
    let first = UNITS.iter().position(|(_, size)| seconds >= *size);
    let mut remaining = seconds;
    let mut parts = Vec::new();
    for (unit, size) in UNITS.iter().skip(first.unwrap_or(UNITS.len() - 1)).take(2) {
        if remaining / size > 0 || seconds == 0 {
            parts.push(format!("{}{unit}", remaining / size));
        }
        remaining %= size;
    }
    parts.join(" ")
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and the calendar ends earlier"
)]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_with_its_distance_from_now() {
        let now = 1_767_225_600;
        let text = with_distance(1_767_225_600.0, now - 36_000);
        assert_eq!(text, "2026-01-01T00:00:00Z (in 10h)");
        let text = with_distance(1_767_225_600.0, now + 90_061);
        assert_eq!(text, "2026-01-01T00:00:00Z (1d 1h ago)");
        let text = with_distance(1_767_225_600.9, now);
        assert_eq!(text, "2026-01-01T00:00:00Z (now)");
    }

    #[test]
    fn a_time_outside_the_calendar_is_shown_as_a_number() {
        assert_eq!(with_distance(1e18, 0), "1000000000000000000");
        assert_eq!(with_distance(f64::INFINITY, 0), "inf");
        assert_eq!(rfc3339(1e18), "1000000000000000000 s since 1970");
    }

    #[test]
    fn a_duration_is_shown_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (3600, "1h"),
            (10_380, "2h 53m"),
            (86_400 * 400, "1y 35d"),
        ] {
            assert_eq!(short(seconds), text);
        }
    }
}
