//! `/healthz` and `/readyz`, at an address of their own.

use std::future::ready;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::connections::Connections;
use super::http1;
use super::listener::{Listener, Server};
use super::local_thread;
use super::socket::Socket;

/// Connections at the same time, so that files are left for requests.
const MAX_CONNECTIONS: usize = 32;

/// What the connections share.
struct Health {
    connections: Rc<Connections>,
    /// What `/readyz` says.
    is_ready: Arc<AtomicBool>,
    /// Never changed: it responds until the process ends.
    stop: watch::Sender<bool>,
}

/// Serves the socket in a thread of its own until the end of the process. `is_ready` is what
/// `/readyz` says. Fails if the thread cannot be started.
pub(super) fn start(socket: Socket, is_ready: Arc<AtomicBool>) -> io::Result<()> {
    local_thread::start("health", || {
        let listener = Listener::new(socket)?;
        Ok(async move {
            let connections = Rc::new(Connections::new(MAX_CONNECTIONS));
            let health = Health {
                connections,
                is_ready,
                stop: watch::Sender::new(false),
            };
            listener.accept(&health).await;
        })
    })?;
    Ok(())
}

impl Server for Health {
    fn start(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (is_ready, stop) = (Arc::clone(&self.is_ready), self.stop.subscribe());
        self.connections.start(|last_use| async move {
            http1::serve(stream, &last_use, &stop, |request, _| {
                let response = respond(request.uri().path(), is_ready.load(Ordering::Relaxed));
                ready(response)
            })
            .await;
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
