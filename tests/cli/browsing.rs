//! A login with a browser, in which the test is the browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::program::process_at;
use crate::tenant::{Tenant, TenantOptions};

/// Where padlock listens: at any free port, so that tests run side by side.
pub(crate) const ANY_PORT: &str = "http://127.0.0.1:0/callback";

/// A login that waits for the browser.
pub(crate) struct BrowserLogin {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// Of the login page.
    pub(crate) address: Url,
    /// What padlock wrote to stderr until the address was there.
    pub(crate) announced: String,
}

/// What is left of a login that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What the browser gets.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A tenant that accepts the redirect URI of these tests.
pub(crate) fn tenant() -> TenantOptions {
    Tenant::builder().ignores_loopback_port()
}

/// Starts a login that prints the address.
pub(crate) fn begin(tenant: &Tenant, arguments: &[&str]) -> BrowserLogin {
    let login = [
        "login",
        "--browser",
        "--no-open",
        "--redirect-uri",
        ANY_PORT,
    ];
    start(process_at(tenant, &[&login, arguments].concat()))
}

/// The same, at a provider that is found by discovery.
pub(crate) fn begin_at_issuer(tenant: &Tenant, arguments: &[&str]) -> BrowserLogin {
    let login = [
        "login",
        "--browser",
        "--no-open",
        "--redirect-uri",
        ANY_PORT,
    ];
    let mut process = process_at(tenant, &[&login, arguments].concat());
    process
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    start(process)
}

/// Starts padlock and waits until it says where to sign in.
pub(crate) fn start(mut process: Command) -> BrowserLogin {
    process
        .env("XDG_CACHE_HOME", "/dev/null")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = process.spawn().expect("padlock starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut announced = String::new();
    while !announced.contains("/authorize?") {
        let read = stderr.read_line(&mut announced).expect("a line");
        assert!(read > 0, "padlock ended without an address: {announced}");
    }
    let word = announced
        .split([' ', '\n', '"'])
        .find(|word| word.contains("/authorize?"));
    let address = Url::parse(word.expect("an address")).expect("a URL");
    BrowserLogin {
        child,
        stderr,
        address,
        announced,
    }
}

impl BrowserLogin {
    /// A parameter of the address.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut values = self
            .address
            .query_pairs()
            .filter(|(found, _)| found == name);
        let value = values.next().map(|(_, value)| value.into_owned());
        assert!(values.next().is_none(), "{name} is given twice");
        value
    }

    /// Where the browser returns to.
    pub(crate) fn redirect_uri(&self) -> Url {
        let uri = self.parameter("redirect_uri").expect("a redirect URI");
        Url::parse(&uri).expect("a URL")
    }

    pub(crate) fn state(&self) -> String {
        self.parameter("state").expect("a state")
    }

    /// Signs in at the tenant, whose browser is signed in already; returns where that leads to.
    pub(crate) fn sign_in(&self) -> Url {
        let browser = reqwest::blocking::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let response = browser.get(self.address.clone()).send().expect("a page");
        assert_eq!(response.status(), 302, "{:?}", response.text());
        let location = response.headers()["location"].to_str().expect("text");
        Url::parse(location).expect("a URL")
    }

    /// The address of a return with these parameters and the right state.
    pub(crate) fn return_with(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.redirect_uri();
        url.query_pairs_mut()
            .append_pair("state", &self.state())
            .extend_pairs(parameters);
        url
    }

    /// Signs in and returns to padlock.
    pub(crate) fn finish(self) -> Ended {
        let page = visit(&self.sign_in());
        assert_eq!(page.status, 200, "{page:?}");
        self.end()
    }

    /// Waits for padlock to end.
    pub(crate) fn end(mut self) -> Ended {
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().expect("a pipe");
        pipe.read_to_string(&mut stdout).expect("UTF-8");
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).expect("UTF-8");
        Ended {
            code: self.child.wait().expect("it ends").code(),
            stdout,
            stderr,
        }
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether padlock still waits.
    pub(crate) fn waits(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}

impl Drop for BrowserLogin {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

impl Ended {
    /// The error that it wrote as JSON.
    pub(crate) fn error(&self) -> Value {
        let line = self.stderr.lines().last().expect("a line");
        let error: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(self.stdout, "", "a failed run must not print to stdout");
        assert_eq!(error["error"]["exit"].as_i64(), self.code.map(i64::from));
        error["error"].clone()
    }
}

/// Goes to an address as a browser does.
pub(crate) fn visit(url: &Url) -> Page {
    let query = url
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
    let request = format!(
        "GET {}{query} HTTP/1.1\r\nHost: {host}:{port}\r\nSec-Fetch-Mode: navigate\r\n\
         Sec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        url.path()
    );
    send(url, request.as_bytes())
}

/// Sends bytes to where padlock listens, and reads the response.
pub(crate) fn send(url: &Url, request: &[u8]) -> Page {
    let mut stream = connect(url);
    stream.write_all(request).expect("a connection");
    read_page(&mut stream)
}

pub(crate) fn connect(url: &Url) -> TcpStream {
    let host = url.host_str().expect("a host").trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port().expect("a port"))).expect("a connection");
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("a time limit");
    stream
}

pub(crate) fn read_page(stream: &mut TcpStream) -> Page {
    let mut response = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(read) => response.extend_from_slice(&bytes[..read]),
        }
        // A browser closes when it has everything.
        if is_complete(&response) {
            break;
        }
    }
    let text = String::from_utf8(response).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Page {
        status: status.unwrap_or_default(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn is_complete(response: &[u8]) -> bool {
    let text = String::from_utf8_lossy(response);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}
