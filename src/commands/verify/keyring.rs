//! An issuer's keys while a run lasts: fetched when first needed, and again when their time is over or one is missing.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use crate::cache::Cache;
use crate::config::ConfigError;
use crate::error::Error;
use crate::http::Http;
use crate::keys::Keys;
use crate::provider::{self, Freshness, PublishedKeys};

/// Seconds between two fetches for the sake of a missing key, however many tokens name one: anybody can make up a `kid`.
/// Also how long keys serve whose issuer wants nothing kept, since a request for each token would serve nobody.
const PAUSE: i64 = 60;

/// The newest keys of one issuer; threads share it.
pub(super) struct Keyring {
    /// Where the keys are fetched from; `None`: they are here, and stay as they are.
    remote: Option<Remote>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    newest: Option<Arc<Held>>,
    /// When this run last asked the issuer, in seconds since 1970.
    fetched_at: Option<i64>,
}

/// How keys are fetched.
pub(super) struct Remote {
    pub(super) http: Http,
    pub(super) place: KeyPlace,
    /// What is kept on disk, given the time.
    pub(super) cache: fn(i64) -> Cache,
    /// This machine's clock, whatever time tokens are verified as of.
    pub(super) clock: fn() -> i64,
}

pub(super) enum KeyPlace {
    Issuer(String),
    Address(Url),
}

/// Keys in hand; all times in seconds since 1970.
pub(super) struct Held {
    pub(super) keys: Keys,
    /// While the issuer allows them to be used. A clock that was set back ends it too.
    good: Range<i64>,
    /// Until then nothing fresher is to be had, whatever is missing.
    freshest_until: i64,
}

impl Keyring {
    /// Keys that are fetched when the first token comes.
    pub(super) fn fetched(remote: Remote) -> Self {
        Self {
            remote: Some(remote),
            known: Mutex::default(),
        }
    }

    /// Keys that are here and stay as they are.
    pub(super) fn local(keys: Keys) -> Self {
        let held = Held {
            keys,
            good: i64::MIN..i64::MAX,
            freshest_until: i64::MAX,
        };
        Self {
            remote: None,
            known: Mutex::new(Known {
                newest: Some(Arc::new(held)),
                fetched_at: None,
            }),
        }
    }

    /// Keys to go on with after `old`, whose time is over or in which one is missing: what another thread has fetched
    /// since, or else they are fetched now.
    pub(super) fn renewed(&self, old: Option<&Arc<Held>>) -> Result<Arc<Held>, Error> {
        // Held while the issuer is asked, so that it is asked once.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = known.newest.clone();
        let Some(remote) = &self.remote else {
            return newest.ok_or(ConfigError::NoKeys.into());
        };
        let freshness = match newest.filter(|newest| newest.is_good((remote.clock)())) {
            Some(newest) if old.is_none_or(|old| !Arc::ptr_eq(old, &newest)) => return Ok(newest),
            Some(_) => Freshness::Fetched,
            None => Freshness::Kept,
        };
        let published = remote.fetch(freshness)?;
        let now = (remote.clock)();
        if !published.kept {
            known.fetched_at = Some(now);
        }
        let held = Arc::new(Held::new(published, now, known.fetched_at));
        known.newest = Some(Arc::clone(&held));
        Ok(held)
    }
}

impl Remote {
    fn fetch(&self, freshness: Freshness) -> Result<PublishedKeys, Error> {
        let (http, cache) = (self.http.again(), (self.cache)((self.clock)()));
        Ok(match &self.place {
            KeyPlace::Issuer(issuer) => {
                provider::keys_for_issuer(&http, &cache, issuer, freshness)?
            }
            KeyPlace::Address(url) => provider::keys_at_url(&http, &cache, url, freshness)?,
        })
    }
}

impl Held {
    fn new(published: PublishedKeys, now: i64, fetched_at: Option<i64>) -> Self {
        let life = if published.life > 0 {
            published.life
        } else {
            PAUSE
        };
        let freshest_until =
            fetched_at.map_or(i64::MIN, |fetched_at| fetched_at.saturating_add(PAUSE));
        Self {
            keys: Keys::published(published.set),
            good: now..now.saturating_add(life),
            freshest_until,
        }
    }

    /// Whether tokens may be checked with them.
    pub(super) fn is_good(&self, now: i64) -> bool {
        self.good.contains(&now)
    }

    /// Whether a key that is not among them may have come since.
    pub(super) fn may_lack(&self, now: i64) -> bool {
        now >= self.freshest_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeySet, Origin};

    const NOW: i64 = 1_767_225_600;

    fn held(life: i64, fetched_at: Option<i64>) -> Held {
        let set = KeySet::parse(br#"{"keys":[]}"#, Origin::Published).unwrap();
        Held::new(
            PublishedKeys {
                set,
                kept: fetched_at.is_none(),
                life,
            },
            NOW,
            fetched_at,
        )
    }

    #[test]
    fn keys_serve_for_as_long_as_their_issuer_allows() {
        for (life, seconds) in [(1, 1), (15, 15), (86_400, 86_400), (0, 60), (-5, 60)] {
            let held = held(life, Some(NOW));
            assert!(
                held.is_good(NOW) && held.is_good(NOW + seconds - 1),
                "{life}"
            );
            assert!(!held.is_good(NOW + seconds), "{life}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_ends_the_time_of_keys() {
        assert!(!held(3600, Some(NOW)).is_good(NOW - 1));
    }

    #[test]
    fn for_a_missing_key_an_issuer_is_asked_once_a_minute() {
        assert!(
            held(3600, None).may_lack(NOW),
            "from the disk: not asked in this run"
        );
        assert!(!held(3600, Some(NOW)).may_lack(NOW + 59));
        assert!(held(3600, Some(NOW)).may_lack(NOW + 60));
        assert!(
            !held(3600, Some(NOW - 30)).may_lack(NOW + 29),
            "from the disk, and asked half a minute ago"
        );
    }

    #[test]
    fn local_keys_stay_as_they_are() {
        let keyring = Keyring::local(Keys::default());
        let keys = keyring.renewed(None).unwrap();
        assert!(keys.is_good(i64::MIN) && keys.is_good(NOW) && !keys.may_lack(NOW));
    }
}
