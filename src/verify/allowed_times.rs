//! The times of a token that was accepted, which are all that a later moment has to look at.

use super::policy::Policy;
use super::registered::{Registered, RegisteredClaims};
use super::time_rules::{is_over, is_too_old, time};

/// The times of a token that every rule allowed at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllowedTimes {
    /// That moment, in seconds since 1970.
    at: i64,
    exp: Option<f64>,
    auth_time: Option<f64>,
}

impl AllowedTimes {
    /// Of claims that the rules allowed at `now`.
    pub(super) fn at(claims: &RegisteredClaims, now: i64) -> Self {
        let time = |claim| time(claims, claim).ok().flatten();
        Self {
            at: now,
            exp: time(Registered::Expiry),
            auth_time: time(Registered::AuthTime),
        }
    }

    /// Whether the rules allow them at `now` too, as far as that is known without the other times:
    /// what was not in the future is not at any later moment.
    pub(super) fn are_allowed(&self, policy: &Policy, now: i64) -> bool {
        let is_too_old = |max_age| {
            self.auth_time
                .is_none_or(|time| is_too_old(time, max_age, policy, now))
        };
        now >= self.at
            && self.exp.is_none_or(|exp| !is_over(exp, policy, now))
            && !policy.max_age.is_some_and(is_too_old)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::policy::TokenKind;
    use super::super::time_rules::{auth_time, expiry, issued_at, not_before};
    use super::*;

    #[test]
    fn times_that_were_allowed_are_allowed_later_until_a_rule_refuses_them() {
        let claims = json!({ "exp": 1000, "nbf": 500, "iat": 500, "auth_time": 500 });
        let claims = &RegisteredClaims::of(&claims);
        for max_age in [None, Some(100), Some(10_000)] {
            let policy = Policy {
                leeway: 10,
                max_age,
                ..Policy::new(TokenKind::IdToken, [crate::keys::Algorithm::RS256])
            };
            let allowed = AllowedTimes::at(claims, 500);
            for now in 490..1100 {
                let rules = [expiry, not_before, issued_at, auth_time];
                let by_rules = rules.iter().all(|rule| rule(claims, &policy, now).is_ok());
                let expected = by_rules && now >= 500;
                assert_eq!(
                    allowed.are_allowed(&policy, now),
                    expected,
                    "{max_age:?} {now}"
                );
            }
        }
    }
}
