//! The life of a guard: sockets, threads, the first keys, and the end.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tokio::runtime::Builder;
use tokio::sync::watch;

use super::bind::{SocketError, Sockets};
use super::decision::realm;
use super::health;
use super::log::{self, say};
use super::systemd::notify;
use super::worker::{self, DRAIN, Shared};
use crate::config::Guard;
use crate::failure::{Class, Diagnose};
use crate::provider::KeyFetcher;
use crate::threads::{NoThread, spawn};
use crate::verdict::Criteria;

/// Files that are open besides connections: sockets, the log, requests for keys.
const OTHER_FILES: u64 = 64;

/// Connections of all threads, at most, however many files may be open.
const MAX_CONNECTIONS: u64 = 65_536;

/// Why the guard did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Thread(#[from] NoThread),
    #[error("the guard cannot run")]
    System(#[from] io::Error),
}

impl Diagnose for GuardError {
    fn class(&self) -> Class {
        match self {
            Self::Socket(_) => Class::Usage,
            Self::Thread(_) | Self::System(_) => Class::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Socket(SocketError::InUse(_)) => {
                Some("end that program, or choose another address".to_owned())
            }
            Self::Socket(SocketError::Bind { .. }) => {
                Some("choose an address of this machine that this user may listen at".to_owned())
            }
            Self::Socket(SocketError::NotPassed(_)) => {
                Some("start it by a systemd socket unit, or give another address".to_owned())
            }
            Self::Socket(SocketError::SeveralForHealth(_)) => {
                Some("name the one: --health-listen systemd:NAME (FileDescriptorName=)".to_owned())
            }
            Self::Socket(SocketError::Passed(_)) => {
                Some("pass stream sockets that listen (ListenStream=)".to_owned())
            }
            Self::Thread(error) => error.hint(),
            Self::System(error) => NoThread::in_error(error)?.hint(),
        }
    }
}

/// Serves until a signal ends it. `fetcher` has the keys that are fetched. `variables` reads the
/// environment, which systemd uses.
pub(crate) fn serve(
    settings: Guard,
    criteria: Criteria,
    fetcher: Option<KeyFetcher>,
    variables: &dyn Fn(&str) -> Option<OsString>,
) -> Result<(), GuardError> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let mut sockets = Sockets::bind(&settings, variables)?;
    let manager = variables("NOTIFY_SOCKET");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let shared = share(settings, criteria, threads);
    let log_thread = log::start()?;
    let (stop, stopped) = watch::channel(false);
    let workers = (0..threads).map(|number| {
        let (name, stopped) = (format!("worker-{number}"), stopped.clone());
        worker::start(&name, &sockets.requests, shared, stopped)
    });
    let workers = workers.collect::<io::Result<Vec<_>>>()?;
    sockets.announce();
    let is_ready = Arc::new(AtomicBool::new(false));
    if let Some(socket) = sockets.health.take() {
        health::start(socket, Arc::clone(&is_ready))?;
    }
    let fetching = fetcher.map(KeyFetcher::start).transpose()?;
    report_when_ready(shared, Arc::clone(&is_ready), manager.clone())?;

    let signal = signals.forever().next();
    is_ready.store(false, Ordering::Relaxed);
    notify(manager.as_deref(), "STOPPING=1");
    say(&json!({ "stopping": true, "seconds": DRAIN.as_secs() }));
    end_at_next(signals)?;
    stop.send(true).ok();
    for worker in workers {
        worker.join().ok();
    }
    drop((sockets, fetching));
    log::finish(&log_thread);
    if signal == Some(SIGINT) {
        emulate_default_handler(SIGINT)?;
    }
    Ok(())
}

/// What the threads use until the end of the process.
fn share(settings: Guard, criteria: Criteria, threads: usize) -> &'static Shared {
    Box::leak(Box::new(Shared {
        realm: realm(&settings.policy.audiences),
        criteria,
        checks: settings.checks,
        passed_claims: settings.passed_claims,
        explain: settings.explain,
        threads,
        max_connections: max_connections(threads),
    }))
}

/// Waits in a thread of its own until the keys of every issuer were fetched, or could not be: one
/// that cannot be reached costs only its own tokens. Then the guard is ready.
fn report_when_ready(
    shared: &'static Shared,
    is_ready: Arc<AtomicBool>,
    manager: Option<OsString>,
) -> Result<(), GuardError> {
    let runtime = Builder::new_current_thread().build()?;
    spawn("keys", move || {
        runtime.block_on(async {
            for issuer in &shared.criteria.issuers {
                issuer.jwks.first_fetched().await;
            }
        });
        is_ready.store(true, Ordering::Relaxed);
        say(&json!({ "ready": true }));
        notify(manager.as_deref(), "READY=1");
    })?;
    Ok(())
}

/// Raises the number of files that may be open as far as this user may, and gives each thread its
/// share.
fn max_connections(threads: usize) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if setrlimit(Resource::Nofile, raised).is_ok() {
        limit = raised;
    }
    let files = limit.current.unwrap_or(MAX_CONNECTIONS + OTHER_FILES);
    let all = files.saturating_sub(OTHER_FILES).clamp(16, MAX_CONNECTIONS);
    (usize::try_from(all).unwrap_or(usize::MAX) / threads).max(1)
}

/// A second signal ends the process at once.
fn end_at_next(mut signals: Signals) -> Result<(), NoThread> {
    spawn("signals", move || {
        if let Some(signal) = signals.forever().next() {
            emulate_default_handler(signal).ok();
        }
    })?;
    Ok(())
}
