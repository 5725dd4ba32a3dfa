//! The floors for `padlock guard`: the same server, which answers every request with a bare 200, and
//! the same with the crypto library's bare check of the signature of the request's token.
//!
//! `ADDRESS [FOLDER]`: where it listens, and where `jwks.json` of `verify_floor make` is.

#![allow(clippy::expect_used, reason = "a benchmark stops at the first error")]

use std::convert::Infallible;
use std::path::Path;
use std::rc::Rc;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = arguments.first().expect("an address");
    let key = arguments.get(1).map(|folder| key(Path::new(folder)));
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    runtime
        .expect("a runtime")
        .block_on(serve(address, key.map(Rc::new)));
}

fn key(folder: &Path) -> ParsedPublicKey {
    let set = std::fs::read(folder.join("jwks.json")).expect("the keys can be read");
    let set: Value = serde_json::from_slice(&set).expect("JSON");
    let octets = |name: &str| {
        let text = set["keys"][0][name].as_str().expect("a text");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let (n, e) = (octets("n"), octets("e"));
    RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .expect("a public key")
}

/// As in `src/guard/http1.rs`.
async fn serve(address: &str, key: Option<Rc<ParsedPublicKey>>) {
    let listener = TcpListener::bind(address).await.expect("a free address");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).ok();
        let key = key.clone();
        let service = service_fn(move |request| {
            if let Some(key) = &key {
                check(key, &request);
            }
            let mut response = Response::new(Full::<Bytes>::default());
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(CACHE_CONTROL, no_store);
            std::future::ready(Ok::<_, Infallible>(response))
        });
        spawn_local(async move {
            let connection = http1::Builder::new()
                .header_read_timeout(None)
                .half_close(true)
                .max_buf_size(64 << 10)
                .writev(false)
                .serve_connection(TokioIo::new(stream), service);
            connection.await.ok();
        });
    }
}

/// A request without a token is one that asks whether the server is there.
fn check(key: &ParsedPublicKey, request: &Request<Incoming>) {
    let Some(value) = request.headers().get(AUTHORIZATION) else {
        return;
    };
    let text = value.to_str().expect("ASCII");
    let token = text.strip_prefix("Bearer ").expect("a bearer token");
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    key.verify_sig(signed.as_bytes(), &signature)
        .expect("a valid signature");
}
