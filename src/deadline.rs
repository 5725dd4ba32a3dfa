//! When a run has to end.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// A time-out and when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    started: Instant,
    timeout: Duration,
}

impl Deadline {
    /// Starts now.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self {
            started: Instant::now(),
            timeout,
        }
    }

    /// The same time-out, starting now.
    pub(crate) fn restarted(self) -> Self {
        Self::after(self.timeout)
    }

    pub(crate) fn timeout(self) -> Duration {
        self.timeout
    }

    pub(crate) fn remaining(self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }

    /// The output of a future, unless the deadline comes first. The future is not polled after that,
    /// so that it sends nothing.
    pub(crate) async fn bound<T>(self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let bounded = poll_fn(|context| {
            if self.remaining().is_zero() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(context).map(Some)
        });
        let result = tokio::time::timeout(self.remaining(), bounded).await;
        result.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::runtime::Builder;

    use super::*;

    fn run<T>(timeout: Duration, future: impl Future<Output = T>) -> Option<T> {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { Deadline::after(timeout).bound(future).await })
    }

    #[test]
    fn nothing_begins_once_the_deadline_is_over() {
        let begun = Cell::new(false);
        assert_eq!(run(Duration::ZERO, async { begun.set(true) }), None);
        assert!(!begun.get());
    }

    #[test]
    fn what_the_deadline_interrupts_does_not_go_on() {
        let ended = Cell::new(false);
        let work = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            ended.set(true);
        };
        assert_eq!(run(Duration::from_millis(5), work), None);
        assert!(!ended.get());
        assert_eq!(run(Duration::from_secs(60), async { 7 }), Some(7));
    }
}
