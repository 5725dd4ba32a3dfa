//! A push notification, and how often to ask whether it was accepted.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::mfa_required::MfaToken;
use super::request::{GrantOutcome, TokenRequest};
use super::step::Step;
use crate::fields;

pub(super) const MFA_OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";

/// The pause before each of the first polls: Auth0 documents a few seconds, RFC 8628 §3.2 five.
const PAUSE: Duration = Duration::from_secs(5);

/// How many polls follow at that pace, and the pause before each later one. Auth0 throttles a client
/// that keeps the first pace.
const QUICK_POLLS: u32 = 5;
const LONG_PAUSE: Duration = Duration::from_secs(12);

/// Added to the pause when the tenant says `slow_down` (RFC 8628 §3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// A notification on the person's phone.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    token: &'a MfaToken,
    oob_code: SecretString,
    pace: Pace,
    /// Why the last poll found nothing out.
    problem: Option<String>,
}

/// How long to wait before the next poll.
#[derive(Debug, Default)]
struct Pace {
    polls: u32,
    /// The tenant's own, if it names one.
    interval: Option<Duration>,
    /// What was added by `slow_down`.
    added: Duration,
    /// What the last response asked for.
    asked: Duration,
}

impl Pace {
    fn pause(&self) -> Duration {
        let usual = if self.polls < QUICK_POLLS {
            PAUSE
        } else {
            LONG_PAUSE
        };
        let pause = self.interval.unwrap_or(usual) + self.added;
        pause.max(self.asked)
    }

    fn polled(&mut self, asked: Option<Duration>, is_too_fast: bool) {
        self.polls = self.polls.saturating_add(1);
        self.asked = asked.unwrap_or_default();
        if is_too_fast {
            self.added += SLOW_DOWN;
        }
    }
}

/// What one poll for a push finds.
#[derive(Debug)]
pub(crate) enum PushStatus {
    Accepted(GrantOutcome),
    Pending,
}

impl<'a> Push<'a> {
    /// `interval`: seconds between polls, if the tenant says.
    pub(super) fn new(token: &'a MfaToken, oob_code: SecretString, interval: Option<f64>) -> Self {
        let interval = interval.map(|seconds| Duration::from_secs_f64(seconds.clamp(1.0, 60.0)));
        Self {
            token,
            oob_code,
            pace: Pace {
                interval,
                ..Pace::default()
            },
            problem: None,
        }
    }

    /// How long to wait before the next poll.
    pub(crate) fn pause(&self) -> Duration {
        self.pace.pause()
    }

    /// Why the last poll found nothing out, if it did not.
    pub(crate) fn into_problem(self) -> Option<String> {
        self.problem
    }
}

impl Client<'_> {
    /// Polls once for a push. A tenant that asks for fewer polls, or is unreachable for a while,
    /// gets fewer from then on: the person may still accept.
    pub(crate) fn poll(&self, push: &mut Push<'_>) -> Result<PushStatus, AuthError> {
        let mut request = TokenRequest::new(self, Step::Push, MFA_OOB);
        request.add(fields::MFA_TOKEN, push.token.0.expose_secret());
        request.add(fields::OOB_CODE, push.oob_code.expose_secret());
        let error = match request.outcome() {
            Ok(outcome) => return Ok(PushStatus::Accepted(outcome)),
            Err(error) => error,
        };
        push.problem = None;
        let is_too_fast = match error.next_step() {
            Some(NextStep::PollAgain) => false,
            Some(NextStep::PollSlower) => true,
            _ if error.may_pass() => {
                push.problem = Some(error.to_string());
                true
            }
            _ => return Err(error),
        };
        push.pace.polled(error.pause(), is_too_fast);
        Ok(PushStatus::Pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(pace: &mut Pace, polls: usize) -> Vec<u64> {
        let mut next = || {
            let pause = pace.pause().as_secs();
            pace.polled(None, false);
            pause
        };
        (0..polls).map(|_| next()).collect()
    }

    #[test]
    fn after_five_polls_the_pause_is_twelve_seconds() {
        assert_eq!(pauses(&mut Pace::default(), 7), [5, 5, 5, 5, 5, 12, 12]);
    }

    #[test]
    fn the_tenants_own_interval_is_kept() {
        let interval = Some(Duration::from_secs(2));
        let mut pace = Pace {
            interval,
            ..Pace::default()
        };
        assert_eq!(pauses(&mut pace, 7), [2; 7]);
    }

    #[test]
    fn slow_down_adds_five_seconds_for_good_and_retry_after_counts_once() {
        let mut pace = Pace::default();
        pace.polled(Some(Duration::from_secs(30)), true);
        assert_eq!(pauses(&mut pace, 6), [30, 10, 10, 10, 17, 17]);
        pace.polled(Some(Duration::from_secs(1)), true);
        assert_eq!(pauses(&mut pace, 2), [22, 22]);
    }
}
