//! When a run has to end.

use std::time::{Duration, Instant};

use url::Url;

use super::error::HttpError;
use super::url::host;

/// A time-out and when it started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    started: Instant,
    timeout: Duration,
}

impl Deadline {
    /// Starts now.
    pub(super) fn after(timeout: Duration) -> Self {
        Self {
            started: Instant::now(),
            timeout,
        }
    }

    /// The same time-out, starting now.
    pub(super) fn restarted(self) -> Self {
        Self::after(self.timeout)
    }

    pub(super) fn timeout(self) -> Duration {
        self.timeout
    }

    pub(super) fn remaining(self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }

    /// The error of a request that missed the deadline.
    pub(super) fn missed(self, url: &Url) -> HttpError {
        HttpError::TimedOut {
            host: host(url),
            seconds: self.timeout.as_secs_f64(),
        }
    }
}
