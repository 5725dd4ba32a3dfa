//! The network thread, which works while the caller waits for input or reads a file.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use super::client::{ClientSettings, Clients};
use super::error::HttpError;
use super::log::{Log, RequestLog};
use super::protocols::Protocols;
use super::proxy::ProxyServer;
use super::request::HttpRequest;
use super::response::Response;
use super::roots_fingerprint::TrustedRoots;
use super::send::RequestSender;
use crate::deadline::Deadline;
use crate::threads::{self, NoThread};
use crate::verify::Clocks;

/// How long after the deadline the caller still waits for the request to report that it missed it.
const GRACE: Duration = Duration::from_millis(250);

/// How long a request may take before another one is worth a try: a server that is well responds
/// sooner, even from far away.
const HANGING: Duration = Duration::from_secs(1);

/// How long the last handle waits for the thread to drop its connections.
const CLOSING: Duration = Duration::from_millis(250);

/// How long it may take to learn that a host is unreachable before a password is asked for, and how
/// long where an attempt has failed already.
const PATIENCE: Duration = Duration::from_millis(250);
const RETRY_PATIENCE: Duration = Duration::from_secs(2);

/// How often to look whether a connection is open.
const CHECK: Duration = Duration::from_millis(5);

/// How long a wait is kept from the person.
const ANNOUNCED_AFTER: Duration = Duration::from_secs(1);

/// A handle to the thread, which the first request starts and the last handle ends.
#[derive(Clone)]
pub(super) struct Worker(Arc<Shared>);

struct Shared {
    settings: ClientSettings,
    log: RequestLog,
    thread: OnceLock<Result<NetworkThread, NoThread>>,
}

struct NetworkThread {
    jobs: Option<UnboundedSender<Job>>,
    /// Closed by the thread when it has dropped everything.
    ended: Mutex<Receiver<()>>,
}

/// A request, and where to send its result.
struct Job {
    request: HttpRequest,
    deadline: Deadline,
    reply: Sender<Event>,
}

/// Why the waiting caller is woken.
enum Event {
    /// There are log lines to write.
    Logged,
    Done(Result<Response, HttpError>),
}

/// A response that has not arrived yet.
pub(crate) struct PendingResponse {
    url: Url,
    begun: Instant,
    deadline: Deadline,
    events: Receiver<Event>,
    done: Option<Result<Response, HttpError>>,
    log: RequestLog,
}

impl Worker {
    pub(super) fn new(settings: ClientSettings, clock: fn() -> i64, log: Log) -> Self {
        Self(Arc::new(Shared {
            settings,
            log: RequestLog::new(log, clock),
            thread: OnceLock::new(),
        }))
    }

    pub(super) fn begin(&self, request: HttpRequest, deadline: Deadline) -> PendingResponse {
        let (reply, events) = mpsc::channel();
        let Shared {
            settings,
            log,
            thread,
        } = &*self.0;
        let mut pending = PendingResponse {
            url: request.url.clone(),
            begun: Instant::now(),
            deadline,
            events,
            done: None,
            log: log.clone(),
        };
        let thread = thread.get_or_init(|| NetworkThread::start(settings.clone(), log.clone()));
        match thread {
            Err(error) => pending.done = Some(Err(error.clone().into())),
            Ok(thread) => thread.send(Job {
                request,
                deadline,
                reply,
            }),
        }
        pending
    }

    /// The proxy through which a URL is reached.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        self.0.settings.proxy(url).map(ProxyServer::name)
    }

    pub(super) fn log_cache_hit(&self, url: &Url) {
        self.0.log.cache_hit(url);
        self.0.log.flush();
    }

    pub(super) fn roots(&self) -> &TrustedRoots {
        self.0.settings.roots()
    }

    pub(super) fn protocols(&self) -> &Protocols {
        self.0.settings.protocols()
    }

    pub(super) fn clocks(&self) -> Option<Clocks> {
        self.0.log.clocks()
    }
}

impl NetworkThread {
    fn start(settings: ClientSettings, log: RequestLog) -> Result<Self, NoThread> {
        let (jobs, received) = unbounded_channel();
        let (ending, ended) = mpsc::channel();
        threads::spawn("network", move || {
            serve(settings, &log, received);
            drop(ending);
        })?;
        Ok(Self {
            jobs: Some(jobs),
            ended: Mutex::new(ended),
        })
    }

    /// If the thread has ended, the reply's sender is dropped and the caller gets an error.
    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            jobs.send(job).ok();
        }
    }
}

impl Drop for NetworkThread {
    /// Waits for the thread, whose buffers hold secrets and are wiped as they are freed. Not for
    /// long, since it may hang in the system's name resolution.
    fn drop(&mut self) {
        self.jobs = None;
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        ended.recv_timeout(CLOSING).ok();
    }
}

fn serve(settings: ClientSettings, log: &RequestLog, mut jobs: UnboundedReceiver<Job>) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
        return;
    };
    let clients = Arc::new(Clients::new(settings, log.clone()));
    runtime.block_on(async {
        while let Some(Job {
            request,
            deadline,
            reply,
        }) = jobs.recv().await
        {
            let (clients, waker) = (Arc::clone(&clients), reply.clone());
            let log = log.waking(move || drop(waker.send(Event::Logged)));
            tokio::spawn(async move {
                let started = Instant::now();
                let sender = RequestSender {
                    clients: &clients,
                    deadline,
                    log: &log,
                };
                let result = deadline
                    .bound(sender.send(&request))
                    .await
                    .unwrap_or_else(|| {
                        log.failed(&request.method, &request.url, false, started.elapsed());
                        Err(HttpError::missed(deadline, &request.url))
                    });
                reply.send(Event::Done(result)).ok();
            });
        }
    });
    // Drops requests and connections, and waits for no name resolution.
    runtime.shutdown_background();
}

impl PendingResponse {
    /// Waits for the response until the deadline, and writes log lines meanwhile.
    pub(crate) fn wait(mut self) -> Result<Response, HttpError> {
        let result = match self.done.take() {
            Some(result) => result,
            None => self.next(),
        };
        self.log.flush();
        result
    }

    /// Whether to start again after a pause: the request has failed, or got an error, or hangs.
    pub(crate) fn is_of_no_use(&mut self) -> bool {
        while self.done.is_none() {
            match self.events.try_recv() {
                Ok(Event::Done(result)) => self.done = Some(result),
                Ok(Event::Logged) => {}
                Err(_) => break,
            }
        }
        match &self.done {
            Some(Ok(response)) => !response.status.is_success(),
            Some(Err(_)) => true,
            None => self.begun.elapsed() > HANGING,
        }
    }

    /// Why there is no connection. Waits until one is open, but not for long: someone is about to
    /// be asked for a password, and would type it for nothing.
    pub(crate) fn unreachable(&mut self) -> Option<HttpError> {
        let started = Instant::now();
        while self.done.is_none() && !self.log.is_connected() {
            let patience = if self.log.has_retried() {
                RETRY_PATIENCE
            } else {
                PATIENCE
            };
            if started.elapsed() >= patience {
                break;
            }
            match self.events.recv_timeout(CHECK) {
                Ok(Event::Done(result)) => self.done = Some(result),
                Ok(Event::Logged) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        // The failure says it all; its retries are for who asked to see them.
        self.log.flush_verbose();
        match &self.done {
            Some(Err(error @ HttpError::Unreachable { .. })) => Some(error.clone()),
            _ => None,
        }
    }

    fn next(&self) -> Result<Response, HttpError> {
        let mut is_announced = false;
        loop {
            let left = self.deadline.remaining() + GRACE;
            let wait = if is_announced {
                left
            } else {
                left.min(ANNOUNCED_AFTER)
            };
            match self.events.recv_timeout(wait) {
                Ok(Event::Done(result)) => return result,
                Ok(Event::Logged) => self.log.flush(),
                Err(mpsc::RecvTimeoutError::Timeout) if wait < left => {
                    self.log.waiting(&self.url, self.deadline);
                    is_announced = true;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    return Err(HttpError::missed(self.deadline, &self.url));
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(HttpError::Client {
                        problem: "the network thread ended early".into(),
                    });
                }
            }
        }
    }
}
