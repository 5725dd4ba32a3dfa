//! The thread that speaks to the network while the caller waits, types, or reads a file.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use super::client::{Clients, Settings};
use super::exchange::{self, Request};
use super::trace::{Clocks, Log, Trace};
use super::{Answer, Deadline, HttpError};

/// How much longer than its deadline a request may take to say that it missed it, before the caller stops listening.
const GRACE: Duration = Duration::from_millis(250);

/// A handle to the thread, which is started by the first request.
///
/// Nobody waits for its end: it may hang in the system's name resolution, and the process ends without it.
#[derive(Clone)]
pub(super) struct Worker(Arc<Shared>);

struct Shared {
    settings: Settings,
    trace: Trace,
    jobs: OnceLock<Option<UnboundedSender<Job>>>,
}

/// A request, and whom to tell what became of it.
struct Job {
    request: Request,
    deadline: Deadline,
    reply: Sender<Event>,
}

/// What the caller is woken for.
pub(super) enum Event {
    /// There is something to tell the person.
    Told,
    Done(Result<Answer, HttpError>),
}

/// A request on its way.
pub(crate) struct Pending {
    url: Url,
    deadline: Deadline,
    events: Receiver<Event>,
    done: Option<Result<Answer, HttpError>>,
    trace: Trace,
}

impl Worker {
    pub(super) fn new(settings: Settings, log: Log) -> Self {
        Self(Arc::new(Shared {
            settings,
            trace: Trace::new(log),
            jobs: OnceLock::new(),
        }))
    }

    pub(super) fn begin(&self, request: Request, deadline: Deadline) -> Pending {
        let (reply, events) = mpsc::channel();
        let Shared {
            settings,
            trace,
            jobs,
        } = &*self.0;
        let pending = Pending {
            url: request.url.clone(),
            deadline,
            events,
            done: None,
            trace: trace.clone(),
        };
        let jobs = jobs.get_or_init(|| start(settings.clone(), trace.clone()));
        if let Some(jobs) = jobs {
            // A thread that is gone takes the sender of its reply with it: the caller finds the channel closed.
            jobs.send(Job {
                request,
                deadline,
                reply,
            })
            .ok();
        }
        pending
    }

    pub(super) fn found_on_disk(&self, url: &Url) {
        self.0.trace.found_on_disk(url);
        self.0.trace.flush();
    }

    pub(super) fn roots(&self) -> &str {
        self.0.settings.roots()
    }

    pub(super) fn clocks(&self) -> Option<Clocks> {
        self.0.trace.clocks()
    }
}

fn start(settings: Settings, trace: Trace) -> Option<UnboundedSender<Job>> {
    let (jobs, received) = unbounded_channel();
    let thread = thread::Builder::new().name("network".into());
    thread
        .spawn(move || serve(settings, &trace, received))
        .ok()
        .map(|_| jobs)
}

fn serve(settings: Settings, trace: &Trace, mut jobs: UnboundedReceiver<Job>) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
        return;
    };
    let clients = Arc::new(Clients::new(settings, trace.clone()));
    runtime.block_on(async {
        while let Some(Job {
            request,
            deadline,
            reply,
        }) = jobs.recv().await
        {
            let (clients, trace) = (Arc::clone(&clients), trace.answering(&reply));
            tokio::spawn(async move {
                let started = Instant::now();
                let exchange = exchange::run(&clients, &request, deadline, &trace);
                let result = tokio::time::timeout(deadline.left(), exchange)
                    .await
                    .unwrap_or_else(|_| {
                        trace.failed(&request.method, &request.url, false, started.elapsed());
                        Err(deadline.missed(&request.url))
                    });
                reply.send(Event::Done(result)).ok();
            });
        }
    });
}

impl Pending {
    /// Waits for the answer, until the deadline; what there is to tell a person is told meanwhile.
    pub(crate) fn wait(mut self) -> Result<Answer, HttpError> {
        let result = match self.done.take() {
            Some(result) => result,
            None => self.next(),
        };
        self.trace.flush();
        result
    }

    /// Whether it is already known that there will be no answer.
    pub(crate) fn has_failed(&mut self) -> bool {
        while self.done.is_none() {
            match self.events.try_recv() {
                Ok(Event::Done(result)) => self.done = Some(result),
                Ok(Event::Told) => {}
                Err(_) => break,
            }
        }
        matches!(self.done, Some(Err(_)))
    }

    fn next(&self) -> Result<Answer, HttpError> {
        loop {
            match self.events.recv_timeout(self.deadline.left() + GRACE) {
                Ok(Event::Done(result)) => return result,
                Ok(Event::Told) => self.trace.flush(),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    return Err(self.deadline.missed(&self.url));
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(HttpError::Client {
                        problem: "its thread ended early".into(),
                    });
                }
            }
        }
    }
}
