//! Keys as they were at one time.

use std::sync::atomic::{AtomicBool, Ordering};

use super::published::Published;
use crate::keys::{KeySet, Keys};
use crate::moment::Moment;

/// Seconds between two fetches for tokens that the keys do not fit, however many there are: anyone
/// can invent a `kid`. Also how long keys are used if the issuer does not allow caching, since one
/// request per token would overload it.
pub(super) const REFETCH_INTERVAL: i64 = 60;

/// Keys as they were at one time.
pub(crate) struct JwksSnapshot {
    pub(crate) keys: Keys,
    /// When the issuer sent them, in seconds since 1970; `None`: they are from a file.
    pub(crate) fetched_at: Option<i64>,
    /// When they came into this run.
    loaded: Moment,
    /// Seconds for which they may be used from then on.
    max_age: i64,
    /// Whether they were in the cache on disk.
    is_from_disk: bool,
    /// The SHA-256 of the key set's text.
    pub(super) digest: [u8; 32],
    /// Whether no token has shown yet whether they fit.
    is_unsettled: AtomicBool,
}

impl JwksSnapshot {
    /// Keys that never change.
    pub(super) fn local(keys: Keys) -> Self {
        Self {
            keys,
            fetched_at: None,
            loaded: Moment::at(i64::MAX),
            max_age: i64::MAX,
            is_from_disk: false,
            digest: [0; 32],
            is_unsettled: AtomicBool::new(false),
        }
    }

    /// Keys that came into this run at `now`, in seconds since 1970.
    pub(super) fn new(published: Published<KeySet>, now: i64) -> Self {
        let max_age = Some(published.max_age).filter(|max_age| *max_age > 0);
        Self {
            keys: Keys::published(published.content),
            fetched_at: Some(published.fetched_at),
            loaded: Moment::at(now),
            max_age: max_age.unwrap_or(REFETCH_INTERVAL),
            is_from_disk: published.from_cache,
            digest: published.digest,
            is_unsettled: AtomicBool::new(!published.from_cache),
        }
    }

    /// Whether the keys may be used.
    pub(crate) fn is_valid(&self, now: i64) -> bool {
        self.loaded.age(now) < self.max_age
    }

    /// Whether the issuer may have published others since.
    pub(crate) fn may_be_outdated(&self, now: i64) -> bool {
        let is_old = self.is_from_disk || self.loaded.age(now) >= REFETCH_INTERVAL;
        self.fetched_at.is_some() && is_old
    }

    /// Whether these are the same keys, of the same text, at another time.
    pub(crate) fn has_same_content(&self, other: &Self) -> bool {
        self.fetched_at.is_some() && other.fetched_at.is_some() && self.digest == other.digest
    }

    /// Whether the issuer sent them to this run.
    pub(crate) fn is_new(&self) -> bool {
        !self.is_from_disk
    }

    /// Whether this is the first token, once.
    pub(super) fn take_unsettled(&self) -> bool {
        self.is_unsettled.load(Ordering::Relaxed)
            && self.is_unsettled.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeySetOrigin;

    const NOW: i64 = 1_767_225_600;

    fn snapshot(max_age: i64, from_cache: bool) -> JwksSnapshot {
        let published = Published {
            content: KeySet::parse(br#"{"keys":[]}"#, KeySetOrigin::Published).unwrap(),
            from_cache,
            fetched_at: NOW,
            max_age,
            digest: [0; 32],
        };
        JwksSnapshot::new(published, NOW)
    }

    #[test]
    fn keys_are_used_for_as_long_as_their_issuer_allows() {
        for (max_age, seconds) in [(1, 1), (15, 15), (86_400, 86_400), (0, 60), (-5, 60)] {
            let keys = snapshot(max_age, false);
            assert!(
                keys.is_valid(NOW) && keys.is_valid(NOW + seconds - 1),
                "{max_age}"
            );
            assert!(!keys.is_valid(NOW + seconds), "{max_age}");
        }
    }

    #[test]
    fn keys_just_fetched_are_valid_whatever_the_clock_says() {
        for now in [i64::MIN, -1, 0, i64::MAX - 1, i64::MAX] {
            let published = Published {
                content: KeySet::parse(br#"{"keys":[]}"#, KeySetOrigin::Published).unwrap(),
                from_cache: false,
                fetched_at: now,
                max_age: 15,
                digest: [0; 32],
            };
            let keys = JwksSnapshot::new(published, now);
            assert!(keys.is_valid(now) && !keys.may_be_outdated(now), "{now}");
        }
    }

    #[test]
    fn keys_of_this_run_are_refetched_for_a_token_once_a_minute() {
        let keys = snapshot(3600, false);
        assert!(!keys.may_be_outdated(NOW + 59) && keys.may_be_outdated(NOW + 60));
        assert!(snapshot(3600, true).may_be_outdated(NOW), "from disk");
    }

    #[test]
    fn the_first_token_shows_once_whether_keys_fit() {
        let keys = snapshot(3600, false);
        assert_eq!(
            [keys.take_unsettled(), keys.take_unsettled()],
            [true, false]
        );
        assert!(!snapshot(3600, true).take_unsettled());
    }
}
