//! `/healthz` and `/readyz`, at an address of their own.

use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

use super::idle::{Connections, LastUse};
use super::socket::Socket;

/// How long a connection may take to send a request, or be idle before it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Connections at the same time, so that files are left for requests.
const MAX_CONNECTIONS: usize = 32;

/// The pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves the socket until the end of the process. `is_ready` is what `/readyz` says.
pub(super) fn run(socket: Socket, is_ready: &Arc<AtomicBool>) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let connections = Rc::new(Connections::new(MAX_CONNECTIONS));
    LocalSet::new().block_on(&runtime, async {
        match socket {
            Socket::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                let listener = TcpListener::from_std(socket)?;
                loop {
                    match listener.accept().await {
                        Ok((stream, _)) => start(stream, &connections, Arc::clone(is_ready)),
                        Err(_) => tokio::time::sleep(PAUSE).await,
                    }
                }
            }
            Socket::Unix(socket) => {
                socket.set_nonblocking(true)?;
                let listener = UnixListener::from_std(socket)?;
                loop {
                    match listener.accept().await {
                        Ok((stream, _)) => start(stream, &connections, Arc::clone(is_ready)),
                        Err(_) => tokio::time::sleep(PAUSE).await,
                    }
                }
            }
        }
    })
}

fn start(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    connections: &Rc<Connections>,
    is_ready: Arc<AtomicBool>,
) {
    let (number, last_use) = (connections.number(), LastUse::now());
    let (open, used) = (Rc::clone(connections), last_use.clone());
    let task = spawn_local(async move {
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            used.renew();
            let response = respond(request.uri().path(), is_ready.load(Ordering::Relaxed));
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        connection.await.ok();
        open.remove(number);
    });
    connections.add(number, task.abort_handle(), last_use);
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
