//! `/healthz` and `/readyz`, at an address of their own.

use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

use super::connections::Connections;
use super::listener::{Listener, Server};
use super::socket::Socket;
use crate::threads::spawn;

/// How long a connection may take to send a request, or be idle before it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Connections at the same time, so that files are left for requests.
const MAX_CONNECTIONS: usize = 32;

/// What the connections share.
struct Health {
    connections: Rc<Connections>,
    /// What `/readyz` says.
    is_ready: Arc<AtomicBool>,
}

/// Serves the socket in a thread of its own until the end of the process. `is_ready` is what
/// `/readyz` says. Fails if the thread cannot be started.
pub(super) fn start(socket: Socket, is_ready: Arc<AtomicBool>) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = Listener::new(socket, &runtime)?;
    spawn("health", move || {
        let connections = Rc::new(Connections::new(MAX_CONNECTIONS));
        let health = Health {
            connections,
            is_ready,
        };
        LocalSet::new().block_on(&runtime, listener.accept(&health));
    })?;
    Ok(())
}

impl Server for Health {
    fn start(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let is_ready = Arc::clone(&self.is_ready);
        self.connections.start(|last_use| async move {
            let service = service_fn(|request: Request<Incoming>| {
                last_use.renew();
                let response = respond(request.uri().path(), is_ready.load(Ordering::Relaxed));
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            connection.await.ok();
        });
    }
}

fn respond(path: &str, is_ready: bool) -> Response<Full<Bytes>> {
    let (status, text) = match path {
        "/healthz" => (StatusCode::OK, "ok\n"),
        "/readyz" if is_ready => (StatusCode::OK, "ready\n"),
        "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        _ => (StatusCode::NOT_FOUND, "not found\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
