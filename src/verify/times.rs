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
pub(super) fn not_before(
    claims: &Map<String, Value>,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    not_in_the_future(claims, "nbf", policy, now).map(|_| ())
}

/// `iat` must not lie in the future; an ID token must have it (OpenID Connect Core §2).
pub(super) fn issued_at(
    claims: &Map<String, Value>,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    match not_in_the_future(claims, "iat", policy, now)? {
        None if policy.kind == Kind::IdToken => {
            Err("iat is missing, and an ID token must say when it was issued".into())
        }
        _ => Ok(()),
    }
}

/// The login must not be older than asked, nor in the future (OpenID Connect Core §3.1.3.7 step 11).
pub(super) fn auth_time(
    claims: &Map<String, Value>,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    let Some(max_age) = policy.max_age else {
        return Ok(());
    };
    match not_in_the_future(claims, "auth_time", policy, now)? {
        None => Err(format!(
            "auth_time is missing, and a login at most {max_age} s ago was asked for"
        )),
        Some(time) if seconds(now) <= time + f64::from(max_age) + f64::from(policy.leeway) => {
            Ok(())
        }
        Some(time) => Err(format!(
            "auth_time is more than {max_age} s ago: {}",
            moment(time, now, policy)
        )),
    }
}

fn not_in_the_future(
    claims: &Map<String, Value>,
    name: &str,
    policy: &Policy,
    now: i64,
) -> Result<Option<f64>, String> {
    match time(claims, name)? {
        Some(time) if time > seconds(now) + f64::from(policy.leeway) => Err(format!(
            "{name} is in the future: {}",
            moment(time, now, policy)
        )),
        time => Ok(time),
    }
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, fractions allowed. A float holds every time that matters exactly,
/// and compares rightly with those beyond.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) if number.as_f64().is_some_and(f64::is_finite) => {
            Ok(number.as_f64())
        }
        other => Err(format!(
            "{name} is {}, not a number of seconds",
            show(other)
        )),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to the year 285 million"
)]
fn seconds(now: i64) -> f64 {
    now as f64
}

/// A time in words, with its distance from now and the leeway that was given.
fn moment(time: f64, now: i64, policy: &Policy) -> String {
    let distance = time - seconds(now);
    let direction = if distance > 0.0 { "from now" } else { "ago" };
    format!(
        "{}, {} {direction} (leeway {} s)",
        date(time),
        duration(distance.abs()),
        policy.leeway
    )
}

/// A time as RFC 3339 in UTC, or the bare seconds where no calendar reaches.
pub(super) fn date(time: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "floats beyond the type saturate, and the calendar ends earlier"
    )]
    let whole = time.floor() as i64;
    Timestamp::from_second(whole).map_or_else(
        |_| format!("{time} s since 1970"),
        |timestamp| timestamp.to_string(),
    )
}

/// A length of time in its two largest units.
fn duration(seconds: f64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "y"),
        (86_400, "d"),
        (3600, "h"),
        (60, "min"),
        (1, "s"),
    ];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and floats saturate"
    )]
    let mut rest = seconds.ceil() as u64;
    let mut words = Vec::new();
    for (length, name) in UNITS {
        if rest >= length && words.len() < 2 {
            words.push(format!("{} {name}", rest / length));
            rest %= length;
        }
    }
    if words.is_empty() {
        "0 s".into()
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_767_225_600;

    type Rule = fn(&Map<String, Value>, &Policy, i64) -> Result<(), String>;

    fn check(rule: Rule, kind: Kind, leeway: u32, claims: &Value) -> Result<(), String> {
        let policy = Policy {
            leeway,
            max_age: Some(300),
            ..Policy::new(kind, [])
        };
        rule(claims.as_object().unwrap(), &policy, NOW)
    }

    #[test]
    fn a_token_is_refused_from_the_second_of_its_expiry_on() {
        for (exp, leeway, holds) in [
            (1, 0, true),
            (0, 0, false),
            (-59, 60, true),
            (-60, 60, false),
            (-61, 60, false),
        ] {
            let verdict = check(expiry, Kind::Jwt, leeway, &json!({ "exp": NOW + exp }));
            assert_eq!(verdict.is_ok(), holds, "{exp} with {leeway}");
        }
    }

    #[test]
    fn a_token_that_must_expire_cannot_leave_exp_out() {
        for (kind, holds) in [
            (Kind::IdToken, false),
            (Kind::AccessToken, false),
            (Kind::Jwt, true),
        ] {
            assert_eq!(
                check(expiry, kind, 60, &json!({})).is_ok(),
                holds,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_token_is_refused_before_nbf() {
        for (nbf, leeway, holds) in [
            (0, 0, true),
            (1, 0, false),
            (60, 60, true),
            (61, 60, false),
            (-NOW - 5, 0, true),
        ] {
            let verdict = check(not_before, Kind::Jwt, leeway, &json!({ "nbf": NOW + nbf }));
            assert_eq!(verdict.is_ok(), holds, "{nbf} with {leeway}");
        }
    }

    #[test]
    fn a_token_issued_in_the_future_is_refused() {
        for (iat, leeway, holds) in [
            (0, 0, true),
            (1, 0, false),
            (60, 60, true),
            (61, 60, false),
            (-NOW, 0, true),
        ] {
            let verdict = check(issued_at, Kind::Jwt, leeway, &json!({ "iat": NOW + iat }));
            assert_eq!(verdict.is_ok(), holds, "{iat} with {leeway}");
        }
    }

    #[test]
    fn only_an_id_token_must_say_when_it_was_issued() {
        for (kind, holds) in [
            (Kind::IdToken, false),
            (Kind::AccessToken, true),
            (Kind::Jwt, true),
        ] {
            assert_eq!(
                check(issued_at, kind, 60, &json!({})).is_ok(),
                holds,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_login_must_be_as_fresh_as_asked() {
        for (time, leeway, holds) in [
            (0, 0, true),
            (-300, 0, true),
            (-301, 0, false),
            (-360, 60, true),
            (-361, 60, false),
        ] {
            let verdict = check(
                auth_time,
                Kind::IdToken,
                leeway,
                &json!({ "auth_time": NOW + time }),
            );
            assert_eq!(verdict.is_ok(), holds, "{time} with {leeway}");
        }
        assert!(
            check(auth_time, Kind::IdToken, 0, &json!({}))
                .unwrap_err()
                .contains("auth_time is missing")
        );
    }

    #[test]
    fn a_login_in_the_future_is_refused() {
        assert!(
            check(
                auth_time,
                Kind::IdToken,
                60,
                &json!({ "auth_time": NOW + 60 })
            )
            .is_ok()
        );
        assert!(
            check(
                auth_time,
                Kind::IdToken,
                60,
                &json!({ "auth_time": NOW + 61 })
            )
            .is_err()
        );
    }

    #[test]
    fn a_login_of_any_age_will_do_where_none_was_asked_for() {
        let claims = json!({ "auth_time": "yesterday" });
        assert_eq!(
            auth_time(
                claims.as_object().unwrap(),
                &Policy::new(Kind::IdToken, []),
                NOW
            ),
            Ok(())
        );
    }

    #[test]
    fn a_time_of_another_type_is_refused_whatever_it_says() {
        for value in [
            json!("1767229200"),
            json!(true),
            json!(null),
            json!([]),
            json!([NOW]),
            json!({}),
        ] {
            for (name, rule) in [
                ("exp", expiry as Rule),
                ("nbf", not_before),
                ("iat", issued_at),
                ("auth_time", auth_time),
            ] {
                let message = check(rule, Kind::Jwt, 60, &json!({ name: value })).unwrap_err();
                assert!(
                    message.starts_with(name) && message.contains("not a number of seconds"),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn times_beyond_any_calendar_neither_wrap_nor_panic() {
        for far in [
            json!(u64::MAX),
            json!(i64::MAX),
            json!(1e15),
            json!(1e300),
            json!(NOW * 1000),
        ] {
            assert_eq!(
                check(expiry, Kind::IdToken, 0, &json!({ "exp": far })),
                Ok(())
            );
            assert!(check(not_before, Kind::Jwt, 60, &json!({ "nbf": far })).is_err());
        }
        for past in [json!(i64::MIN), json!(-1e300), json!(0), json!(-0.0)] {
            assert!(check(expiry, Kind::IdToken, 0, &json!({ "exp": past })).is_err());
            assert_eq!(
                check(not_before, Kind::Jwt, 60, &json!({ "nbf": past })),
                Ok(())
            );
        }
    }

    #[test]
    fn fractions_of_a_second_count() {
        assert!(check(expiry, Kind::Jwt, 0, &json!({ "exp": 1_767_225_600.5 })).is_ok());
        assert!(check(issued_at, Kind::Jwt, 0, &json!({ "iat": 1_767_225_600.5 })).is_err());
    }

    #[test]
    fn a_message_gives_the_time_its_distance_and_the_leeway() {
        let message = check(expiry, Kind::Jwt, 60, &json!({ "exp": NOW - 7384 })).unwrap_err();
        assert_eq!(
            message,
            "exp is past: 2025-12-31T21:56:56Z, 2 h 3 min ago (leeway 60 s)"
        );
        let message = check(expiry, Kind::Jwt, 0, &json!({ "exp": NOW })).unwrap_err();
        assert_eq!(
            message,
            "exp is past: 2026-01-01T00:00:00Z, 0 s ago (leeway 0 s)"
        );
        let message = check(
            not_before,
            Kind::Jwt,
            0,
            &json!({ "nbf": NOW + 86_400 * 400 }),
        )
        .unwrap_err();
        assert_eq!(
            message,
            "nbf is in the future: 2027-02-05T00:00:00Z, 1 y 35 d from now (leeway 0 s)"
        );
    }
}
