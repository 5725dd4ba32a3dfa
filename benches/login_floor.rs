//! The floor for a login: the same two requests, pipelined on one raw TLS connection, then the same
//! checks by `jsonwebtoken` and the same table. No HTTP client, no runtime, no error handling.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark stops at the first error"
)]

use std::env::var;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;

use comfy_table::Table;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use url::Url;

fn main() {
    let tenant: Url = var("AUTH0_DOMAIN")
        .expect("AUTH0_DOMAIN")
        .parse()
        .expect("AUTH0_DOMAIN is a URL");
    let mut connection = connect(&tenant);
    let host = tenant.host_str().unwrap();
    let body = json!({
        "grant_type": "password",
        "username": var("PADLOCK_EMAIL").unwrap(),
        "password": var("PADLOCK_PASSWORD").unwrap(),
        "scope": "openid profile email",
        "client_id": var("AUTH0_CLIENT_ID").unwrap(),
        "client_secret": var("AUTH0_CLIENT_SECRET").unwrap(),
    })
    .to_string();
    let requests = format!(
        "GET /.well-known/jwks.json HTTP/1.1\r\nhost: {host}\r\n\r\n\
         POST /oauth/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection
        .write_all(requests.as_bytes())
        .expect("the requests are sent");
    let mut reader = BufReader::new(connection);
    let keys: JwkSet = serde_json::from_slice(&read_body(&mut reader)).expect("a JWKS");
    let tokens: Value = serde_json::from_slice(&read_body(&mut reader)).expect("a token response");
    let id_token = tokens["id_token"].as_str().expect("an id_token");
    print_table(&verify(id_token, &keys, &tenant));
}

fn connect(tenant: &Url) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let bundle = var("SSL_CERT_FILE").expect("SSL_CERT_FILE");
    roots.add_parsable_certificates(
        CertificateDer::pem_file_iter(bundle)
            .expect("SSL_CERT_FILE is readable")
            .flatten(),
    );
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(tenant.host_str().unwrap().to_owned()).expect("a host name");
    let socket =
        TcpStream::connect(&*tenant.socket_addrs(|| None).unwrap()).expect("the tenant listens");
    socket.set_nodelay(true).unwrap();
    StreamOwned::new(
        ClientConnection::new(Arc::new(config), name).expect("a TLS client"),
        socket,
    )
}

/// The body of the next response, which must have status 200 and a content-length.
fn read_body(reader: &mut impl BufRead) -> Vec<u8> {
    let mut lines = reader
        .by_ref()
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.is_empty());
    let status = lines.next().expect("a response");
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let length = lines
        .filter_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .last();
    let mut body = vec![0; length.expect("a content-length")];
    reader.read_exact(&mut body).expect("a complete body");
    body
}

fn verify(token: &str, keys: &JwkSet, tenant: &Url) -> Value {
    let kid = decode_header(token).expect("a JWT").kid.expect("a kid");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key of that kid")).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[tenant.as_str()]);
    validation.set_audience(&[var("AUTH0_CLIENT_ID").unwrap()]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp", "iat"]);
    decode(token, &key, &validation)
        .expect("a valid id_token")
        .claims
}

fn print_table(claims: &Value) {
    let mut table = Table::new();
    table.set_header(["Email Address", "Nickname", "ID"]);
    table.add_row(
        ["email", "nickname", "sub"].map(|name| claims[name].as_str().unwrap_or_default()),
    );
    println!("{table}");
}
