//! The address that the browser returns to: what none of its other visitors can do.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;
use url::Url;

use crate::browsing::{begin, connect, read_page, send, start, tenant, visit};
use crate::program::{padlock_at, process_at, says};
use crate::tenant::{TOKEN, Tenant};

/// A request line, and the headers of a browser that goes to the redirect URI.
fn request(line: &str, host: &str, more: &str) -> Vec<u8> {
    format!("{line}\r\nHost: {host}\r\n{more}\r\n").into_bytes()
}

/// What is no return to the login with this state.
fn no_returns(host: &str, state: &str) -> Vec<(&'static str, Vec<u8>)> {
    let good = format!("/callback?code=stolen&state={state}");
    let get = |target: &str| format!("GET {target} HTTP/1.1");
    vec![
        (
            "another state",
            request(&get("/callback?code=stolen&state=x"), host, ""),
        ),
        ("no state", request(&get("/callback?code=stolen"), host, "")),
        ("no query", request(&get("/callback"), host, "")),
        (
            "two states",
            request(&get(&format!("{good}&state={state}")), host, ""),
        ),
        (
            "a prefix of the state",
            request(&get(&good[..good.len() - 1]), host, ""),
        ),
        (
            "another path",
            request(&get(&good.replace("/callback", "/")), host, ""),
        ),
        (
            "a longer path",
            request(&get(&good.replace("/callback", "/callback/")), host, ""),
        ),
        (
            "an encoded path",
            request(&get(&good.replace("/callback", "/%63allback")), host, ""),
        ),
        (
            "upper case",
            request(&get(&good.replace("/callback", "/Callback")), host, ""),
        ),
        (
            "the whole address",
            request(&get(&format!("http://{host}{good}")), host, ""),
        ),
        ("POST", request(&format!("POST {good} HTTP/1.1"), host, "")),
        ("HEAD", request(&format!("HEAD {good} HTTP/1.1"), host, "")),
        (
            "OPTIONS",
            request(&format!("OPTIONS {good} HTTP/1.1"), host, ""),
        ),
        ("DNS rebinding", request(&get(&good), "evil.test", "")),
        ("another port", request(&get(&good), "127.0.0.1:1", "")),
        (
            "another name",
            request(&get(&good), &host.replace("127.0.0.1", "localhost"), ""),
        ),
        (
            "two hosts",
            request(&get(&good), host, "Host: evil.test\r\n"),
        ),
        ("no host", format!("{}\r\n\r\n", get(&good)).into_bytes()),
        (
            "an image",
            request(
                &get(&good),
                host,
                "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
            ),
        ),
        (
            "a frame",
            request(
                &get(&good),
                host,
                "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
            ),
        ),
        (
            "fetch",
            request(
                &get(&good),
                host,
                "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n",
            ),
        ),
        ("no HTTP", b"\x16\x03\x01\x02\x00\r\n\r\n".to_vec()),
        (
            "too many headers",
            request(&get(&good), host, &"a: b\r\n".repeat(200)),
        ),
        (
            "too much",
            request(&get(&format!("{good}&x={}", "x".repeat(100_000))), host, ""),
        ),
    ]
}

#[test]
fn only_the_browsers_return_counts_and_everything_else_gets_an_empty_404() {
    let tenant = tenant().start();
    let mut login = begin(&tenant, &[]);
    let uri = login.redirect_uri();
    let host = format!("127.0.0.1:{}", uri.port().unwrap());
    for (name, request) in no_returns(&host, &login.state()) {
        let page = send(&uri, &request);
        // What is too long may be answered before it was read.
        let may_be_cut = page.status == 0 && name == "too much";
        assert!(page.status == 404 || may_be_cut, "{name}: {page:?}");
        assert_eq!(page.body, "", "{name}");
        assert!(!page.head.contains("stolen"), "{name}");
        assert!(login.waits(), "{name} ended the login");
    }
    assert_eq!(tenant.requests_to(TOKEN).len(), 0);
    let ended = login.finish();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
}

#[test]
fn clients_that_only_wait_cannot_keep_the_browser_out() {
    let tenant = tenant().start();
    let login = begin(&tenant, &[]);
    let uri = login.redirect_uri();
    let mut idle = Vec::new();
    for number in 0..300 {
        let mut stream = connect(&uri);
        if number % 2 == 0 {
            stream.write_all(b"GET /callback?code=").ok();
        }
        idle.push(stream);
    }
    let started = Instant::now();
    let ended = login.finish();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // A connection that only waits has ten seconds.
    assert!(started.elapsed() < Duration::from_secs(9));
}

#[test]
fn a_second_return_is_none_of_this_login() {
    let tenant = tenant().delay(TOKEN, Duration::from_millis(300)).start();
    let mut login = begin(&tenant, &[]);
    let target = login.sign_in();
    let mut held = connect(&target);
    assert_eq!(visit(&target).status, 200);
    assert!(login.waits());
    let second = format!(
        "GET /callback?{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        login.return_with(&[("code", "mallorys")]).query().unwrap(),
        target.port().unwrap()
    );
    held.write_all(second.as_bytes()).unwrap();
    assert_eq!(read_page(&mut held).status, 404);
    drop(held);
    assert_eq!(login.end().code, Some(0));
    let codes: Vec<_> = tenant
        .requests_to(TOKEN)
        .iter()
        .map(|one| one.field("code"))
        .collect();
    assert!(
        codes.len() == 1 && codes[0].as_deref() != Some("mallorys"),
        "{codes:?}"
    );
}

#[test]
fn the_last_page_repeats_nothing_and_is_neither_kept_nor_framed() {
    let tenant = tenant().start();
    let login = begin(&tenant, &[]);
    let target = login.sign_in();
    let page = visit(&target);
    login.end();
    for (_, value) in target.query_pairs() {
        assert!(
            !page.body.contains(&*value) && !page.head.contains(&*value),
            "{value}"
        );
    }
    for header in [
        "cache-control: no-store",
        "x-frame-options: DENY",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "frame-ancestors 'none'",
    ] {
        assert!(page.head.contains(header), "{header}: {}", page.head);
    }
    assert!(
        !page.body.contains("<script") && page.body.contains("terminal"),
        "{}",
        page.body
    );
}

#[test]
fn a_port_that_another_program_has_is_reported_before_anything_is_sent() {
    let tenant = tenant().start();
    for address in ["127.0.0.1:0", "0.0.0.0:0"] {
        let taken = TcpListener::bind(address).unwrap();
        let port = taken.local_addr().unwrap().port();
        let uri = format!("http://127.0.0.1:{port}/callback");
        padlock_at(&tenant)
            .args(["login", "--browser", "--no-open", "--redirect-uri", &uri])
            .assert()
            .code(2)
            .stdout("")
            .stderr(
                says(&port.to_string())
                    .and(says("--redirect-uri"))
                    .and(says("/authorize").not()),
            );
        assert_eq!(tenant.requests_to("/authorize").len(), 0);
    }
}

#[test]
fn two_logins_never_share_a_port() {
    let tenant = tenant().start();
    let mut first = begin(&tenant, &[]);
    let uri = first.redirect_uri();
    padlock_at(&tenant)
        .args([
            "login",
            "--browser",
            "--no-open",
            "--redirect-uri",
            uri.as_str(),
        ])
        .assert()
        .code(2);
    assert!(first.waits());
    assert_eq!(first.finish().code, Some(0));
}

#[test]
fn the_next_login_can_use_the_same_port_at_once() {
    let tenant = tenant().start();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let uri = format!("http://127.0.0.1:{free}/callback");
    for _ in 0..3 {
        let login = ["login", "--browser", "--no-open", "--redirect-uri", &uri];
        let login = start(process_at(&tenant, &login));
        let redirect = login.redirect_uri();
        let mut idle = connect(&redirect);
        idle.write_all(b"GET").unwrap();
        assert_eq!(send(&redirect, b"GET / HTTP/1.1\r\n\r\n").status, 404);
        assert_eq!(login.finish().code, Some(0));
    }
}

#[test]
fn padlock_listens_at_the_redirect_uris_own_address_only() {
    let tenant = tenant().start();
    let login = begin(&tenant, &[]);
    let port = login.redirect_uri().port().unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.2", port)).is_err());
    assert!(std::net::TcpStream::connect(("::1", port)).is_err());
}

#[test]
fn localhost_is_every_address_that_a_browser_may_take() {
    let tenant = Tenant::builder()
        .ignores_loopback_port()
        .callbacks(&["http://localhost/back"])
        .start();
    let uri = "http://localhost:0/back";
    let login = ["login", "--browser", "--no-open", "--redirect-uri", uri];
    let login = start(process_at(&tenant, &login));
    let redirect = login.redirect_uri();
    let v4 = Url::parse(&redirect.as_str().replace("localhost", "127.0.0.1")).unwrap();
    let v6 = Url::parse(&redirect.as_str().replace("localhost", "[::1]")).unwrap();
    assert_eq!(send(&v4, b"GET / HTTP/1.1\r\n\r\n").status, 404);
    if TcpListener::bind("[::1]:0").is_ok() {
        assert_eq!(send(&v6, b"GET / HTTP/1.1\r\n\r\n").status, 404);
    }
    assert_eq!(login.finish().code, Some(0));
}
