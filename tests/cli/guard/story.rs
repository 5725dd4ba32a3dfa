//! An API whose `/api/version` needs the permission `admin`, as its developer and its users see it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use serde_json::json;

use super::harness::{Guard, connect, get, guard_at, token_of, with_token};
use crate::program::{output_if_installed, padlock_at, printed};
use crate::tenant::{AUDIENCE, Tenant};

/// An API that asks a guard about every request, as a reverse proxy does for it.
struct Api {
    address: String,
}

impl Api {
    fn start(guard: &Arc<Guard>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let guard = Arc::downgrade(guard);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(guard) = guard.upgrade() else { return };
                respond(stream, &guard);
            }
        });
        Self { address }
    }

    fn url(&self) -> String {
        format!("http://{}/api/version", self.address)
    }

    fn status(&self, request: &[u8]) -> u16 {
        let mut connection = connect(&self.address);
        connection.write(request);
        connection.answer().status
    }
}

fn respond(mut stream: TcpStream, guard: &Guard) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let is_asked = head.starts_with("GET /api/version ");
    let authorization: Vec<_> = head.lines().filter_map(authorization).collect();
    let headers: Vec<_> = authorization
        .iter()
        .map(|v| ("Authorization", *v))
        .collect();
    let decision = guard.ask(&get("/admin", &headers));
    let (status, body) = match decision.status {
        200 if is_asked => (
            200,
            format!("1.0 for {}", decision.header("x-user").unwrap()),
        ),
        200 => (404, String::new()),
        status => (status, String::new()),
    };
    let length = body.len();
    let response = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}");
    drop(stream.write_all(response.as_bytes()));
}

fn authorization(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("authorization")
        .then(|| value.trim())
}

const ADMIN: [&str; 3] = [
    "--pass-claim=sub=X-User",
    "--check=admin",
    "--require-permission=admin",
];

/// `padlock client-credentials --output curl`.
fn curl_config(tenant: &Tenant) -> String {
    let arguments = [
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--output",
        "curl",
    ];
    printed(padlock_at(tenant).args(arguments))
}

/// What curl gets with this configuration, if it is installed: the body, and the status.
fn curl(config: &str, api: &Api) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, config).unwrap();
    let format = ["--write-out", " %{http_code}", "--noproxy", "*", "--silent"];
    let mut curl = Command::new("curl");
    curl.arg("--config").arg(file).args(format).arg(api.url());
    let output = output_if_installed(&mut curl)?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_version_needs_a_token() {
    let tenant = Tenant::start();
    let guard = Arc::new(guard_at(&tenant, &ADMIN));
    let api = Api::start(&guard);
    assert_eq!(curl("", &api).unwrap_or_else(|| " 401".to_owned()), " 401");
}

#[test]
fn the_version_needs_the_permission() {
    let tenant = Tenant::start();
    let guard = Arc::new(guard_at(&tenant, &ADMIN));
    let api = Api::start(&guard);
    assert_eq!(api.status(&get("/api/version", &[])), 401);
    assert_eq!(
        api.status(&with_token("/api/version", &token_of(&tenant, json!({})))),
        403
    );
    if let Some(answer) = curl(&curl_config(&tenant), &api) {
        assert_eq!(answer, " 403");
    }
}

#[test]
fn with_the_permission_curl_gets_the_version() {
    let tenant = Tenant::builder()
        .access_token_claim("permissions", json!(["admin"]))
        .start();
    let guard = Arc::new(guard_at(&tenant, &ADMIN));
    let api = Api::start(&guard);
    if let Some(answer) = curl(&curl_config(&tenant), &api) {
        assert!(
            answer.starts_with("1.0 for ") && answer.ends_with(" 200"),
            "{answer}"
        );
    }
    let token = token_of(&tenant, json!({ "permissions": ["admin"] }));
    assert_eq!(api.status(&with_token("/api/version", &token)), 200);
}

#[test]
fn users_of_a_second_issuer_are_let_in_by_their_claims() {
    let (own, partner) = (Tenant::start(), Tenant::builder().plain_provider().start());
    let flags = [
        "--issuer",
        &partner.issuer(),
        "--check=partner",
        "--require-claim=organization=percy",
    ];
    let guard = guard_at(&own, &[&ADMIN[..], &flags].concat());
    let percy = token_of(&partner, json!({ "organization": "percy" }));
    let other = token_of(&partner, json!({ "organization": "other" }));
    for (token, partner, admin) in [(&percy, 200, 403), (&other, 403, 403)] {
        assert_eq!(guard.status("/partner", token), partner);
        assert_eq!(guard.status("/admin", token), admin);
    }
    let stranger = Tenant::start();
    let token = token_of(&stranger, json!({ "organization": "percy" }));
    assert_eq!(guard.status("/partner", &token), 401);
}
