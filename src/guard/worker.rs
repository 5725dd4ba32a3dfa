//! One thread of the guard: accepts connections, and responds to their requests.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER as RETRY, TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};

use super::connections::{Connections, LastUse};
use super::credentials::{Credentials, credentials, ensure_is_token};
use super::decision::{Decision, RETRY_AFTER};
use super::listener::{Listener, Server};
use super::log::DecisionLog;
use super::socket::Socket;
use crate::config::{Check, PassedClaim};
use crate::failure::Failure;
use crate::output::json_line;
use crate::threads::spawn;
use crate::verdict::{Criteria, TokenVerifier};
use crate::verify::UnverifiedToken;

/// How long a connection may take to send the head of a request, or be idle before it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes of a request's head, at most; hyper lets it have 100 headers, and for any other number it
/// would fill a list for each request.
const MAX_HEAD: usize = 64 << 10;

/// How long the requests that were begun may take once the guard has to end.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// How often the end of the last connection is looked for.
const PAUSE: Duration = Duration::from_millis(20);

/// What all threads share.
pub(super) struct Shared {
    pub(super) criteria: Criteria,
    /// The first has no name.
    pub(super) checks: Vec<Check>,
    pub(super) passed_claims: Vec<PassedClaim>,
    pub(super) explain: bool,
    pub(super) realm: String,
    pub(super) threads: usize,
    /// Connections of one thread, at most.
    pub(super) max_connections: usize,
}

/// What the connections of one thread share.
struct Worker {
    shared: &'static Shared,
    verifier: RefCell<TokenVerifier<'static>>,
    connections: Rc<Connections>,
    log: DecisionLog,
    stop: watch::Receiver<bool>,
}

/// The connections of one socket.
struct Entrance {
    worker: Rc<Worker>,
    /// The number of the check of all its requests.
    check: Option<usize>,
}

/// Serves the sockets in a thread of its own until it has to stop, and what was begun by then a
/// little longer. A socket's number is that of the check of all its requests. Fails if the thread
/// cannot be started.
pub(super) fn start(
    name: &str,
    sockets: &[(Socket, Option<usize>)],
    shared: &'static Shared,
    stop: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listeners = sockets.iter().map(|(socket, check)| {
        let listener = Listener::new(socket.try_clone()?, &runtime)?;
        Ok((listener, *check))
    });
    let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
    let thread = spawn(name, move || {
        let worker = Rc::new(Worker {
            shared,
            verifier: RefCell::new(TokenVerifier::new(&shared.criteria, shared.threads)),
            connections: Rc::new(Connections::new(shared.max_connections)),
            log: DecisionLog::default(),
            stop,
        });
        LocalSet::new().block_on(&runtime, worker.run(listeners));
    });
    Ok(thread?)
}

impl Server for Entrance {
    fn start(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (worker, check) = (Rc::clone(&self.worker), self.check);
        self.worker.connections.start(|last_use| async move {
            worker.serve_connection(stream, check, &last_use).await;
        });
    }
}

impl Worker {
    async fn run(self: Rc<Self>, listeners: Vec<(Listener, Option<usize>)>) {
        let accepting = listeners.into_iter().map(|(listener, check)| {
            let worker = Rc::clone(&self);
            let entrance = Entrance { worker, check };
            spawn_local(async move { listener.accept(&entrance).await })
        });
        let accepting: Vec<_> = accepting.collect();
        self.stop.clone().wait_for(|stop| *stop).await.ok();
        for task in accepting {
            task.abort();
        }
        let deadline = Instant::now() + DRAIN;
        while !self.connections.is_empty() && Instant::now() < deadline {
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn serve_connection(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        check: Option<usize>,
        last_use: &LastUse,
    ) {
        let service = service_fn(|request| {
            last_use.renew();
            async move { Ok::<_, Infallible>(self.respond(&request, check).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            // A client that has asked all may close its side before the response.
            .half_close(true)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut stop = self.stop.clone();
        let mut stopped = pin!(stop.wait_for(|stop| *stop));
        let mut is_stopping = false;
        // A client that breaks its connection gets no response, and needs no line in the log.
        poll_fn(|context| {
            if !is_stopping && stopped.as_mut().poll(context).is_ready() {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            connection.as_mut().poll(context)
        })
        .await
        .ok();
    }

    async fn respond(
        &self,
        request: &Request<Incoming>,
        check: Option<usize>,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let headers = request.headers();
        let check = check.or_else(|| self.check_at(request.uri().path()));
        let check = check.and_then(|number| self.shared.checks.get(number));
        let decision = match check {
            None => Decision::unknown_path(),
            Some(check) => self.decide(headers, check).await,
        };
        let name = check.map(|check| check.name.as_str());
        let now = self.shared.criteria.now();
        self.log.add(&decision, name, now, started.elapsed());
        let mut response = response(decision, self.shared.explain);
        // The sender may have given a length too, and see the end elsewhere (RFC 9112 §6.1).
        if headers.contains_key(TRANSFER_ENCODING) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        response
    }

    /// The check of that path, compared byte for byte; the first one's is `/`.
    fn check_at(&self, path: &str) -> Option<usize> {
        let name = path.strip_prefix('/')?;
        let mut checks = self.shared.checks.iter();
        checks.position(|check| check.name == name)
    }

    async fn decide(&self, headers: &HeaderMap, check: &Check) -> Decision {
        let realm = &self.shared.realm;
        let token = match credentials(headers) {
            Credentials::Token(token) => token,
            Credentials::None => return Decision::no_credentials(realm),
            Credentials::Malformed(problem) => return Decision::malformed(realm, problem),
        };
        let decision = self.judge(token, check);
        let awaited = || self.verifier.borrow().source_of(token);
        match decision {
            Ok(decision) => decision,
            // Only an issuer's first keys are waited for.
            Err(failure) => match awaited().filter(|source| source.is_awaited()) {
                Some(source) => {
                    source.first_fetched().await;
                    let judged = self.judge(token, check);
                    judged.unwrap_or_else(|failure| Decision::unavailable(&failure))
                }
                None => Decision::unavailable(&failure),
            },
        }
    }

    /// The decision on a token; a failure where its issuer's keys cannot be had.
    fn judge(&self, token: &str, check: &Check) -> Result<Decision, Failure> {
        let realm = &self.shared.realm;
        let mut verifier = self.verifier.borrow_mut();
        let result = match verifier.known(token.as_bytes(), &mut || ()) {
            Ok(Some(claims)) => Ok(Ok(claims)),
            Ok(None) => match ensure_is_token(token) {
                Ok(()) => verifier.verify_new(token, &mut || ()),
                Err(problem) => return Ok(Decision::malformed(realm, problem)),
            },
            Err(failure) => Err(failure),
        };
        let claims = match result {
            Ok(Ok(claims)) => claims,
            Ok(Err(error)) => return Ok(Decision::invalid(realm, &error)),
            // With keys, a malformed token would be refused too.
            Err(failure) => match UnverifiedToken::parse(token) {
                Err(error) => return Ok(Decision::invalid(realm, &error)),
                Ok(_) => return Err(failure),
            },
        };
        let requirements = &check.requirements;
        let met = if requirements.is_empty() {
            Ok(())
        } else {
            requirements.check(&claims, None)
        };
        let decision = match met {
            Ok(()) => Decision::accepted(&claims, &self.shared.passed_claims),
            Err(unmet) => Decision::insufficient(realm, check, &unmet),
        };
        Ok(decision.about(&claims))
    }
}

fn response(decision: Decision, explain: bool) -> Response<Full<Bytes>> {
    let is_refusal = decision.status != StatusCode::OK;
    let body = if explain && is_refusal {
        let text = json!({ "class": decision.class, "reasons": decision.reasons }).to_string();
        Bytes::from(json_line(&text).into_owned() + "\n")
    } else {
        Bytes::new()
    };
    let has_body = !body.is_empty();
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = decision.status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(challenge) = decision.challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if decision.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY, HeaderValue::from_static(RETRY_AFTER));
    }
    headers.extend(decision.passed);
    response
}
