//! The server thread: a listener on 127.0.0.1, a runtime, and its connections.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::connection::{Connection, ConnectionFault};
use super::routes::routes;
use super::tls::Identity;
use crate::tenant::Tenant;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;

/// The server thread; dropping it stops the thread and closes every connection.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tenant {
    /// # Errors
    /// The port is in use, or the user may not listen on it.
    pub(crate) fn start_with(options: TenantOptions) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // A chosen port may still be in TIME_WAIT; a random one must not be shared.
        socket.set_reuseaddr(options.port != 0)?;
        socket.bind(([127, 0, 0, 1], options.port).into())?;
        let port = socket.local_addr()?.port();
        let scheme = if options.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let url = format!("{scheme}://{}:{port}/", options.host);
        let tls = options
            .tls
            .map(|certificate| Identity::new(certificate, options.protocols));
        let state = Arc::new(TenantState::new(url, options));
        let server = Server::start(
            socket,
            tls.as_ref().map(Identity::acceptor),
            Arc::clone(&state),
        )?;
        Ok(Self {
            state,
            tls,
            _server: server,
        })
    }
}

impl Server {
    fn start(
        socket: TcpSocket,
        acceptor: Option<TlsAcceptor>,
        state: Arc<TenantState>,
    ) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // Listen before the thread starts, so that the tenant accepts connections on return.
        let port = runtime.block_on(async { Port::open(socket, &state) })?;
        let thread = thread::Builder::new().name("tenant".to_owned());
        let thread = thread.spawn(move || serve(&runtime, port, acceptor, state, stopped))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// The port, which may be bound without a listener.
enum Port {
    Listening(TcpListener),
    NotListening { _port: TcpSocket },
}

impl Port {
    fn open(socket: TcpSocket, state: &TenantState) -> io::Result<Self> {
        Ok(match state.options().connection_fault {
            Some((ConnectionFault::Refuses, _)) => Self::NotListening { _port: socket },
            _ => Self::Listening(socket.listen(1024)?),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(
    runtime: &Runtime,
    port: Port,
    acceptor: Option<TlsAcceptor>,
    state: Arc<TenantState>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::select! {
            () = accept(port, acceptor, state) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(port: Port, acceptor: Option<TlsAcceptor>, state: Arc<TenantState>) {
    let Port::Listening(listener) = port else {
        return pending().await;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let connection = Connection::new(state.requests.add_connection());
        match state.next_connection() {
            Some(fault) => drop(tokio::spawn(fault.run(stream))),
            None => drop(tokio::spawn(serve_connection(
                stream,
                acceptor.clone(),
                Arc::clone(&state),
                connection,
            ))),
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    state: Arc<TenantState>,
    connection: Arc<Connection>,
) {
    let idle_timeout = state.options().idle_timeout;
    let router = routes(Arc::clone(&state), Arc::clone(&connection));
    tokio::select! {
        () = serve_requests(stream, acceptor, router, &state) => {}
        () = connection.closed(idle_timeout) => {}
    }
}

async fn serve_requests(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    state: &TenantState,
) {
    // Nagle's algorithm would delay responses by 40 ms.
    drop(stream.set_nodelay(true));
    match acceptor {
        None => serve_http(stream, router).await,
        Some(acceptor) => {
            let (protocols, delay) = {
                let options = state.options();
                (options.protocols, options.handshake_delay)
            };
            tokio::time::sleep(delay).await;
            let accepting = protocols.of_connection(acceptor).accept(stream);
            let Ok(stream) = accepting.await else {
                return;
            };
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            match is_http2.then(|| state.next_http2_connection()).flatten() {
                Some(fault) => fault.run(stream).await,
                None => serve_http(stream, router).await,
            }
        }
    }
}

/// HTTP/1.1 or HTTP/2, detected from the first bytes. Connection errors are up to the client.
async fn serve_http(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let service = TowerToHyperService::new(router);
    drop(
        auto::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}
