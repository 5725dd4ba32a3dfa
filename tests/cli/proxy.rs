//! Proxies, as the environment configures them.

use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, login_at, says};
use crate::tenant::Tenant;

/// A proxy that opens tunnels (RFC 9110 §9.3.6) or refuses to, and records its requests.
struct Proxy {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Responds to each request with this status; 200 opens the tunnel.
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port").to_string();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || tunnel(stream, status, &log));
            }
        });
        Self { address, requests }
    }

    /// The heads of all requests.
    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panicked").clone()
    }
}

fn tunnel(client: TcpStream, status: u16, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().expect("a stream"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().expect("no thread panicked").push(head);
    let mut client = client;
    drop(write!(
        client,
        "HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n"
    ));
    let Ok(tenant) = TcpStream::connect(target) else {
        return;
    };
    if status == 200 {
        relay(client, tenant, &mut reader);
    }
}

/// Serves one client as a SOCKS 5 proxy without authentication (RFC 1928). Returns the type of the
/// address that it was asked to connect to.
fn socks(listener: &TcpListener, tenant: &Tenant) -> u8 {
    let (mut client, _) = listener.accept().expect("a client");
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).expect("a greeting");
    client
        .read_exact(&mut vec![0; greeting[1].into()])
        .expect("its methods");
    client.write_all(&[5, 0]).expect("a client that reads");
    let mut request = [0; 10];
    client
        .read_exact(&mut request)
        .expect("a request for an address of four bytes");
    client
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .expect("a client that reads");
    let address = tenant
        .url()
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let mut reader = client.try_clone().expect("a stream");
    let stream = TcpStream::connect(address).expect("the tenant");
    thread::spawn(move || relay(client, stream, &mut reader));
    request[3]
}

fn relay(client: TcpStream, tenant: TcpStream, from_client: &mut impl Read) {
    let (mut to_tenant, mut to_client) = (tenant.try_clone().expect("a stream"), client);
    thread::spawn(move || {
        let mut tenant = tenant;
        drop(copy(&mut tenant, &mut to_client));
        drop(to_client.shutdown(Shutdown::Both));
    });
    drop(copy(from_client, &mut to_tenant));
    drop(to_tenant.shutdown(Shutdown::Both));
}

#[test]
fn a_proxy_can_be_set_with_any_of_the_usual_variables() {
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
                .requests()
                .iter()
                .all(|head| head.starts_with(&format!("CONNECT {host} "))),
            "{:?}",
            proxy.requests()
        );
        assert!(!proxy.requests().is_empty(), "{name}");
        let without_a_scheme = Proxy::start(200);
        login_at(&tenant)
            .env(name, &without_a_scheme.address)
            .assert()
            .code(0);
        assert!(!without_a_scheme.requests().is_empty(), "{name}");
    }
}

#[test]
fn hosts_in_no_proxy_are_reached_directly() {
    for bypass in ["127.0.0.1", "localhost,127.0.0.0/8", "*"] {
        let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(200));
        login_at(&tenant)
            .env("ALL_PROXY", &proxy.address)
            .env("NO_PROXY", bypass)
            .assert()
            .code(0);
        assert!(proxy.requests().is_empty(), "{bypass}");
    }
}

#[test]
fn proxy_credentials_are_sent_only_to_the_proxy() {
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
        proxy.requests()[0]
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
fn a_proxy_that_refuses_is_named_without_its_password() {
    for (status, words) in [
        (407, "requires a user name and a password"),
        (403, "refused to connect"),
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
            message.contains(&format!(
                "through the proxy {}: the proxy {words}",
                proxy.address
            )),
            "{message}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(tenant.passwords_received(), 0);
    }
}

#[test]
fn an_invalid_proxy_url_is_an_error_that_does_not_repeat_it() {
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
fn plain_http_never_goes_through_a_proxy() {
    let (tenant, proxy) = (Tenant::start(), Proxy::start(200));
    let mut login = login_at(&tenant);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        login.env(name, format!("http://{}", proxy.address));
    }
    login.assert().code(0);
    assert!(proxy.requests().is_empty());
}

#[test]
fn a_socks_proxy_works() {
    let tenant = Tenant::builder().tls().hs256().start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5://{}", listener.local_addr().unwrap());
    thread::scope(|scope| {
        let address_type = scope.spawn(|| socks(&listener, &tenant));
        login_at(&tenant).env("ALL_PROXY", proxy).assert().code(0);
        assert_eq!(address_type.join().unwrap(), 1, "an IPv4 address");
    });
}
