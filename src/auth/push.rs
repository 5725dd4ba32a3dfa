//! A push notification, and whether it was accepted.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use super::client::Client;
use super::error::AuthError;
use super::error_table::NextStep;
use super::mfa_required::MfaToken;
use super::pace::{Pace, Pending};
use super::request::{GrantOutcome, TokenRequest};
use super::step::Step;
use crate::fields;

pub(super) const MFA_OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";

/// How long before the deadline the last poll begins at the latest.
const LEAST_MARGIN: Duration = Duration::from_millis(250);

/// The longest time-out with which no push is sent: a poll could not find it accepted by then.
pub(super) const TOO_SHORT: Duration = Duration::from_secs(1);

/// A notification on the person's phone.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    token: &'a MfaToken,
    oob_code: SecretString,
    pace: Pace,
    /// Of the slowest request so far.
    round_trip: Duration,
    /// Whether the next poll is the last.
    is_last: bool,
    /// Why a poll found nothing out: the last one, or the one before.
    problem: Option<String>,
}

/// What one poll for a push finds.
#[derive(Debug)]
pub(crate) enum PushStatus {
    Accepted(GrantOutcome),
    Pending,
}

impl<'a> Push<'a> {
    /// `interval`: seconds between polls, if the tenant says; `round_trip`: of the challenge.
    pub(super) fn new(
        token: &'a MfaToken,
        oob_code: SecretString,
        interval: Option<f64>,
        round_trip: Duration,
    ) -> Self {
        Self {
            token,
            oob_code,
            pace: Pace::new(interval),
            round_trip,
            is_last: false,
            problem: None,
        }
    }

    /// How long to wait before the next poll, where `left` is the time until the deadline; `None`
    /// after the last poll, which begins just early enough to be answered.
    pub(crate) fn next_pause(&mut self, left: Duration) -> Option<Duration> {
        let margin = (self.round_trip * 2).max(LEAST_MARGIN).min(left / 2);
        let left = left.saturating_sub(margin);
        let pause = self.pace.next(left).filter(|_| !self.is_last)?;
        self.is_last = pause >= left;
        Some(pause)
    }

    /// Why a poll found nothing out, if one did not.
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
        let started = Instant::now();
        let outcome = request.outcome();
        push.round_trip = push.round_trip.max(started.elapsed());
        let error = match outcome {
            Ok(outcome) => return Ok(PushStatus::Accepted(outcome)),
            Err(error) => error,
        };
        let pending = match error.next_step() {
            Some(NextStep::PollAgain) => Pending::Unanswered,
            Some(NextStep::PollSlower) => Pending::SlowDown,
            _ if error.may_pass() => Pending::Fault,
            _ => return Err(error),
        };
        if pending == Pending::Fault {
            push.problem = Some(error.to_string());
        } else if !push.is_last {
            push.problem = None;
        }
        push.pace.polled(error.pause(), pending);
        Ok(PushStatus::Pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_poll_leaves_time_for_two_round_trips() {
        let token = MfaToken("t".into());
        for (round_trip, left, pause) in [
            (0, 4000, 3750),
            (100, 4000, 3750),
            (500, 4000, 3000),
            (5000, 4000, 2000),
        ] {
            let round_trip = Duration::from_millis(round_trip);
            let mut push = Push::new(&token, "c".into(), None, round_trip);
            let next = push.next_pause(Duration::from_millis(left));
            assert_eq!(next, Some(Duration::from_millis(pause)));
            assert_eq!(
                push.next_pause(Duration::from_secs(60)),
                None,
                "it was the last"
            );
        }
    }
}
