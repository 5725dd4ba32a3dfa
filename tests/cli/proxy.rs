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
pub(crate) struct Proxy {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Responds to each request with this status; 200 opens the tunnel.
    pub(crate) fn start(status: u16) -> Self {
        Self::with_headers(status, "")
    }

    /// The same, with more lines in the head of each response.
    fn with_headers(status: u16, headers: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port").to_string();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || tunnel(stream, status, headers, &log));
            }
        });
        Self { address, requests }
    }

    /// The heads of all requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panicked").clone()
    }

    /// How often it got a password.
    fn passwords_received(&self) -> usize {
        let heads = self.requests().into_iter();
        let heads = heads.map(|head| head.to_ascii_lowercase());
        heads
            .filter(|head| head.contains("proxy-authorization:"))
            .count()
    }
}

fn tunnel(client: TcpStream, status: u16, headers: &str, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().expect("a stream"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().expect("no thread panicked").push(head);
    let mut client = client;
    drop(write!(
        client,
        "HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n{headers}\r\n"
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
    for (name, bypass) in [
        ("NO_PROXY", "127.0.0.1"),
        ("NO_PROXY", "localhost,127.0.0.0/8"),
        ("NO_PROXY", "*"),
        ("no_proxy", "127.0.0.1"),
        ("no_proxy", "*"),
    ] {
        let (tenant, proxy) = (Tenant::builder().tls().start(), Proxy::start(200));
        login_at(&tenant)
            .env("ALL_PROXY", &proxy.address)
            .env(name, bypass)
            .assert()
            .code(0);
        assert!(proxy.requests().is_empty(), "{name}={bypass}");
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

/// The message and the hint of a login through this proxy, which must fail before the tenant gets a
/// password.
fn failure_through(proxy: &str) -> (String, String, serde_json::Value) {
    let tenant = Tenant::builder().tls().start();
    let error = error_of(login_at(&tenant).env("HTTPS_PROXY", proxy));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&"unreachable".into(), &7.into())
    );
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert_eq!(tenant.requests().len(), 0);
    let text = |name: &str| error[name].as_str().expect("a text").to_owned();
    (text("message"), text("hint"), error["status"].clone())
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    for (status, words) in [
        (407, "refuses the user name or password (status 407)"),
        (403, "refused to connect"),
    ] {
        let proxy = Proxy::start(status);
        let (message, ..) = failure_through(&format!("http://robin:hunter2@{}", proxy.address));
        let expected = format!("through the proxy {}: the proxy {words}", proxy.address);
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_proxys_refused_password_is_tried_once() {
    for headers in ["", "Proxy-Authenticate: Basic realm=\"NTLM\"\r\n"] {
        let proxy = Proxy::with_headers(407, headers);
        let (message, hint, status) =
            failure_through(&format!("http://robin:hunter2@{}", proxy.address));
        assert!(
            message.contains("refuses the user name or password"),
            "{message}"
        );
        assert!(hint.contains("user name and the password"), "{hint}");
        assert_eq!((status, proxy.passwords_received()), (407.into(), 1));
    }
    for status in [403, 502] {
        let proxy = Proxy::start(status);
        failure_through(&format!("http://robin:hunter2@{}", proxy.address));
        assert_eq!(proxy.passwords_received(), 1, "it may mean the password");
    }
}

#[test]
fn a_proxy_that_asks_for_a_password_which_is_not_given_says_so() {
    let proxy = Proxy::with_headers(407, "proxy-authenticate: Negotiate, Basic realm=x\r\n");
    let (message, hint, status) = failure_through(&format!("http://{}", proxy.address));
    assert!(
        message.contains("requires a user name and a password (status 407)"),
        "{message}"
    );
    assert!(hint.contains("HTTPS_PROXY"), "{hint}");
    assert_eq!(status, 407);
}

#[test]
fn a_proxy_that_takes_no_password_is_named_by_the_scheme_that_it_wants() {
    for (headers, schemes) in [
        (
            "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n",
            "Negotiate or NTLM",
        ),
        ("proxy-authenticate: ntlm\r\n", "NTLM"),
        (
            "Proxy-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n",
            "Digest",
        ),
    ] {
        for credentials in ["", "robin:hunter2@"] {
            let proxy = Proxy::with_headers(407, headers);
            let (message, hint, _) =
                failure_through(&format!("http://{credentials}{}", proxy.address));
            let expected = format!("requires {schemes} authentication, which padlock does not");
            assert!(message.contains(&expected), "{message}");
            assert!(hint.contains("cntlm"), "{hint}");
            assert!(proxy.passwords_received() <= 1);
        }
    }
}

/// Accepts connections as a SOCKS 5 proxy and answers the greeting and what follows with these
/// bytes, one answer for each read; then closes the connection. Returns its URL, and how many
/// connections came.
fn socks_that_refuses(answers: &'static [&'static [u8]]) -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let connections = Arc::<Mutex<usize>>::default();
    let count = Arc::clone(&connections);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            *count.lock().expect("no thread panicked") += 1;
            for answer in answers {
                let mut request = [0; 512];
                let read = stream.read(&mut request).unwrap_or_default();
                if read == 0 || stream.write_all(answer).is_err() {
                    break;
                }
            }
        }
    });
    (format!("socks5://robin:hunter2@{address}"), connections)
}

/// What a SOCKS 5 proxy answers, and what is said of it.
const REFUSALS: [(&[&[u8]], &str); 5] = [
    (&[&[5, 2], &[1, 1]], "refuses the user name or password"),
    (&[&[5, 0xff]], "does not accept a user name and a password"),
    (
        &[&[5, 2], &[]],
        "no valid response to the user name and the password",
    ),
    (
        &[&[5, 2], &[1, 0], &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]],
        "connection not allowed",
    ),
    (&[b"HTTP/1.1 400 Bad Request\r\n\r\n"], "no valid response"),
];

#[test]
fn a_socks_proxys_refused_password_is_tried_once() {
    for (answers, words) in REFUSALS {
        let (proxy, connections) = socks_that_refuses(answers);
        let (message, ..) = failure_through(&proxy);
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("invalid response"), "{message}");
        assert_eq!(*connections.lock().unwrap(), 1, "{words}");
    }
}

#[test]
fn a_socks_proxy_without_a_password_can_require_one() {
    let (proxy, _) = socks_that_refuses(&[&[5, 0xff]]);
    let (message, hint, _) = failure_through(&proxy.replace("robin:hunter2@", ""));
    assert!(
        message.contains("requires a user name and a password"),
        "{message}"
    );
    assert!(hint.contains("ALL_PROXY"), "{hint}");
}

#[test]
fn a_proxy_that_cannot_be_reached_is_reported_as_such() {
    let unused = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for scheme in ["http", "socks5"] {
        let (message, hint, _) = failure_through(&format!("{scheme}://robin:hunter2@{unused}"));
        assert!(message.contains("through the proxy"), "{message}");
        assert!(!message.contains("password"), "{message}");
        assert!(hint.contains("NO_PROXY"), "{hint}");
    }
}

#[test]
fn no_proxy_may_name_the_hosts_below_a_domain_and_a_port() {
    for (bypass, is_bypassed) in [
        ("*.corp.invalid", true),
        (".corp.invalid", true),
        ("*.corp.invalid:8443", true),
        ("corp.invalid:443", false),
        ("*.invalid.corp", false),
    ] {
        let (tenant, proxy) = (Tenant::start(), Proxy::start(403));
        login_at(&tenant)
            .env("HTTPS_PROXY", &proxy.address)
            .env("NO_PROXY", bypass)
            .args(["--domain", "login.corp.invalid:8443"])
            .assert()
            .code(7);
        assert_eq!(proxy.requests().is_empty(), is_bypassed, "{bypass}");
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
