//! Times in words.

use std::time::Duration;

use jiff::Timestamp;

/// What to do about a server that asks to wait, or does not say for how long.
pub(crate) fn again(wait: Option<Duration>) -> String {
    wait.map_or_else(
        || "try again later".to_owned(),
        |wait| format!("try again in {}", rough(wait.as_secs().max(1))),
    )
}

/// `2026-11-22T01:40:00Z (in 9h 59m)`; `seconds` since 1970, `now` likewise. A time beyond any calendar stays a number.
pub(crate) fn in_words(seconds: f64, now: i64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and what is too large is no timestamp"
    )]
    let whole = seconds.floor() as i64;
    let Ok(time) = Timestamp::from_second(whole) else {
        return seconds.to_string();
    };
    let distance = whole.saturating_sub(now);
    match distance {
        0 => format!("{time} (now)"),
        1.. => format!("{time} (in {})", rough(distance.unsigned_abs())),
        _ => format!("{time} ({} ago)", rough(distance.unsigned_abs())),
    }
}

/// `2026-11-22T01:40:00Z`; `seconds` since 1970.
pub(crate) fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// The two largest units: nobody needs the seconds of a date that is days away.
pub(crate) fn rough(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let first = units
        .iter()
        .position(|(_, size)| seconds >= *size)
        .unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (unit, size) in units.iter().skip(first).take(2) {
        if rest / size > 0 {
            words.push(format!("{}{unit}", rest / size));
        }
        rest %= size;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_says_how_far_away_it_is() {
        assert_eq!(
            in_words(1_767_225_600.0, 1_767_225_600 - 36_000),
            "2026-01-01T00:00:00Z (in 10h)"
        );
        assert_eq!(
            in_words(1_767_225_600.0, 1_767_225_600 + 90_061),
            "2026-01-01T00:00:00Z (1d 1h ago)"
        );
        assert_eq!(
            in_words(1_767_225_600.9, 1_767_225_600),
            "2026-01-01T00:00:00Z (now)"
        );
    }

    #[test]
    fn a_time_beyond_any_calendar_stays_a_number() {
        assert_eq!(in_words(1e18, 0), "1000000000000000000");
        assert_eq!(in_words(f64::INFINITY, 0), "inf");
    }
}
