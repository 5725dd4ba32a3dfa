//! A point in time by two clocks, so that neither a clock that is set nor sleep makes something
//! younger than it is.

use std::time::Instant;

/// A point in time in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The machine's clock, in seconds since 1970: it can be set back.
    clock: i64,
    /// Never goes back, but stops while the machine sleeps.
    monotonic: Instant,
}

impl Moment {
    /// Now, with this machine's clock in seconds since 1970.
    pub(crate) fn at(clock: i64) -> Self {
        Self {
            clock,
            monotonic: Instant::now(),
        }
    }

    /// Seconds since then: the most that either clock says, and never less than 0.
    pub(crate) fn age(self, clock: i64) -> i64 {
        let elapsed = i64::try_from(self.monotonic.elapsed().as_secs()).unwrap_or(i64::MAX);
        clock.saturating_sub(self.clock).max(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clock_makes_anything_younger() {
        for (then, now, age) in [
            (100, 160, 60),
            (100, 40, 0),
            (i64::MAX, i64::MAX, 0),
            (i64::MAX, i64::MIN, 0),
            (-5, 5, 10),
            (i64::MIN, i64::MAX, i64::MAX),
        ] {
            assert_eq!(Moment::at(then).age(now), age, "{then} to {now}");
        }
    }
}
