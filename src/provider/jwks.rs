//! An issuer's keys over time: fetched when first needed, and again when they expire or do not fit
//! a token.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cache::{Cache, FetchLock, FetchRecord, Lock};
use super::published::{Freshness, JwksLocation, Published, Publisher};
use super::snapshot::{JwksSnapshot, REFETCH_INTERVAL};
use super::watched::WatchedJwks;
use crate::duration;
use crate::failure::{Class, Failure};
use crate::http::Http;
use crate::keys::{KeySet, Keys};
use crate::moment::Moment;

/// Seconds after which a failed fetch is repeated while there are no keys to use.
const RETRY_INTERVAL: i64 = 10;

/// How long to wait for another process that fetches the same keys, while there are none to use.
const PATIENCE: Duration = Duration::from_secs(2);

/// The newest keys of one issuer, shared by threads.
pub(crate) enum JwksSource {
    /// From a file; they never change.
    Local(Arc<JwksSnapshot>),
    Remote(Box<RemoteJwks>),
    /// Renewed in the background.
    Watched(Arc<WatchedJwks>),
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
    /// The last fetch, if it failed, and why.
    failed: Option<(Moment, Failure)>,
    /// When it turned out that the keys may not be fetched again yet.
    refused: Option<Moment>,
    /// Held after a fetch until a token has shown whether the keys fit: other processes with the
    /// same token then know that the fetch was for it.
    lock: Option<FetchLock>,
}

impl JwksSource {
    /// Keys from a file.
    pub(crate) fn local(keys: Keys) -> Self {
        Self::Local(Arc::new(JwksSnapshot::local(keys)))
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
                Cache::bypassed
            } else {
                Cache::open
            },
            clock,
            newest: Mutex::default(),
        }))
    }

    /// The newest keys, fetched if there are none to use. A fetch that failed is not repeated for a
    /// while.
    pub(crate) fn current(&self) -> Result<Arc<JwksSnapshot>, Failure> {
        match self {
            Self::Local(snapshot) => Ok(Arc::clone(snapshot)),
            Self::Remote(remote) => remote.current(),
            Self::Watched(watched) => watched.current(),
        }
    }

    /// Another number whenever there are other keys than before, which [`current`](Self::current)
    /// then has.
    pub(crate) fn generation(&self) -> u64 {
        match self {
            Self::Local(_) | Self::Remote(_) => 0,
            Self::Watched(watched) => watched.generation(),
        }
    }

    /// Whether there are no keys only because the first fetch has not ended yet.
    pub(crate) fn is_awaited(&self) -> bool {
        match self {
            Self::Local(_) | Self::Remote(_) => false,
            Self::Watched(watched) => watched.is_awaited(),
        }
    }

    /// Waits until the first fetch has ended, with success or not.
    pub(crate) async fn first_fetched(&self) {
        if let Self::Watched(watched) = self {
            watched.first_fetched().await;
        }
    }

    /// Keys to use after `old`, which do not fit a token: those that another thread or process has
    /// fetched since, else fetched now. `None`: keys were fetched for a token so recently that this
    /// has to wait.
    pub(crate) fn newer_than(
        &self,
        old: &Arc<JwksSnapshot>,
    ) -> Result<Option<Arc<JwksSnapshot>>, Failure> {
        match self {
            Self::Local(_) => Ok(None),
            Self::Remote(remote) => remote.newer_than(old),
            Self::Watched(watched) => Ok(watched.newer_than(old)),
        }
    }

    /// Takes note of whether the keys fit the first token after they were fetched.
    pub(crate) fn settle(&self, keys: &JwksSnapshot, fit: bool) {
        if let Self::Remote(remote) = self
            && keys.take_unsettled()
        {
            remote.settle(fit);
        }
    }
}

impl RemoteJwks {
    fn current(&self) -> Result<Arc<JwksSnapshot>, Failure> {
        // Locked during the fetch, so that the threads make one request.
        let mut newest = self.newest();
        let now = (self.clock)();
        newest
            .valid(now)
            .map_or_else(|| self.first(&mut newest, now), Ok)
    }

    fn newer_than(&self, old: &Arc<JwksSnapshot>) -> Result<Option<Arc<JwksSnapshot>>, Failure> {
        let mut newest = self.newest();
        let now = (self.clock)();
        match newest.valid(now) {
            None => self.first(&mut newest, now).map(Some),
            Some(current) if Arc::ptr_eq(old, &current) => {
                self.refetched(&mut newest, &current, now)
            }
            newer => Ok(newer),
        }
    }

    /// Keys where there are none to use.
    fn first(&self, newest: &mut Newest, now: i64) -> Result<Arc<JwksSnapshot>, Failure> {
        newest.fail_again(RETRY_INTERVAL, now)?;
        newest.lock = None;
        let (http, cache) = (self.http.with_fresh_deadline(), (self.cache)(now));
        let publisher = self.publisher(&http, &cache, now);
        if let Some(keys) = publisher.cached_keys() {
            return Ok(newest.use_keys(keys, now));
        }
        let lock = publisher.lock(PATIENCE.min(http.deadline().remaining()));
        if let (Lock::Held(_), Some(keys)) = (&lock, publisher.cached_keys()) {
            // Another process has fetched them meanwhile, as this one would have.
            let keys = Published {
                from_cache: false,
                ..keys
            };
            return Ok(newest.use_keys(keys, now));
        }
        let keys = publisher.keys(Freshness::Cached);
        let keys = keys.map_err(|error| newest.fail(error.into(), now))?;
        if let Lock::Held(lock) = lock {
            newest.lock = Some(lock);
        }
        Ok(newest.use_keys(keys, now))
    }

    /// Newer keys than these, which do not fit a token.
    fn refetched(
        &self,
        newest: &mut Newest,
        current: &JwksSnapshot,
        now: i64,
    ) -> Result<Option<Arc<JwksSnapshot>>, Failure> {
        newest.fail_again(REFETCH_INTERVAL, now)?;
        if newest
            .refused
            .is_some_and(|at| at.age(now) < REFETCH_INTERVAL)
        {
            return Ok(None);
        }
        let (http, cache) = (self.http.with_fresh_deadline(), (self.cache)(now));
        let publisher = self.publisher(&http, &cache, now);
        let held = newest.lock.take().map(Lock::Held);
        let mut lock = held.unwrap_or_else(|| publisher.lock(http.deadline().remaining()));
        if let Lock::Busy = lock {
            return Err(newest.fail(being_fetched(publisher), now));
        }
        if let Lock::Held(lock) = &mut lock {
            let newer = publisher.cached_keys();
            if let Some(keys) = newer.filter(|keys| keys.digest != current.digest) {
                return Ok(Some(newest.use_keys(keys, now)));
            }
            if let Some(last) = lock.fetched_within(REFETCH_INTERVAL, now) {
                if last.failed {
                    return Err(newest.fail(not_fetched(publisher, last.fetched_at), now));
                }
                newest.refused = Some(Moment::at(now));
                return Ok(None);
            }
            // Should this process end in between, the fetch still counts.
            lock.write(FetchRecord::for_token(now, true));
        }
        let keys = publisher.keys(Freshness::Fetched);
        let keys = keys.map_err(|error| newest.fail(error.into(), now))?;
        if let Lock::Held(lock) = &mut lock {
            lock.write(FetchRecord::for_token(now, false));
        }
        Ok(Some(newest.use_keys(keys, now)))
    }

    fn settle(&self, fit: bool) {
        let lock = self.newest().lock.take();
        if let Some(mut lock) = lock.filter(|_| !fit) {
            lock.write(FetchRecord::for_token((self.clock)(), false));
        }
    }

    fn publisher<'a>(&'a self, http: &'a Http, cache: &'a Cache, now: i64) -> Publisher<'a> {
        Publisher {
            http,
            cache,
            location: &self.location,
            now,
        }
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newest {
    fn valid(&self, now: i64) -> Option<Arc<JwksSnapshot>> {
        let snapshot = self.snapshot.as_ref();
        snapshot.filter(|snapshot| snapshot.is_valid(now)).cloned()
    }

    fn use_keys(&mut self, keys: Published<KeySet>, now: i64) -> Arc<JwksSnapshot> {
        let snapshot = Arc::new(JwksSnapshot::new(keys, now));
        self.snapshot = Some(Arc::clone(&snapshot));
        self.failed = None;
        snapshot
    }

    fn fail(&mut self, failure: Failure, now: i64) -> Failure {
        self.failed = Some((Moment::at(now), failure.clone()));
        failure
    }

    /// The last failure, if it was within the interval.
    fn fail_again(&self, interval: i64, now: i64) -> Result<(), Failure> {
        match &self.failed {
            Some((at, failure)) if at.age(now) < interval => Err(failure.clone()),
            _ => Ok(()),
        }
    }
}

const LATER: &str = "try again in a minute, or add --no-cache to fetch the keys now";

#[expect(clippy::cast_precision_loss, reason = "exact for every real clock")]
fn not_fetched(publisher: Publisher<'_>, at: i64) -> Failure {
    let message = format!(
        "the token needs newer keys of {}, and fetching them failed at {}; this is tried once a \
         minute",
        publisher.name(),
        duration::rfc3339(at as f64)
    );
    Failure::new(Class::Unreachable, message).hint(LATER)
}

fn being_fetched(publisher: Publisher<'_>) -> Failure {
    let message = format!(
        "another padlock process was still fetching the keys of {} at the time limit",
        publisher.name()
    );
    Failure::new(Class::Unreachable, message).hint("try again, or allow more time with --timeout")
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

    static CLOCK: AtomicI64 = AtomicI64::new(0);
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    static IS_UP: AtomicBool = AtomicBool::new(true);

    /// A server that has keys for an hour, or responds with status 503.
    fn serve(listener: &TcpListener) {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            drop(stream.read(&mut [0; 4096]));
            REQUESTS.fetch_add(1, Ordering::Relaxed);
            let status = if IS_UP.load(Ordering::Relaxed) {
                "200 OK\r\nCache-Control: max-age=3600"
            } else {
                "503 Down"
            };
            let head = "Content-Length: 11\r\nConnection: close";
            drop(write!(
                stream,
                "HTTP/1.1 {status}\r\n{head}\r\n\r\n{{\"keys\":[]}}"
            ));
        }
    }

    #[test]
    fn a_run_over_hours_survives_an_outage_and_any_clock() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        std::thread::spawn(move || serve(&listener));
        let clock: fn() -> i64 = || CLOCK.load(Ordering::Relaxed);
        let http = Http::of_a_test(clock);
        let location = JwksLocation::Url(url.parse().unwrap());
        let source = JwksSource::remote(http, location, true, clock);
        let requests_after = |is_up: bool, seconds: i64, is_usable: bool| {
            IS_UP.store(is_up, Ordering::Relaxed);
            CLOCK.fetch_add(seconds, Ordering::Relaxed);
            assert_eq!(
                source.current().is_ok(),
                is_usable,
                "after {seconds} s more"
            );
            REQUESTS.swap(0, Ordering::Relaxed)
        };
        assert_eq!(requests_after(true, 0, true), 1);
        assert_eq!(
            requests_after(false, 3599, true),
            0,
            "keys in hand are still good"
        );
        assert_eq!(requests_after(false, 1, false), 1);
        assert_eq!(
            requests_after(false, 9, false),
            0,
            "not asked for each token"
        );
        assert_eq!(requests_after(true, 1, true), 1, "the outage is over");
        for now in [i64::MAX, i64::MIN, -1, 1] {
            CLOCK.store(now, Ordering::Relaxed);
            let requests: usize = (0..100).map(|_| requests_after(true, 0, true)).sum();
            assert!(requests <= 1, "{requests} at {now}");
        }
    }

    #[test]
    fn local_keys_never_change() {
        let source = JwksSource::local(Keys::default());
        let keys = source.current().unwrap();
        assert!(source.newer_than(&keys).unwrap().is_none());
        for now in [i64::MIN, 0, i64::MAX] {
            assert!(keys.is_valid(now) && !keys.may_be_outdated(now), "{now}");
        }
    }
}
