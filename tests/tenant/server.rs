//! The server: a listener on 127.0.0.1, a thread with its own runtime, and the paths that it knows.

use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::options::{AUTHENTICATORS, CHALLENGE, DISCOVERY, JWKS, REVOKE, ROLES, TOKEN, TenantOptions, USERINFO};
use super::record::Received;
use super::shared::Shared;
use super::{Tenant, management, mfa, refresh, refusal, tls, token_endpoint, userinfo, well_known};

/// The longest request that is read.
const LONGEST_BODY: usize = 16 << 20;

/// The thread that serves; dropped, it ends at once and cuts every connection.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tenant {
    pub(super) fn with(options: TenantOptions) -> Self {
        let listener = StdListener::bind(("127.0.0.1", options.port)).expect("a free port on 127.0.0.1");
        let port = listener.local_addr().expect("a bound port").port();
        let scheme = if options.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}:{port}/", options.host);
        let tls = options.tls.then(tls::Identity::fresh);
        let shared = Arc::new(Shared::new(url, options));
        let server = Server::start(listener, tls.as_ref().map(tls::Identity::acceptor), Arc::clone(&shared));
        Self { shared, tls, _server: server }
    }
}

impl Server {
    fn start(listener: StdListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let thread = thread::Builder::new().name("tenant".to_owned());
        let thread = thread.spawn(move || serve(&runtime, listener, acceptor, shared, stopped)).expect("a thread");
        Self { stop: Some(stop), thread: Some(thread) }
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
    listener: StdListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        listener.set_nonblocking(true).expect("a listener that does not block");
        let listener = TcpListener::from_std(listener).expect("a listener");
        tokio::select! {
            () = accept(listener, acceptor, shared) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let number = shared.record.connected();
        let router = routes(Arc::clone(&shared), number);
        tokio::spawn(connection(stream, acceptor.clone(), router));
    }
}

async fn connection(stream: TcpStream, acceptor: Option<TlsAcceptor>, router: Router) {
    // Waiting to fill packets would add 40 ms to answers, and to every measurement.
    drop(stream.set_nodelay(true));
    match acceptor {
        None => http(stream, router).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                http(stream, router).await;
            }
        }
    }
}

/// HTTP/1.1 or HTTP/2, whichever the first bytes show; how the connection ends concerns the client alone.
async fn http(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let service = TowerToHyperService::new(router);
    drop(auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
}

fn routes(shared: Arc<Shared>, connection: usize) -> Router {
    Router::new()
        .route(TOKEN, post(token_endpoint::token))
        .route(REVOKE, post(refresh::revoke))
        .route(USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .route(ROLES, get(management::roles))
        .route(AUTHENTICATORS, get(mfa::authenticators))
        .route(CHALLENGE, post(mfa::challenge))
        .route(JWKS, get(well_known::jwks))
        .route(DISCOVERY, get(well_known::discovery))
        .fallback(async || refusal::not_found())
        .layer(from_fn_with_state(Arc::clone(&shared), received))
        .layer(Extension(connection))
        .with_state(shared)
}

/// Records the request, and answers it if the test scripted that.
async fn received(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<usize>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return refusal::malformed_body().into_response();
    };
    shared.record.add(Received::new(&parts, &body, connection));
    match shared.scripted(parts.uri.path()) {
        Some(answer) => answer.into_response(),
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    }
}
