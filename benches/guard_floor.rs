//! The floor for `padlock guard`: the same server, which answers every request with a bare 200.
//!
//! `ADDRESS` is where it listens.

#![allow(clippy::expect_used, reason = "a benchmark stops at the first error")]

use std::convert::Infallible;
use std::time::Duration;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

fn main() {
    let address = std::env::args().nth(1).expect("an address");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    LocalSet::new().block_on(&runtime, serve(&address));
}

/// As in `src/guard/worker.rs`.
async fn serve(address: &str) {
    let listener = TcpListener::bind(address).await.expect("a free address");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).ok();
        let service = service_fn(|_| async {
            let mut response = Response::new(Full::<Bytes>::default());
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(CACHE_CONTROL, no_store);
            Ok::<_, Infallible>(response)
        });
        spawn_local(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(60))
                .max_buf_size(64 << 10)
                .serve_connection(TokioIo::new(stream), service);
            connection.await.ok();
        });
    }
}
