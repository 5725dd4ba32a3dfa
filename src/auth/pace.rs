//! How often to poll while a person does something elsewhere: at first, later, and for the last time.

use std::time::Duration;

/// The pause before each of the first polls: Auth0 documents a few seconds, RFC 8628 §3.2 five.
const PAUSE: Duration = Duration::from_secs(5);

/// How many polls follow at that pace, and the pause before each later one. Auth0 throttles a client
/// that keeps the first pace.
const QUICK_POLLS: u32 = 5;
const LONG_PAUSE: Duration = Duration::from_secs(12);

/// Added to the pause when the tenant says `slow_down` (RFC 8628 §3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// Between the last two polls at least.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// How long to wait before the next poll.
#[derive(Debug, Default)]
pub(super) struct Pace {
    polls: u32,
    /// The tenant's own, if it names one.
    interval: Option<Duration>,
    /// What was added by `slow_down`.
    added: Duration,
    /// What the last response asked for.
    asked: Duration,
    /// What the next poll must wait for, even if it is the last.
    required: Duration,
}

/// How a poll found a push that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    Unanswered,
    /// The tenant wants fewer polls.
    SlowDown,
    /// The tenant could not say.
    Fault,
}

impl Pace {
    /// `interval`: seconds between polls, if the tenant says.
    pub(super) fn new(interval: Option<f64>) -> Self {
        let interval = interval.map(|seconds| Duration::from_secs_f64(seconds.clamp(1.0, 60.0)));
        Self {
            interval,
            ..Self::default()
        }
    }

    /// The pace of a device (RFC 8628 §3.2), which has no longest interval.
    pub(super) fn of_device(interval: Option<f64>) -> Self {
        let seconds = interval.map(|seconds| seconds.clamp(1.0, 3600.0));
        Self {
            interval: Some(seconds.map_or(PAUSE, Duration::from_secs_f64)),
            ..Self::default()
        }
    }

    /// The pause before the next poll, where `left` is the time until the last one; `None` after
    /// that. One that would leave too little time for the last one is left out.
    pub(super) fn next(&self, left: Duration) -> Option<Duration> {
        let pause = self.pause();
        if left >= pause + LEAST_PAUSE {
            return Some(pause);
        }
        let least = match self.polls {
            0 => Duration::ZERO,
            _ => self.required.max(LEAST_PAUSE),
        };
        (!left.is_zero() && left >= least).then_some(left)
    }

    pub(super) fn pause(&self) -> Duration {
        let usual = if self.polls < QUICK_POLLS {
            PAUSE
        } else {
            LONG_PAUSE
        };
        let pause = self.interval.unwrap_or(usual) + self.added;
        pause.max(self.asked)
    }

    pub(super) fn polled(&mut self, asked: Option<Duration>, pending: Pending) {
        self.polls = self.polls.saturating_add(1);
        self.asked = asked.unwrap_or_default();
        if pending != Pending::Unanswered {
            self.added += SLOW_DOWN;
        }
        self.required = match pending {
            Pending::SlowDown => self.pause(),
            Pending::Unanswered | Pending::Fault => self.asked,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(pace: &mut Pace, polls: usize) -> Vec<u64> {
        let mut next = || {
            let pause = pace.pause().as_secs();
            pace.polled(None, Pending::Unanswered);
            pause
        };
        (0..polls).map(|_| next()).collect()
    }

    #[test]
    fn an_interval_is_between_a_second_and_a_minute() {
        for (interval, pause) in [
            (None, 5),
            (Some(-1.0), 1),
            (Some(0.2), 1),
            (Some(2.0), 2),
            (Some(59.0), 59),
            (Some(3600.0), 60),
        ] {
            let pace = Pace::new(interval);
            assert_eq!(pace.pause(), Duration::from_secs(pause), "{interval:?}");
        }
    }

    #[test]
    fn after_five_polls_the_pause_is_twelve_seconds() {
        assert_eq!(pauses(&mut Pace::default(), 7), [5, 5, 5, 5, 5, 12, 12]);
    }

    #[test]
    fn the_tenants_own_interval_is_kept() {
        let mut pace = Pace::new(Some(2.0));
        assert_eq!(pauses(&mut pace, 7), [2; 7]);
    }

    #[test]
    fn a_device_polls_every_five_seconds_where_the_tenant_does_not_say() {
        assert_eq!(pauses(&mut Pace::of_device(None), 7), [5; 7]);
        assert_eq!(pauses(&mut Pace::of_device(Some(0.0)), 2), [1; 2]);
        assert_eq!(pauses(&mut Pace::of_device(Some(90.0)), 2), [90; 2]);
    }

    #[test]
    fn slow_down_adds_five_seconds_for_good_and_retry_after_counts_once() {
        let mut pace = Pace::default();
        pace.polled(Some(Duration::from_secs(30)), Pending::SlowDown);
        assert_eq!(pauses(&mut pace, 6), [30, 10, 10, 10, 17, 17]);
        pace.polled(Some(Duration::from_secs(1)), Pending::SlowDown);
        assert_eq!(pauses(&mut pace, 2), [22, 22]);
    }

    /// The pauses within so many milliseconds, where each poll takes no time.
    fn within(mut left: u64, interval: u32, pending: Pending) -> Vec<u64> {
        let mut pace = Pace::new(Some(interval.into()));
        let mut pauses = Vec::new();
        while let Some(pause) = pace.next(Duration::from_millis(left)) {
            let pause = u64::try_from(pause.as_millis()).unwrap();
            pauses.push(pause);
            left -= pause;
            pace.polled(None, pending);
        }
        pauses
    }

    #[test]
    fn the_last_poll_is_at_the_end_however_short_the_time() {
        for (left, interval, pauses) in [
            (1, 5, &[1][..]),
            (4750, 5, &[4750]),
            (5999, 5, &[5999]),
            (6000, 5, &[5000, 1000]),
            (9750, 5, &[5000, 4750]),
            (11_500, 5, &[5000, 5000, 1500]),
            (3500, 1, &[1000, 1000, 1500]),
        ] {
            assert_eq!(
                within(left, interval, Pending::Unanswered),
                pauses,
                "{left}"
            );
        }
    }

    #[test]
    fn the_last_poll_waits_only_for_what_the_tenant_asks() {
        // Five seconds more each time; the last one comes after a fault, but not too soon.
        assert_eq!(within(9000, 1, Pending::Fault), [1000, 6000, 2000]);
        assert_eq!(within(9000, 1, Pending::SlowDown), [1000, 6000]);
        assert_eq!(within(2900, 2, Pending::Fault), [2900]);
    }
}
