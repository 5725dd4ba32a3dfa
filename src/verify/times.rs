//! The rules about times: `exp`, `nbf`, `iat` and `auth_time`.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::policy::{Kind, Policy};
use super::reason::show;

/// `exp` must lie after now (RFC 7519 §4.1.4: "on or after" is too late).
pub(super) fn expiry(claims: &Map<String, Value>, policy: &Policy, now: i64) -> Result<(), String> {
    match time(claims, "exp")? {
        None if policy.kind == Kind::Jwt => Ok(()),
        None => Err("exp is missing, so the token would never expire".into()),
        Some(exp) if seconds(now) - f64::from(policy.leeway) < exp => Ok(()),
        Some(exp) => Err(format!("exp is past: {}", moment(exp, now, policy))),
    }
}

/// `nbf` must not lie in the future (RFC 7519 §4.1.5).
pub(super) fn not_before(claims: &Map<String, Value>, policy: &Policy, now: i64) -> Result<(), String> {
    not_in_the_future(claims, "nbf", policy, now).map(|_| ())
}

/// `iat` must not lie in the future; an ID token must have it (OpenID Connect Core §2).
pub(super) fn issued_at(claims: &Map<String, Value>, policy: &Policy, now: i64) -> Result<(), String> {
    match not_in_the_future(claims, "iat", policy, now)? {
        None if policy.kind == Kind::IdToken => {
            Err("iat is missing, and an ID token must say when it was issued".into())
        }
        _ => Ok(()),
    }
}

/// The login must not be older than asked, nor in the future (OpenID Connect Core §3.1.3.7 step 11).
pub(super) fn auth_time(claims: &Map<String, Value>, policy: &Policy, now: i64) -> Result<(), String> {
    let Some(max_age) = policy.max_age else { return Ok(()) };
    match not_in_the_future(claims, "auth_time", policy, now)? {
        None => Err(format!("auth_time is missing, and a login at most {max_age} s ago was asked for")),
        Some(time) if seconds(now) <= time + f64::from(max_age) + f64::from(policy.leeway) => Ok(()),
        Some(time) => Err(format!("auth_time is more than {max_age} s ago: {}", moment(time, now, policy))),
    }
}

fn not_in_the_future(
    claims: &Map<String, Value>,
    name: &str,
    policy: &Policy,
    now: i64,
) -> Result<Option<f64>, String> {
    match time(claims, name)? {
        Some(time) if time > seconds(now) + f64::from(policy.leeway) => {
            Err(format!("{name} is in the future: {}", moment(time, now, policy)))
        }
        time => Ok(time),
    }
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, fractions allowed. A float holds every time that matters exactly,
/// and compares rightly with those beyond.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) if number.as_f64().is_some_and(f64::is_finite) => Ok(number.as_f64()),
        other => Err(format!("{name} is {}, not a number of seconds", show(other))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to the year 285 million")]
fn seconds(now: i64) -> f64 {
    now as f64
}

/// A time in words, with its distance from now and the leeway that was given.
fn moment(time: f64, now: i64, policy: &Policy) -> String {
    let distance = time - seconds(now);
    let direction = if distance > 0.0 { "from now" } else { "ago" };
    format!("{}, {} {direction} (leeway {} s)", date(time), duration(distance.abs()), policy.leeway)
}

/// A time as RFC 3339 in UTC, or the bare seconds where no calendar reaches.
pub(super) fn date(time: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "floats beyond the type saturate, and the calendar ends earlier"
    )]
    let whole = time.floor() as i64;
    Timestamp::from_second(whole).map_or_else(|_| format!("{time} s since 1970"), |timestamp| timestamp.to_string())
}

/// A length of time in its two largest units.
fn duration(seconds: f64) -> String {
    const UNITS: [(u64, &str); 5] = [(365 * 86_400, "years"), (86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, and floats saturate")]
    let mut rest = seconds.ceil() as u64;
    let mut words = Vec::new();
    for (length, name) in UNITS {
        if rest >= length && words.len() < 2 {
            words.push(format!("{} {name}", rest / length));
            rest %= length;
        }
    }
    if words.is_empty() { "0 s".into() } else { words.join(" ") }
}
