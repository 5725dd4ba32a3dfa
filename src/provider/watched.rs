//! The keys of one issuer for a server: renewed by a [`KeyFetcher`](super::KeyFetcher) before they
//! end, and read without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::alarm::Alarm;
use super::published::{JwksLocation, Published};
use super::snapshot::{JwksSnapshot, REFETCH_INTERVAL};
use crate::failure::{Class, Failure};
use crate::keys::KeySet;
use crate::moment::Moment;

/// Seconds after which keys are renewed at the latest, however long they may be used: a key that
/// the issuer has withdrawn is not accepted for longer.
const LONGEST_INTERVAL: i64 = 3600;

/// Seconds for which keys are used at the least.
const SHORTEST_AGE: i64 = 5;

/// Seconds after which a fetch that failed is repeated; they double up to the longest pause.
const FIRST_PAUSE: i64 = 10;
const LONGEST_PAUSE: i64 = 300;

/// The keys of one issuer.
pub(crate) struct WatchedJwks {
    pub(super) location: JwksLocation,
    clock: fn() -> i64,
    /// Another one whenever the issuer has published other keys.
    generation: AtomicU64,
    state: Mutex<State>,
    /// How many fetches have ended.
    ended: watch::Sender<u64>,
    alarm: Arc<Alarm>,
}

struct State {
    snapshot: Option<Arc<JwksSnapshot>>,
    /// Why the last fetch failed, if it did.
    failure: Option<Failure>,
    /// How many fetches have failed in a row.
    failures: u32,
    /// When the last fetch began.
    begun: Option<Moment>,
    /// When the next fetch is planned: this many seconds after a moment.
    planned: (Moment, i64),
    /// Whether a token needs other keys than these.
    is_wanted: bool,
    is_being_fetched: bool,
}

/// What a fetch needs to know.
pub(super) struct Task {
    /// Whether there were no keys yet, not even old ones, and none were asked for.
    pub(super) is_first: bool,
    /// Whether it is for a token that these keys do not fit.
    pub(super) known: Option<[u8; 32]>,
}

/// In which order issuers are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A token waits.
    Awaited,
    /// Its keys end.
    Ending,
    /// It has no keys, and no token asks for them.
    Unasked,
    /// It failed last time.
    Failing,
}

impl WatchedJwks {
    pub(super) fn new(location: JwksLocation, clock: fn() -> i64, alarm: Arc<Alarm>) -> Self {
        Self {
            location,
            clock,
            generation: AtomicU64::new(0),
            state: Mutex::new(State {
                snapshot: None,
                failure: None,
                failures: 0,
                begun: None,
                planned: (Moment::at(clock()), 0),
                is_wanted: false,
                is_being_fetched: false,
            }),
            ended: watch::Sender::new(0),
            alarm,
        }
    }

    /// Another number whenever the issuer has published other keys.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The newest keys while they may be used, else at once why there are none.
    pub(super) fn current(&self) -> Result<Arc<JwksSnapshot>, Failure> {
        let now = (self.clock)();
        let mut state = self.state();
        if let Some(keys) = state.valid(now) {
            return Ok(keys);
        }
        self.want(&mut state);
        let none = || {
            let message = "the issuer's keys have not been fetched yet";
            Failure::new(Class::Unreachable, message).hint("try again in a moment")
        };
        Err(state.failure.clone().unwrap_or_else(none))
    }

    /// Keys that were fetched after these, which do not fit a token; if there are none, they are
    /// asked for, at most once a minute.
    pub(super) fn newer_than(&self, old: &Arc<JwksSnapshot>) -> Option<Arc<JwksSnapshot>> {
        let mut state = self.state();
        match state.valid((self.clock)()) {
            Some(keys) if !Arc::ptr_eq(&keys, old) => Some(keys),
            _ => {
                self.want(&mut state);
                None
            }
        }
    }

    /// Whether there are no keys only because the fetch has not ended yet.
    pub(super) fn is_awaited(&self) -> bool {
        let state = self.state();
        state.failure.is_none() && state.valid((self.clock)()).is_none()
    }

    /// Waits until the fetch of the first keys has ended, with success or not.
    pub(super) async fn first_fetched(&self) {
        let mut ended = self.ended.subscribe();
        while self.is_awaited() && ended.changed().await.is_ok() {}
    }

    fn want(&self, state: &mut State) {
        if !state.is_wanted && !state.is_being_fetched {
            state.is_wanted = true;
            self.alarm.ring();
        }
    }

    /// Seconds until the next fetch, and its rank; `None` during a fetch.
    pub(super) fn due(&self, now: i64) -> Option<(i64, Rank)> {
        let state = self.state();
        (!state.is_being_fetched).then(|| (state.seconds_left(now).max(0), state.rank(now)))
    }

    /// Begins a fetch.
    pub(super) fn begin(&self, now: i64) -> Task {
        let mut state = self.state();
        let known = state.snapshot.as_ref().map(|keys| keys.digest);
        let task = Task {
            is_first: state.snapshot.is_none() && state.begun.is_none(),
            known: known.filter(|_| state.is_wanted),
        };
        state.is_being_fetched = true;
        state.is_wanted = false;
        state.begun = Some(Moment::at(now));
        task
    }

    /// Ends a fetch. `None`: there are no other keys than these. Returns whether the issuer's
    /// condition has changed: it failed before and does not now, or the reverse.
    pub(super) fn end(
        &self,
        result: Result<Option<Published<KeySet>>, Failure>,
        pause: Option<i64>,
        now: i64,
    ) -> bool {
        let mut state = self.state();
        state.is_being_fetched = false;
        let had_failed = state.failures > 0;
        match result {
            Ok(keys) => {
                state.failure = None;
                state.failures = 0;
                if let Some(keys) = keys {
                    self.publish(&mut state, keys, now);
                }
            }
            Err(failure) => {
                state.failure = Some(failure);
                state.failures = state.failures.saturating_add(1);
                state.planned = (Moment::at(now), state.pause().max(pause.unwrap_or(0)));
            }
        }
        let has_changed = had_failed != (state.failures > 0);
        drop(state);
        self.ended
            .send_modify(|count| *count = count.wrapping_add(1));
        has_changed
    }

    fn publish(&self, state: &mut State, keys: Published<KeySet>, now: i64) {
        // An issuer that allows no time, or hardly any, would be asked all the time.
        let max_age = match keys.max_age {
            allowed @ 1.. => allowed.max(SHORTEST_AGE),
            _ => REFETCH_INTERVAL,
        };
        let old = state.snapshot.as_ref().map(|keys| keys.digest);
        let is_other = old != Some(keys.digest);
        if keys.from_cache {
            // Nothing has been asked of the issuer.
            state.begun = None;
        }
        let interval = max_age.min(LONGEST_INTERVAL);
        state.planned = (
            Moment::at(now),
            between(interval * 8 / 10, interval * 9 / 10),
        );
        let keys = Published { max_age, ..keys };
        state.snapshot = Some(Arc::new(JwksSnapshot::new(keys, now)));
        if is_other {
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn valid(&self, now: i64) -> Option<Arc<JwksSnapshot>> {
        let snapshot = self.snapshot.as_ref();
        snapshot.filter(|snapshot| snapshot.is_valid(now)).cloned()
    }

    fn seconds_left(&self, now: i64) -> i64 {
        let (since, seconds) = self.planned;
        let planned = seconds - since.age(now);
        if !self.is_wanted {
            return planned;
        }
        let begun = self.begun;
        planned.min(begun.map_or(0, |begun| REFETCH_INTERVAL - begun.age(now)))
    }

    fn rank(&self, now: i64) -> Rank {
        if self.failures > 0 {
            Rank::Failing
        } else if self.is_wanted && self.valid(now).is_none() {
            Rank::Awaited
        } else if self.snapshot.is_some() {
            Rank::Ending
        } else {
            Rank::Unasked
        }
    }

    /// Seconds until a fetch that failed is repeated. Servers that lost the same issuer at the same
    /// moment do not come back together.
    fn pause(&self) -> i64 {
        let doublings = self.failures.saturating_sub(1).min(8);
        let pause = (FIRST_PAUSE << doublings).min(LONGEST_PAUSE);
        between(pause / 2, pause)
    }
}

/// A random number of seconds.
fn between(least: i64, most: i64) -> i64 {
    fastrand::i64(least..=most.max(least))
}
