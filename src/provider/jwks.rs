//! An issuer's keys over time: fetched when first needed, and again when they expire or a key is
//! missing.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::Cache;
use super::published::{self, Freshness, JwksLocation, Published};
use crate::failure::Failure;
use crate::http::Http;
use crate::keys::{KeySet, Keys};

/// Seconds between two fetches for a missing key, however many tokens name one: anyone can invent
/// a `kid`. Also how long keys are used if the issuer does not allow caching, since one request per
/// token would overload it.
const REFETCH_INTERVAL: i64 = 60;

/// Seconds after which a failed fetch is repeated while there are no keys to use.
const RETRY_INTERVAL: i64 = 10;

/// The newest keys of one issuer, shared by threads.
pub(crate) enum JwksSource {
    /// From a file; they never change.
    Local(Arc<JwksSnapshot>),
    Remote(Box<RemoteJwks>),
}

/// Keys that are fetched.
pub(crate) struct RemoteJwks {
    http: Http,
    location: JwksLocation,
    /// The cache, given the time.
    cache: fn(i64) -> Cache,
    /// This machine's clock, whatever time tokens are verified as of.
    clock: fn() -> i64,
    newest: Mutex<Newest>,
}

#[derive(Default)]
struct Newest {
    snapshot: Option<Arc<JwksSnapshot>>,
    /// When this run last fetched them, in seconds since 1970.
    fetched_at: Option<i64>,
    /// The last fetch, if it failed: when, in seconds since 1970, and why.
    failed: Option<(i64, Failure)>,
}

/// Keys as they were at one time; all times in seconds since 1970.
pub(crate) struct JwksSnapshot {
    pub(crate) keys: Keys,
    /// When they may be used. They expire early if the clock is set back.
    valid: Range<i64>,
    /// Until then they are not fetched again for a missing key.
    newest_until: i64,
}

impl JwksSource {
    /// Keys from a file.
    pub(crate) fn local(keys: Keys) -> Self {
        Self::Local(Arc::new(JwksSnapshot {
            keys,
            valid: i64::MIN..i64::MAX,
            newest_until: i64::MAX,
        }))
    }

    /// Keys that are fetched for the first token.
    pub(crate) fn remote(
        http: Http,
        location: JwksLocation,
        no_cache: bool,
        clock: fn() -> i64,
    ) -> Self {
        Self::Remote(Box::new(RemoteJwks {
            http,
            location,
            cache: if no_cache {
                |_| Cache::none()
            } else {
                Cache::open
            },
            clock,
            newest: Mutex::default(),
        }))
    }

    /// Keys to use after `old`, which have expired or lack a key: those that another thread has
    /// fetched since, else fetched now. A fetch that failed is not repeated for a while.
    pub(crate) fn renewed(
        &self,
        old: Option<&Arc<JwksSnapshot>>,
    ) -> Result<Arc<JwksSnapshot>, Failure> {
        match self {
            Self::Local(snapshot) => Ok(Arc::clone(snapshot)),
            Self::Remote(remote) => remote.renewed(old),
        }
    }
}

impl RemoteJwks {
    fn renewed(&self, old: Option<&Arc<JwksSnapshot>>) -> Result<Arc<JwksSnapshot>, Failure> {
        // Locked during the fetch, so that the threads make one request.
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        let valid = newest.snapshot.clone();
        let (freshness, pause) = match valid.filter(|snapshot| snapshot.is_valid(now)) {
            Some(newest) if old.is_none_or(|old| !Arc::ptr_eq(old, &newest)) => return Ok(newest),
            Some(_) => (Freshness::Fetched, REFETCH_INTERVAL),
            None => (Freshness::Cached, RETRY_INTERVAL),
        };
        if let Some((_, failure)) = newest.failed.as_ref().filter(|(at, _)| now - at < pause) {
            return Err(failure.clone());
        }
        let result = self.fetch(freshness, &mut newest);
        newest.failed = result.as_ref().err().map(|failure| (now, failure.clone()));
        result
    }

    fn fetch(
        &self,
        freshness: Freshness,
        newest: &mut Newest,
    ) -> Result<Arc<JwksSnapshot>, Failure> {
        let cache = (self.cache)((self.clock)());
        let http = self.http.with_fresh_deadline();
        let published = published::keys(&http, &cache, &self.location, freshness)?;
        let now = (self.clock)();
        if !published.from_cache {
            newest.fetched_at = Some(now);
        }
        let snapshot = Arc::new(JwksSnapshot::new(published, now, newest.fetched_at));
        newest.snapshot = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

impl JwksSnapshot {
    fn new(published: Published<KeySet>, now: i64, fetched_at: Option<i64>) -> Self {
        let max_age = if published.max_age > 0 {
            published.max_age
        } else {
            REFETCH_INTERVAL
        };
        let newest_until = fetched_at.map(|fetched_at| fetched_at.saturating_add(REFETCH_INTERVAL));
        Self {
            keys: Keys::published(published.content),
            valid: now..now.saturating_add(max_age),
            newest_until: newest_until.unwrap_or(i64::MIN),
        }
    }

    /// Whether the keys may be used.
    pub(crate) fn is_valid(&self, now: i64) -> bool {
        self.valid.contains(&now)
    }

    /// Whether a missing key may have been published since.
    pub(crate) fn may_be_outdated(&self, now: i64) -> bool {
        now >= self.newest_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeySetOrigin;

    const NOW: i64 = 1_767_225_600;

    fn snapshot(max_age: i64, fetched_at: Option<i64>) -> JwksSnapshot {
        let published = Published {
            content: KeySet::parse(br#"{"keys":[]}"#, KeySetOrigin::Published).unwrap(),
            from_cache: fetched_at.is_none(),
            max_age,
        };
        JwksSnapshot::new(published, NOW, fetched_at)
    }

    #[test]
    fn keys_are_used_for_as_long_as_their_issuer_allows() {
        for (max_age, seconds) in [(1, 1), (15, 15), (86_400, 86_400), (0, 60), (-5, 60)] {
            let keys = snapshot(max_age, Some(NOW));
            assert!(
                keys.is_valid(NOW) && keys.is_valid(NOW + seconds - 1),
                "{max_age}"
            );
            assert!(!keys.is_valid(NOW + seconds), "{max_age}");
        }
    }

    #[test]
    fn keys_expire_when_the_clock_is_set_back() {
        assert!(!snapshot(3600, Some(NOW)).is_valid(NOW - 1));
    }

    #[test]
    fn keys_are_refetched_for_a_missing_key_once_a_minute() {
        let cached = snapshot(3600, None);
        assert!(cached.may_be_outdated(NOW), "not fetched in this run");
        assert!(!snapshot(3600, Some(NOW)).may_be_outdated(NOW + 59));
        assert!(snapshot(3600, Some(NOW)).may_be_outdated(NOW + 60));
        let fetched_before = snapshot(3600, Some(NOW - 30));
        assert!(!fetched_before.may_be_outdated(NOW + 29));
    }

    #[test]
    fn local_keys_never_change() {
        let source = JwksSource::local(Keys::default());
        let keys = source.renewed(None).unwrap();
        assert!(keys.is_valid(i64::MIN) && keys.is_valid(NOW) && !keys.may_be_outdated(NOW));
    }
}
