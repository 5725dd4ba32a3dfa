//! The life of a guard: sockets, threads, the first keys, and the end.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tokio::runtime::Builder;
use tokio::sync::watch;

use super::bind::{SocketError, SocketFile, bind};
use super::decision::realm;
use super::log::{DecisionLog, say};
use super::socket::Socket;
use super::systemd::{PassedSockets, notify};
use super::worker::{self, Shared};
use super::{health, worker::DRAIN};
use crate::config::{Guard, ListenSocket};
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
            Self::Socket(SocketError::Passed(_)) => {
                Some("pass stream sockets that listen (ListenStream=)".to_owned())
            }
            Self::Thread(error) => error.hint(),
            Self::System(_) => None,
        }
    }
}

/// Where the guard listens.
struct Sockets {
    requests: Vec<(Socket, Option<usize>)>,
    health: Option<Socket>,
    /// Deleted in the end.
    files: Vec<SocketFile>,
}

/// Serves until a signal ends it. `fetcher` has the keys that are fetched. `variables` reads the environment, which systemd uses.
pub(crate) fn serve(
    settings: Guard,
    criteria: Criteria,
    fetcher: Option<KeyFetcher>,
    variables: &dyn Fn(&str) -> Option<OsString>,
) -> Result<(), GuardError> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let sockets = Sockets::bind(&settings, variables)?;
    let notify_address = variables("NOTIFY_SOCKET");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    // The threads use it until the end of the process.
    let shared: &'static Shared = Box::leak(Box::new(Shared {
        realm: realm(&settings.policy.audiences),
        criteria,
        checks: settings.checks,
        passed_claims: settings.passed_claims,
        explain: settings.explain,
        max_connections: max_connections(threads),
    }));
    let (log, log_thread) = DecisionLog::start()?;
    let (stop, stopped) = watch::channel(false);
    let workers = start_workers(threads, &sockets.requests, shared, &log, &stopped)?;
    let is_ready = Arc::new(AtomicBool::new(false));
    sockets.announce();
    if let Some(socket) = sockets.health {
        let is_ready = Arc::clone(&is_ready);
        spawn("health", move || drop(health::run(socket, &is_ready)))?;
    }
    let fetching = fetcher.map(KeyFetcher::start).transpose()?;
    let (ready, address) = (Arc::clone(&is_ready), notify_address.clone());
    spawn("keys", move || {
        drop(await_first_keys(shared));
        ready.store(true, Ordering::Relaxed);
        say(&json!({ "ready": true }));
        notify(address.as_deref(), "READY=1");
    })?;
    let signal = signals.forever().next();
    is_ready.store(false, Ordering::Relaxed);
    notify(notify_address.as_deref(), "STOPPING=1");
    say(&json!({ "stopping": true, "seconds": DRAIN.as_secs() }));
    end_at_next(signals)?;
    stop.send(true).ok();
    for worker in workers {
        worker.join().ok();
    }
    drop((sockets.files, fetching));
    log.finish(&log_thread);
    if signal == Some(SIGINT) {
        emulate_default_handler(SIGINT)?;
    }
    Ok(())
}

impl Sockets {
    fn bind(
        settings: &Guard,
        variables: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SocketError> {
        let names = variables("LISTEN_FDNAMES");
        let mut passed = PassedSockets::take(names.as_deref()).map_err(SocketError::Passed)?;
        let (mut files, mut requests) = (Vec::new(), Vec::new());
        // Sockets with names first, so that the rest is what no address names.
        let mut health = Vec::new();
        if let Some(address) = &settings.health {
            health = bind(address, settings.socket_mode, &mut passed, &mut files)?;
        }
        for ListenSocket { address, check } in &settings.sockets {
            let bound = bind(address, settings.socket_mode, &mut passed, &mut files)?;
            requests.extend(bound.into_iter().map(|socket| (socket, *check)));
        }
        Ok(Self {
            requests,
            health: health.pop(),
            files,
        })
    }

    /// Says where requests are awaited, with the ports that the system chose.
    fn announce(&self) {
        let addresses = self.requests.iter().map(|(socket, _)| socket.address());
        let addresses: Vec<_> = addresses.collect();
        let health = self.health.as_ref().map(Socket::address);
        say(&json!({ "listening": addresses, "health": health }));
    }
}

fn start_workers(
    threads: usize,
    sockets: &[(Socket, Option<usize>)],
    shared: &'static Shared,
    log: &DecisionLog,
    stopped: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<io::Result<()>>>, GuardError> {
    let mut workers = Vec::new();
    for number in 0..threads {
        let clones = sockets.iter();
        let clones = clones.map(|(socket, check)| Ok((socket.try_clone()?, *check)));
        let clones = clones.collect::<io::Result<Vec<_>>>()?;
        let (log, stopped) = (log.clone(), stopped.clone());
        workers.push(spawn(&format!("worker-{number}"), move || {
            worker::run(clones, shared, log, stopped)
        })?);
    }
    Ok(workers)
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

/// Waits until the keys of every issuer were fetched, or could not be: one that cannot be reached
/// costs only its own tokens.
fn await_first_keys(shared: &Shared) -> io::Result<()> {
    let runtime = Builder::new_current_thread().build()?;
    runtime.block_on(async {
        for issuer in &shared.criteria.issuers {
            issuer.jwks.first_fetched().await;
        }
    });
    Ok(())
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
