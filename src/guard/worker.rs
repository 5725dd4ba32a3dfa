//! One thread of the guard: accepts connections, and responds to their requests.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER as RETRY, TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
};
use hyper::{HeaderMap, Request, Response, StatusCode};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::spawn_local;

use super::connections::Connections;
use super::credentials::{Credentials, credentials, ensure_is_token};
use super::decision::{Decision, RETRY_AFTER};
use super::http1;
use super::listener::{Listener, Server};
use super::local_thread;
use super::log::DecisionLog;
use super::socket::Socket;
use crate::config::{Check, PassedClaim};
use crate::failure::Failure;
use crate::output::json_line;
use crate::provider::JwksSource;
use crate::verdict::{Criteria, TokenVerifier, Verified};
use crate::verify::{Claims, UnverifiedToken};

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
    let sockets = sockets
        .iter()
        .map(|(socket, check)| Ok((socket.try_clone()?, *check)));
    let sockets = sockets.collect::<io::Result<Vec<_>>>()?;
    local_thread::start(name, move || {
        let listeners = sockets.into_iter();
        let listeners = listeners.map(|(socket, check)| Ok((Listener::new(socket)?, check)));
        let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
        let worker = Rc::new(Worker {
            shared,
            verifier: RefCell::new(TokenVerifier::new(&shared.criteria, shared.threads)),
            connections: Rc::new(Connections::new(shared.max_connections)),
            log: DecisionLog::default(),
            stop,
        });
        Ok(worker.run(listeners))
    })
}

impl Server for Entrance {
    fn start(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (worker, check) = (Rc::clone(&self.worker), self.check);
        self.worker.connections.start(|last_use| async move {
            http1::serve(stream, &last_use, &worker.stop, |request, came| {
                let worker = &worker;
                async move { worker.respond(&request, check, came).await }
            })
            .await;
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

    async fn respond(
        &self,
        request: &Request<Incoming>,
        check: Option<usize>,
        came: Instant,
    ) -> Response<Full<Bytes>> {
        let headers = request.headers();
        let check = check.or_else(|| self.check_at(request.uri().path()));
        let check = check.and_then(|number| self.shared.checks.get(number));
        let decision = match check {
            None => Decision::unknown_path(),
            Some(check) => self.decide(headers, check).await,
        };
        let name = check.map(|check| check.name.as_str());
        let now = self.shared.criteria.now();
        self.log.add(&decision, name, now, came.elapsed());
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
        let result = match self.verify(token) {
            // Only an issuer's first keys are waited for.
            Err(failure) => match self.awaited(token) {
                Some(source) => {
                    source.first_fetched().await;
                    self.verify(token)
                }
                None => Err(failure),
            },
            result => result,
        };
        match result {
            Ok(Ok(claims)) => self.judge(&claims, check),
            Ok(Err(refusal)) => refusal,
            Err(failure) => Decision::unavailable(&failure),
        }
    }

    /// The claims of a valid token, or its refusal; a failure where its issuer's keys cannot be had.
    fn verify(&self, token: &str) -> Result<Result<Arc<Claims>, Decision>, Failure> {
        if let Some(claims) = self.known(token)? {
            return Ok(Ok(claims));
        }
        let realm = &self.shared.realm;
        let refused = match self.verify_new(token) {
            Ok(Ok(claims)) => return Ok(Ok(claims)), // and thus it is one token
            Ok(Err(error)) => Ok(error),
            Err(failure) => Err(failure),
        };
        if let Err(problem) = ensure_is_token(token) {
            return Ok(Err(Decision::malformed(realm, problem)));
        }
        // With keys, a malformed token would be refused too.
        let malformed = || UnverifiedToken::parse(token).err();
        let error = refused.or_else(|failure| malformed().ok_or(failure))?;
        Ok(Err(Decision::invalid(realm, &error)))
    }

    fn known(&self, token: &str) -> Result<Option<Arc<Claims>>, Failure> {
        let mut verifier = self.verifier.borrow_mut();
        verifier.known(token.as_bytes(), &mut || ())
    }

    fn verify_new(&self, token: &str) -> Verified {
        self.verifier.borrow_mut().verify_new(token, &mut || ())
    }

    /// The keys for a token, if they are to be waited for.
    fn awaited(&self, token: &str) -> Option<&'static JwksSource> {
        let source = self.verifier.borrow().source_of(token);
        source.filter(|source| source.is_awaited())
    }

    fn judge(&self, claims: &Arc<Claims>, check: &Check) -> Decision {
        let requirements = &check.requirements;
        let met = if requirements.is_empty() {
            Ok(())
        } else {
            requirements.check(claims, None)
        };
        let decision = match met {
            Ok(()) => Decision::accepted(claims, &self.shared.passed_claims),
            Err(unmet) => Decision::insufficient(&self.shared.realm, check, &unmet),
        };
        decision.about(claims)
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
