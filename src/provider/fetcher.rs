//! Fetches the keys of many issuers in the background, each before they end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::alarm::Alarm;
use super::cache::{Cache, FetchRecord, Lock};
use super::error::ProviderError;
use super::jwks::JwksSource;
use super::published::{Freshness, JwksLocation, Published, Publisher};
use super::snapshot::REFETCH_INTERVAL;
use super::watched::{Rank, Task, WatchedJwks};
use crate::failure::Failure;
use crate::http::Http;
use crate::keys::KeySet;
use crate::threads::{self, NoThread};

/// How many issuers are asked at the same time.
const MAX_THREADS: usize = 32;

/// The longest time that a thread sleeps, in case this machine's clock is set or it was suspended.
const LONGEST_SLEEP: i64 = 30;

/// Seconds for which a server may delay the next attempt by `Retry-After`.
const LONGEST_DELAY: u64 = 300;

/// How long to wait for another process that fetches the same keys.
const PATIENCE: Duration = Duration::from_secs(2);

/// Called with an issuer when its keys cannot be fetched any more (with the reason), and when they
/// can again.
pub(crate) type Report = Box<dyn Fn(&str, Option<&Failure>) + Send + Sync>;

/// Fetches the keys of the issuers that it is given.
pub(crate) struct KeyFetcher {
    http: Http,
    /// The cache, given the time.
    cache: fn(i64) -> Cache,
    clock: fn() -> i64,
    report: Report,
    issuers: Vec<Arc<WatchedJwks>>,
    /// How many fetches are under way for which no token waits.
    unasked: Mutex<usize>,
    alarm: Arc<Alarm>,
}

/// Keys are fetched until this is dropped.
pub(crate) struct Fetching(Arc<Alarm>);

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl KeyFetcher {
    pub(crate) fn new(http: Http, no_cache: bool, clock: fn() -> i64, report: Report) -> Self {
        Self {
            http,
            cache: if no_cache {
                Cache::bypassed
            } else {
                Cache::open
            },
            clock,
            report,
            issuers: Vec::new(),
            unasked: Mutex::default(),
            alarm: Arc::default(),
        }
    }

    /// The keys from this place, as soon as they are fetched.
    pub(crate) fn watch(&mut self, location: JwksLocation) -> JwksSource {
        let watched = WatchedJwks::new(location, self.clock, Arc::clone(&self.alarm));
        let watched = Arc::new(watched);
        self.issuers.push(Arc::clone(&watched));
        JwksSource::Watched(watched)
    }

    /// Starts the threads.
    pub(crate) fn start(self) -> Result<Fetching, NoThread> {
        let fetching = Fetching(Arc::clone(&self.alarm));
        let threads = self.threads();
        let fetcher = Arc::new(self);
        for _ in 0..threads {
            let fetcher = Arc::clone(&fetcher);
            threads::spawn("keys", move || fetcher.run())?;
        }
        Ok(fetching)
    }

    fn threads(&self) -> usize {
        self.issuers.len().min(MAX_THREADS)
    }

    fn run(&self) {
        while !self.alarm.is_over() {
            let seen = self.alarm.count();
            if let Some(seconds) = self.fetch_next() {
                let seconds = seconds.clamp(1, LONGEST_SLEEP).unsigned_abs();
                self.alarm.wait(seen, Duration::from_secs(seconds));
            }
        }
    }

    /// Fetches the keys that are due first. If none are due: the seconds until some are.
    fn fetch_next(&self) -> Option<i64> {
        match self.next() {
            Err(seconds) => Some(seconds),
            Ok((issuer, task, is_asked)) => {
                self.fetch(issuer, &task);
                if !is_asked {
                    *self.unasked() -= 1;
                }
                // A thread may sleep although something is due that had to wait for this.
                self.alarm.ring();
                None
            }
        }
    }

    /// The issuer that is due first, and whether a token waits for it. Issuers that hang cannot take
    /// all threads from those.
    fn next(&self) -> Result<(&WatchedJwks, Task, bool), i64> {
        let mut unasked = self.unasked();
        let now = (self.clock)();
        let is_full = *unasked >= self.threads().div_ceil(4) * 3;
        let due = |issuer: &Arc<WatchedJwks>| issuer.due(now);
        let all = self.issuers.iter();
        let all =
            all.filter_map(|issuer| due(issuer).map(|(seconds, rank)| (issuer, seconds, rank)));
        let free = all.filter(|(_, _, rank)| !is_full || *rank <= Rank::Ending);
        let first = free.min_by_key(|(_, seconds, rank)| (*seconds, *rank));
        match first {
            None => Err(LONGEST_SLEEP),
            Some((_, seconds, _)) if seconds > 0 => Err(seconds),
            Some((issuer, _, rank)) => {
                let is_asked = rank <= Rank::Ending;
                if !is_asked {
                    *unasked += 1;
                }
                Ok((issuer, issuer.begin(now), is_asked))
            }
        }
    }

    fn unasked(&self) -> std::sync::MutexGuard<'_, usize> {
        self.unasked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, issuer: &WatchedJwks, task: &Task) {
        let now = (self.clock)();
        let (http, cache) = (self.http.with_fresh_deadline(), (self.cache)(now));
        let publisher = Publisher {
            http: &http,
            cache: &cache,
            location: &issuer.location,
            now,
        };
        let keys = keys(publisher, task);
        let delay = keys.as_ref().err().and_then(delay);
        let keys = keys.map_err(Failure::from);
        let failure = keys.as_ref().err().cloned();
        if issuer.end(keys, delay, (self.clock)()) {
            (self.report)(&publisher.name(), failure.as_ref());
        }
    }

    /// Fetches all that is due, in this thread.
    #[cfg(test)]
    pub(super) fn fetch_due(&self) {
        while self.fetch_next().is_none() {}
    }
}

/// The keys; `None`: another process has just fetched the same for a token.
fn keys(publisher: Publisher<'_>, task: &Task) -> Result<Option<Published<KeySet>>, ProviderError> {
    let cached = task.is_first.then(|| publisher.cached_keys()).flatten();
    if cached.is_some() {
        return Ok(cached);
    }
    let Some(known) = task.known else {
        return publisher.keys(Freshness::Fetched).map(Some);
    };
    let mut lock = publisher.lock(PATIENCE.min(publisher.http.deadline().remaining()));
    if let Lock::Held(lock) = &mut lock {
        let cached = publisher.cached_keys();
        if let Some(keys) = cached.filter(|keys| keys.digest != known) {
            return Ok(Some(keys));
        }
        let last = lock.fetched_within(REFETCH_INTERVAL, publisher.now);
        if last.is_some_and(|last| !last.failed) {
            return Ok(None);
        }
        lock.write(FetchRecord::for_token(publisher.now, true));
    }
    let keys = publisher.keys(Freshness::Fetched)?;
    if let Lock::Held(lock) = &mut lock {
        lock.write(FetchRecord::for_token(publisher.now, false));
    }
    Ok(Some(keys))
}

/// Seconds for which the server asks not to be asked again.
fn delay(error: &ProviderError) -> Option<i64> {
    match error {
        ProviderError::Status {
            wait: Some(wait), ..
        } => i64::try_from(wait.as_secs().min(LONGEST_DELAY)).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

    const HOUR: i64 = 3600;

    /// An issuer whose keys are a version's, valid for an hour, and the time that a test moves.
    struct World {
        version: AtomicUsize,
        requests: AtomicUsize,
        is_up: AtomicBool,
        clock: AtomicI64,
    }

    impl World {
        const fn new() -> Self {
            Self {
                version: AtomicUsize::new(1),
                requests: AtomicUsize::new(0),
                is_up: AtomicBool::new(true),
                clock: AtomicI64::new(1_767_225_600),
            }
        }

        fn serve(&'static self) -> String {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/keys", listener.local_addr().unwrap());
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    drop(stream.read(&mut [0; 4096]));
                    self.requests.fetch_add(1, Ordering::Relaxed);
                    let version = self.version.load(Ordering::Relaxed);
                    let body = format!("{{\"keys\":[],\"version\":{version}}}");
                    let status = if self.is_up.load(Ordering::Relaxed) {
                        "200 OK\r\nCache-Control: max-age=3600"
                    } else {
                        "404 Gone"
                    };
                    drop(write!(
                        stream,
                        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    ));
                }
            });
            url
        }

        /// A fetcher without a thread of its own.
        fn fetcher(clock: fn() -> i64) -> KeyFetcher {
            let http = Http::of_a_test(clock);
            KeyFetcher::new(http, true, clock, Box::new(|_, _| ()))
        }

        /// Moves the time, and does what is due then. Returns how many requests that took.
        fn wait(&self, fetcher: &KeyFetcher, seconds: i64) -> usize {
            self.clock.fetch_add(seconds, Ordering::Relaxed);
            fetcher.fetch_due();
            self.requests.swap(0, Ordering::Relaxed)
        }
    }

    fn watch(fetcher: &mut KeyFetcher, url: &str) -> JwksSource {
        fetcher.watch(JwksLocation::Url(url.parse().unwrap()))
    }

    #[test]
    fn keys_are_renewed_over_a_day_before_they_end_and_other_keys_count_at_once() {
        static WORLD: World = World::new();
        let mut fetcher = World::fetcher(|| WORLD.clock.load(Ordering::Relaxed));
        let keys = watch(&mut fetcher, &WORLD.serve());
        assert!(keys.is_awaited() && keys.current().is_err());
        assert_eq!(WORLD.wait(&fetcher, 0), 1);
        assert!(!keys.is_awaited());
        let mut requests = 0;
        for minute in 0..24 * 60 {
            if minute == 300 {
                WORLD.version.store(2, Ordering::Relaxed); // a key is withdrawn
            }
            let (before, generation) = (keys.current().unwrap(), keys.generation());
            requests += WORLD.wait(&fetcher, 60);
            let after = keys.current().unwrap();
            let is_other = before.digest != after.digest;
            assert_eq!(is_other, generation != keys.generation(), "at {minute}");
            assert!(!is_other || (300..360).contains(&minute), "at {minute}");
        }
        assert_eq!(keys.generation(), 2);
        // Each time after 80 to 90 % of the hour.
        assert!((26..=30).contains(&requests), "{requests} requests");
    }

    #[test]
    fn keys_of_an_issuer_that_is_down_serve_until_their_time_is_over() {
        static WORLD: World = World::new();
        let mut fetcher = World::fetcher(|| WORLD.clock.load(Ordering::Relaxed));
        let keys = watch(&mut fetcher, &WORLD.serve());
        assert_eq!(WORLD.wait(&fetcher, 0), 1);
        WORLD.is_up.store(false, Ordering::Relaxed);
        let mut requests = 0;
        for second in 1..HOUR {
            requests += WORLD.wait(&fetcher, 1);
            assert!(keys.current().is_ok(), "after {second} s");
        }
        assert!((3..=20).contains(&requests), "{requests} requests");
        WORLD.wait(&fetcher, 1);
        let failure = keys.current().err().unwrap();
        assert!(failure.message.contains("404"), "{}", failure.message);
        assert!(
            !keys.is_awaited(),
            "no request waits for an issuer that is down"
        );
        WORLD.is_up.store(true, Ordering::Relaxed);
        WORLD.wait(&fetcher, 300);
        assert!(keys.current().is_ok(), "the outage is over");
    }

    #[test]
    fn tokens_that_the_keys_do_not_fit_cause_one_fetch_a_minute() {
        static WORLD: World = World::new();
        let mut fetcher = World::fetcher(|| WORLD.clock.load(Ordering::Relaxed));
        let keys = watch(&mut fetcher, &WORLD.serve());
        assert_eq!(WORLD.wait(&fetcher, 0), 1);
        let mut requests = 0;
        for _ in 0..600 {
            let current = keys.current().unwrap();
            for _ in 0..100 {
                assert!(keys.newer_than(&current).unwrap().is_none());
            }
            requests += WORLD.wait(&fetcher, 1);
        }
        assert!((9..=10).contains(&requests), "{requests} requests");
    }

    #[test]
    fn an_issuer_that_is_down_costs_only_its_own_tokens() {
        static UP: World = World::new();
        static DOWN: World = World::new();
        DOWN.is_up.store(false, Ordering::Relaxed);
        let mut fetcher = World::fetcher(|| UP.clock.load(Ordering::Relaxed));
        let url = DOWN.serve();
        let down: Vec<_> = (0..20)
            .map(|number| watch(&mut fetcher, &format!("{url}?{number}")))
            .collect();
        let up = watch(&mut fetcher, &UP.serve());
        UP.wait(&fetcher, 0);
        assert!(up.current().is_ok());
        assert!(down.iter().all(|keys| keys.current().is_err()));
        UP.wait(&fetcher, 23 * HOUR);
        assert!(up.current().is_ok());
    }
}
