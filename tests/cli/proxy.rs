//! The way through a proxy, as the environment asks for it.

use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, login_at, says};
use crate::tenant::Tenant;

/// A proxy that opens tunnels (RFC 9110 §9.3.6) or refuses to, and writes down what it was asked.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Answers each request with this status; 200 opens the tunnel.
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let written = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let written = Arc::clone(&written);
                thread::spawn(move || tunnel(stream, status, &written));
            }
        });
        Self { address, asked }
    }

    /// The heads of all requests.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panicked").clone()
    }
}

fn tunnel(client: TcpStream, status: u16, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().expect("a stream"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no thread panicked").push(head);
    let mut client = client;
    drop(write!(
        client,
        "HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n"
    ));
    let Ok(tenant) = TcpStream::connect(target) else {
        return;
    };
    if status == 200 {
        both_ways(client, tenant, &mut reader);
    }
}

/// Answers one client as a SOCKS 5 proxy without a password does (RFC 1928), and gives what kind of address it was asked for.
fn socks(listener: &TcpListener, tenant: &Tenant) -> u8 {
    let (mut client, _) = listener.accept().expect("a client");
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).expect("a greeting");
    client
        .read_exact(&mut vec![0; greeting[1].into()])
        .expect("its methods");
    client.write_all(&[5, 0]).expect("a client that listens");
    let mut request = [0; 10];
    client
        .read_exact(&mut request)
        .expect("a request for an address of four bytes");
    client
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .expect("a client that listens");
    let address = tenant
        .url()
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let mut reader = client.try_clone().expect("a stream");
    let stream = TcpStream::connect(address).expect("the tenant");
    thread::spawn(move || both_ways(client, stream, &mut reader));
    request[3]
}

fn both_ways(client: TcpStream, tenant: TcpStream, from_client: &mut impl Read) {
    let (mut there, mut back) = (tenant.try_clone().expect("a stream"), client);
    thread::spawn(move || {
        let mut tenant = tenant;
        drop(copy(&mut tenant, &mut back));
        drop(back.shutdown(Shutdown::Both));
    });
    drop(copy(from_client, &mut there));
    drop(there.shutdown(Shutdown::Both));
}

#[test]
fn the_environment_names_the_proxy_in_any_of_its_ways() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(200));
        login_at(&tenant)
            .env(name, format!("http://{}", proxy.address))
            .assert()
            .code(0);
        let host = tenant
            .url()
            .trim_start_matches("https://")
            .trim_end_matches('/');
        assert!(
            proxy
                .asked()
                .iter()
                .all(|head| head.starts_with(&format!("CONNECT {host} "))),
            "{:?}",
            proxy.asked()
        );
        assert!(!proxy.asked().is_empty(), "{name}");
        let without_a_scheme = Proxy::start(200);
        login_at(&tenant)
            .env(name, &without_a_scheme.address)
            .assert()
            .code(0);
        assert!(!without_a_scheme.asked().is_empty(), "{name}");
    }
}

#[test]
fn hosts_that_no_proxy_names_are_reached_directly() {
    for bypass in ["127.0.0.1", "localhost,127.0.0.0/8", "*"] {
        let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(200));
        login_at(&tenant)
            .env("ALL_PROXY", &proxy.address)
            .env("NO_PROXY", bypass)
            .assert()
            .code(0);
        assert!(proxy.asked().is_empty(), "{bypass}");
    }
}

#[test]
fn a_proxys_name_and_password_go_to_the_proxy_and_nowhere_else() {
    let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(200));
    let url = format!("http://robin:hunter2@{}", proxy.address);
    let mut login = login_at(&tenant);
    login
        .env("HTTPS_PROXY", &url)
        .arg("-vv")
        .assert()
        .code(0)
        .stderr(says("hunter2").not());
    let credentials = STANDARD.encode("robin:hunter2");
    assert!(
        proxy.asked()[0]
            .to_lowercase()
            .contains(&format!("proxy-authorization: basic {credentials}").to_lowercase())
    );
    assert!(
        tenant
            .requests()
            .iter()
            .all(|received| received.header("proxy-authorization").is_none())
    );
}

#[test]
fn a_proxy_that_refuses_is_named_and_its_password_is_not() {
    for (status, words) in [
        (407, "wants a user name and a password"),
        (403, "refuses to connect"),
    ] {
        let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(status));
        let mut login = login_at(&tenant);
        let error = error_of(login.env(
            "HTTPS_PROXY",
            format!("http://robin:hunter2@{}", proxy.address),
        ));
        assert_eq!(error["class"], "unreachable");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("through the proxy {}: it {words}", proxy.address)),
            "{message}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(tenant.passwords_received(), 0);
    }
}

#[test]
fn a_proxy_that_is_none_is_an_error_that_does_not_repeat_it() {
    for value in [
        "ftp://robin:hunter2@proxy.test",
        "http://robin:hunter2@",
        "http://robin:hunter2@[",
        "http://",
    ] {
        let tenant = Tenant::builder().tls().start();
        let error = error_of(login_at(&tenant).env("HTTPS_PROXY", value));
        assert_eq!(error["class"], "usage", "{error}");
        assert!(
            error["message"].as_str().unwrap().contains("HTTPS_PROXY"),
            "{error}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(tenant.requests().len(), 0);
    }
}

#[test]
fn plain_http_never_leaves_this_machine_by_a_proxy() {
    let (tenant, proxy) = (Tenant::start(), Proxy::start(200));
    let mut login = login_at(&tenant);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        login.env(name, format!("http://{}", proxy.address));
    }
    login.assert().code(0);
    assert!(proxy.asked().is_empty());
}

#[test]
fn a_socks_proxy_will_do() {
    let tenant = Tenant::builder().tls().hs256().start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5://{}", listener.local_addr().unwrap());
    thread::scope(|scope| {
        let asked = scope.spawn(|| socks(&listener, &tenant));
        login_at(&tenant).env("ALL_PROXY", proxy).assert().code(0);
        assert_eq!(asked.join().unwrap(), 1, "an address of version 4");
    });
}
