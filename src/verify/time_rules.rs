//! The rules about times: `exp`, `nbf`, `iat` and `auth_time`.

use super::policy::{Policy, TokenKind};
use super::registered::{Registered, RegisteredClaims};
use super::violation::show;
use crate::duration;

/// Whether a token that ends then has ended.
pub(super) fn is_over(exp: f64, policy: &Policy, now: i64) -> bool {
    exp <= seconds(now) - f64::from(policy.leeway)
}

/// Whether a login at that time is older than the maximum age.
pub(super) fn is_too_old(auth_time: f64, max_age: u32, policy: &Policy, now: i64) -> bool {
    seconds(now) > auth_time + f64::from(max_age) + f64::from(policy.leeway)
}

/// `exp` must be in the future; now is too late (RFC 7519 §4.1.4).
pub(super) fn expiry(claims: &RegisteredClaims, policy: &Policy, now: i64) -> Result<(), String> {
    match time(claims, Registered::Expiry)? {
        None if policy.kind == TokenKind::Jwt => Ok(()),
        None => Err("exp is missing, so the token would never expire".into()),
        Some(exp) if !is_over(exp, policy, now) => Ok(()),
        Some(exp) => Err(format!(
            "exp is in the past: {}",
            show_time(exp, now, policy)
        )),
    }
}

/// `nbf` must not be in the future (RFC 7519 §4.1.5).
pub(super) fn not_before(
    claims: &RegisteredClaims,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    not_in_the_future(claims, Registered::NotBefore, policy, now).map(|_| ())
}

/// `iat` must not be in the future; an ID token must have it (OpenID Connect Core §2).
pub(super) fn issued_at(
    claims: &RegisteredClaims,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    match not_in_the_future(claims, Registered::IssuedAt, policy, now)? {
        None if policy.kind == TokenKind::IdToken => {
            Err("iat is missing, and an ID token requires it".into())
        }
        _ => Ok(()),
    }
}

/// `auth_time` must be neither older than the maximum age nor in the future (OpenID Connect Core
/// §3.1.3.7 step 13).
pub(super) fn auth_time(
    claims: &RegisteredClaims,
    policy: &Policy,
    now: i64,
) -> Result<(), String> {
    let Some(max_age) = policy.max_age else {
        return Ok(());
    };
    match not_in_the_future(claims, Registered::AuthTime, policy, now)? {
        None => Err(format!(
            "auth_time is missing, expected a login at most {max_age}s ago"
        )),
        Some(time) if !is_too_old(time, max_age, policy, now) => Ok(()),
        Some(time) => Err(format!(
            "auth_time is more than {max_age}s ago: {}",
            show_time(time, now, policy)
        )),
    }
}

fn not_in_the_future(
    claims: &RegisteredClaims,
    claim: Registered,
    policy: &Policy,
    now: i64,
) -> Result<Option<f64>, String> {
    match time(claims, claim)? {
        Some(time) if time > seconds(now) + f64::from(policy.leeway) => Err(format!(
            "{} is in the future: {}",
            claim.name(),
            show_time(time, now, policy)
        )),
        time => Ok(time),
    }
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, with fractions allowed. A float is exact for
/// every realistic time, and compares correctly with any other.
pub(super) fn time(claims: &RegisteredClaims, claim: Registered) -> Result<Option<f64>, String> {
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    value.as_f64().map(Some).ok_or_else(|| {
        format!(
            "{} is {}, expected seconds since 1970",
            claim.name(),
            show(Some(value))
        )
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to the year 285 million"
)]
fn seconds(now: i64) -> f64 {
    now as f64
}

/// A time with its distance from now and the leeway.
fn show_time(time: f64, now: i64, policy: &Policy) -> String {
    let distance = time - seconds(now);
    let direction = if distance > 0.0 { "from now" } else { "ago" };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and floats saturate"
    )]
    let whole = distance.abs().ceil() as u64;
    format!(
        "{}, {} {direction} (leeway {}s)",
        duration::rfc3339(time),
        duration::short(whole),
        policy.leeway
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_767_225_600;

    type TimeRule = fn(&RegisteredClaims, &Policy, i64) -> Result<(), String>;

    fn check(rule: TimeRule, kind: TokenKind, leeway: u32, claims: &Value) -> Result<(), String> {
        let policy = Policy {
            leeway,
            max_age: Some(300),
            ..Policy::new(kind, [])
        };
        rule(&RegisteredClaims::of(claims), &policy, NOW)
    }

    #[test]
    fn a_token_is_refused_from_the_second_of_its_expiry() {
        for (exp, leeway, is_valid) in [
            (1, 0, true),
            (0, 0, false),
            (-59, 60, true),
            (-60, 60, false),
            (-61, 60, false),
        ] {
            let verdict = check(expiry, TokenKind::Jwt, leeway, &json!({ "exp": NOW + exp }));
            assert_eq!(verdict.is_ok(), is_valid, "{exp} with {leeway}");
        }
    }

    #[test]
    fn only_a_jwt_of_no_particular_kind_may_omit_exp() {
        for (kind, is_valid) in [
            (TokenKind::IdToken, false),
            (TokenKind::AccessToken, false),
            (TokenKind::Jwt, true),
        ] {
            assert_eq!(
                check(expiry, kind, 60, &json!({})).is_ok(),
                is_valid,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_token_is_refused_before_nbf() {
        for (nbf, leeway, is_valid) in [
            (0, 0, true),
            (1, 0, false),
            (60, 60, true),
            (61, 60, false),
            (-NOW - 5, 0, true),
        ] {
            let verdict = check(
                not_before,
                TokenKind::Jwt,
                leeway,
                &json!({ "nbf": NOW + nbf }),
            );
            assert_eq!(verdict.is_ok(), is_valid, "{nbf} with {leeway}");
        }
    }

    #[test]
    fn a_token_issued_in_the_future_is_refused() {
        for (iat, leeway, is_valid) in [
            (0, 0, true),
            (1, 0, false),
            (60, 60, true),
            (61, 60, false),
            (-NOW, 0, true),
        ] {
            let verdict = check(
                issued_at,
                TokenKind::Jwt,
                leeway,
                &json!({ "iat": NOW + iat }),
            );
            assert_eq!(verdict.is_ok(), is_valid, "{iat} with {leeway}");
        }
    }

    #[test]
    fn only_an_id_token_requires_iat() {
        for (kind, is_valid) in [
            (TokenKind::IdToken, false),
            (TokenKind::AccessToken, true),
            (TokenKind::Jwt, true),
        ] {
            assert_eq!(
                check(issued_at, kind, 60, &json!({})).is_ok(),
                is_valid,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_login_older_than_the_maximum_age_is_refused() {
        for (time, leeway, is_valid) in [
            (0, 0, true),
            (-300, 0, true),
            (-301, 0, false),
            (-360, 60, true),
            (-361, 60, false),
        ] {
            let verdict = check(
                auth_time,
                TokenKind::IdToken,
                leeway,
                &json!({ "auth_time": NOW + time }),
            );
            assert_eq!(verdict.is_ok(), is_valid, "{time} with {leeway}");
        }
        assert!(
            check(auth_time, TokenKind::IdToken, 0, &json!({}))
                .unwrap_err()
                .contains("auth_time is missing")
        );
    }

    #[test]
    fn a_login_in_the_future_is_refused() {
        assert!(
            check(
                auth_time,
                TokenKind::IdToken,
                60,
                &json!({ "auth_time": NOW + 60 })
            )
            .is_ok()
        );
        assert!(
            check(
                auth_time,
                TokenKind::IdToken,
                60,
                &json!({ "auth_time": NOW + 61 })
            )
            .is_err()
        );
    }

    #[test]
    fn a_login_of_any_age_is_accepted_without_a_maximum_age() {
        let claims = json!({ "auth_time": "yesterday" });
        assert_eq!(
            auth_time(
                &RegisteredClaims::of(&claims),
                &Policy::new(TokenKind::IdToken, []),
                NOW
            ),
            Ok(())
        );
    }

    #[test]
    fn a_time_that_is_not_a_number_is_refused() {
        for value in [
            json!("1767229200"),
            json!(true),
            json!(null),
            json!([]),
            json!([NOW]),
            json!({}),
        ] {
            for (name, rule) in [
                ("exp", expiry as TimeRule),
                ("nbf", not_before),
                ("iat", issued_at),
                ("auth_time", auth_time),
            ] {
                let message = check(rule, TokenKind::Jwt, 60, &json!({ name: value })).unwrap_err();
                assert!(
                    message.starts_with(name) && message.contains("expected seconds since 1970"),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn times_outside_the_calendar_neither_wrap_nor_panic() {
        for far in [
            json!(u64::MAX),
            json!(i64::MAX),
            json!(1e15),
            json!(1e300),
            json!(NOW * 1000),
        ] {
            assert_eq!(
                check(expiry, TokenKind::IdToken, 0, &json!({ "exp": far })),
                Ok(())
            );
            assert!(check(not_before, TokenKind::Jwt, 60, &json!({ "nbf": far })).is_err());
        }
        for past in [json!(i64::MIN), json!(-1e300), json!(0), json!(-0.0)] {
            assert!(check(expiry, TokenKind::IdToken, 0, &json!({ "exp": past })).is_err());
            assert_eq!(
                check(not_before, TokenKind::Jwt, 60, &json!({ "nbf": past })),
                Ok(())
            );
        }
    }

    #[test]
    fn fractions_of_a_second_count() {
        assert!(
            check(
                expiry,
                TokenKind::Jwt,
                0,
                &json!({ "exp": 1_767_225_600.5 })
            )
            .is_ok()
        );
        assert!(
            check(
                issued_at,
                TokenKind::Jwt,
                0,
                &json!({ "iat": 1_767_225_600.5 })
            )
            .is_err()
        );
    }

    #[test]
    fn a_message_shows_the_time_its_distance_and_the_leeway() {
        let message = check(expiry, TokenKind::Jwt, 60, &json!({ "exp": NOW - 7384 })).unwrap_err();
        assert_eq!(
            message,
            "exp is in the past: 2025-12-31T21:56:56Z, 2h 3m ago (leeway 60s)"
        );
        let message = check(expiry, TokenKind::Jwt, 0, &json!({ "exp": NOW })).unwrap_err();
        assert_eq!(
            message,
            "exp is in the past: 2026-01-01T00:00:00Z, 0s ago (leeway 0s)"
        );
        let message = check(
            not_before,
            TokenKind::Jwt,
            0,
            &json!({ "nbf": NOW + 86_400 * 400 }),
        )
        .unwrap_err();
        assert_eq!(
            message,
            "nbf is in the future: 2027-02-05T00:00:00Z, 1y 35d from now (leeway 0s)"
        );
    }
}
