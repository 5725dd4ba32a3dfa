//! Wakes the threads that fetch keys.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the threads share.
#[derive(Default)]
pub(super) struct Alarm {
    state: Mutex<AlarmState>,
    rung: Condvar,
}

#[derive(Default)]
struct AlarmState {
    /// How often it was rung.
    count: u64,
    /// Whether the threads have to end.
    is_over: bool,
}

impl Alarm {
    /// Wakes a thread.
    pub(super) fn ring(&self) {
        let mut state = self.lock();
        state.count = state.count.wrapping_add(1);
        self.rung.notify_one();
    }

    /// Ends all threads.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.rung.notify_all();
    }

    /// The number to wait with: what rings later ends the wait.
    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// Waits until it rings after `seen` was read, or for this time.
    pub(super) fn wait(&self, seen: u64, time: Duration) {
        let is_quiet = |state: &mut AlarmState| state.count == seen && !state.is_over;
        let waited = self.rung.wait_timeout_while(self.lock(), time, is_quiet);
        drop(waited);
    }

    fn lock(&self) -> MutexGuard<'_, AlarmState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
