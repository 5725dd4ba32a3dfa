//! A running guard, and a client that sends it bytes as they are.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

use crate::program::program;
use crate::tenant::{AUDIENCE, Signing, Tenant, now};

/// A test that hangs fails after this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines that a guard has written to stderr.
#[derive(Default)]
struct Lines {
    lines: Mutex<(Vec<String>, bool)>,
    more: Condvar,
}

impl Lines {
    fn read(&self, stderr: impl Read) {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            self.lines.lock().unwrap().0.push(line);
            self.more.notify_all();
        }
        self.lines.lock().unwrap().1 = true;
        self.more.notify_all();
    }

    /// All lines, once one of them contains the text or no more can follow.
    fn until(&self, text: &str) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let is_missing =
            |lines: &mut (Vec<String>, bool)| !lines.1 && !lines.0.iter().any(|l| l.contains(text));
        let (lines, wait) = self
            .more
            .wait_timeout_while(lines, PATIENCE, is_missing)
            .unwrap();
        assert!(!wait.timed_out(), "no line with {text:?}: {:?}", lines.0);
        lines.0.clone()
    }
}

/// A running guard, which ends with its value.
pub(crate) struct Guard {
    child: Child,
    lines: Arc<Lines>,
    /// Where requests come in, and where `/healthz` is.
    pub(crate) addresses: Vec<String>,
    pub(crate) health: Option<String>,
}

/// Ends the guard when standard input ends.
const SHELL: &str = r#""$0" "$@" </dev/null & cat; kill -KILL $!"#;

impl Guard {
    /// Starts it with an address of its own, and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let guard = Self::starting(arguments);
        guard.until("{\"ready\":true}");
        guard
    }

    /// The same without the wait.
    pub(crate) fn starting(arguments: &[&str]) -> Self {
        Self::of(command(&program()).args(all_of(arguments)))
    }

    /// The same for a static, whose value is never dropped: it ends with the tests.
    pub(crate) fn for_all(arguments: &[&str]) -> Self {
        let mut shell = command("sh");
        shell
            .args(["-c", SHELL, &program()])
            .args(all_of(arguments));
        let guard = Self::of(&mut shell);
        guard.until("{\"ready\":true}");
        guard
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program that starts");
        let (lines, stderr) = (Arc::<Lines>::default(), child.stderr.take().unwrap());
        let reader = Arc::clone(&lines);
        std::thread::spawn(move || reader.read(stderr));
        let listening = lines.until("{\"listening\":");
        let listening = listening.iter().find(|line| line.contains("listening"));
        let listening: Value = serde_json::from_str(listening.expect("it listens")).unwrap();
        let texts = listening["listening"].as_array().unwrap().iter();
        Self {
            addresses: texts.map(|one| one.as_str().unwrap().to_owned()).collect(),
            health: listening["health"].as_str().map(str::to_owned),
            child,
            lines,
        }
    }

    /// All lines of stderr, once one of them contains the text.
    pub(crate) fn until(&self, text: &str) -> Vec<String> {
        let lines = self.lines.until(text);
        assert!(
            lines.iter().any(|line| line.contains(text)),
            "no line with {text:?}: {lines:?}"
        );
        lines
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> Connection {
        connect(&self.addresses[0])
    }

    /// The only response to a request, which has to say `Connection: close`.
    pub(crate) fn ask(&self, request: &[u8]) -> Answer {
        let [answer] = self.send(request).try_into().expect("one response");
        answer
    }

    /// All responses to these bytes, until the guard closes the connection.
    pub(crate) fn send(&self, bytes: &[u8]) -> Vec<Answer> {
        let mut connection = self.connect();
        connection.write(bytes);
        connection.answers()
    }

    /// The same where the client ends the connection.
    pub(crate) fn send_and_end(&self, bytes: &[u8]) -> Vec<Answer> {
        let mut connection = self.connect();
        connection.write(bytes);
        connection.end();
        connection.answers()
    }

    /// What it says to a token at a path.
    pub(crate) fn status(&self, path: &str, token: &str) -> u16 {
        self.ask(&with_token(path, token)).status
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end. Returns how it ended, and all of stderr.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        (status, self.lines.until("no line has this text"))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A program without settings and caches.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("XDG_CACHE_HOME", "/dev/null")
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_STATE_HOME", "/dev/null");
    command
}

/// All arguments, with an address unless these have one.
pub(crate) fn all_of<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let has_address = arguments.iter().any(|one| one.starts_with("--listen"));
    let own: &[&str] = if has_address {
        &[]
    } else {
        &["--listen", "127.0.0.1:0"]
    };
    [&["guard"], own, arguments].concat()
}

trait Stream: Read + Write + Send {
    fn end(&self);
}

impl Stream for TcpStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Write));
    }
}

impl Stream for UnixStream {
    fn end(&self) {
        drop(self.shutdown(Shutdown::Write));
    }
}

/// A connection to a guard.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
}

/// A connection to an address as the guard writes it.
pub(crate) fn connect(address: &str) -> Connection {
    let stream: Box<dyn Stream> = if let Some(path) = address.strip_prefix("unix:") {
        let stream = UnixStream::connect(path).expect("a socket that listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Box::new(stream)
    } else {
        let stream = TcpStream::connect(address).expect("a port that listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Box::new(stream)
    };
    let received = Vec::new();
    Connection { stream, received }
}

impl Connection {
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // The guard may have refused and closed before all is sent.
        drop(self.stream.write_all(bytes));
    }

    /// Sends no more.
    pub(crate) fn end(&self) {
        self.stream.end();
    }

    /// The next response.
    pub(crate) fn answer(&mut self) -> Answer {
        loop {
            if let Some((answer, length)) = Answer::parse(&self.received) {
                self.received.drain(..length);
                return answer;
            }
            let mut buffer = [0; 4096];
            let length = self.stream.read(&mut buffer).expect("a response");
            assert!(length > 0, "the connection ended: {:?}", self.received);
            self.received.extend_from_slice(&buffer[..length]);
        }
    }

    /// All responses until the guard closes the connection.
    pub(crate) fn answers(mut self) -> Vec<Answer> {
        // A close with unread bytes resets the connection.
        drop(self.stream.read_to_end(&mut self.received));
        let mut rest = &self.received[..];
        let mut answers = Vec::new();
        while let Some((answer, length)) = Answer::parse(rest) {
            answers.push(answer);
            rest = &rest[length..];
        }
        assert_eq!(
            String::from_utf8_lossy(rest),
            "",
            "bytes that are no response"
        );
        answers
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
        let mut lines = head.lines().take_while(|line| !line.is_empty());
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let pair = |line: &str| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let answer = Self {
            status,
            headers: lines.map(pair).collect(),
            body: String::new(),
        };
        let length = answer
            .header("content-length")
            .map_or(0, |one| one.parse().unwrap());
        let body = bytes.get(end..end + length)?;
        let body = String::from_utf8(body.to_vec()).expect("a body in UTF-8");
        Some((Self { body, ..answer }, end + length))
    }

    /// The only header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value
    }

    pub(crate) fn challenge(&self) -> &str {
        self.header("www-authenticate").unwrap_or_default()
    }

    /// The class in the body of `--explain`.
    pub(crate) fn class(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["class"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request with these headers, the last on its connection.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(n, v)| format!("{n}: {v}\r\n"))
        .collect();
    let headers = headers.concat();
    format!("GET {path} HTTP/1.1\r\nHost: guard\r\n{headers}Connection: close\r\n\r\n").into_bytes()
}

pub(crate) fn with_token(path: &str, token: &str) -> Vec<u8> {
    get(path, &[("Authorization", &format!("Bearer {token}"))])
}

/// The claims of a valid access token, with these in addition or instead; null removes one.
pub(crate) fn claims_with(issuer: &str, changes: Value) -> Map<String, Value> {
    let claims = json!({
        "iss": issuer, "sub": "auth0|robin", "aud": AUDIENCE, "iat": now(), "exp": now() + 3600,
        "scope": "openid read:orders",
    });
    let Value::Object(mut claims) = claims else {
        unreachable!("an object");
    };
    let Value::Object(changes) = changes else {
        unreachable!("an object");
    };
    for (name, value) in changes {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
    claims
}

/// A token of the issuer with these claims, signed that way.
pub(crate) fn signed(signing: &Signing, issuer: &str, changes: Value) -> String {
    let claims = Value::Object(claims_with(issuer, changes)).to_string();
    signing.sign(&signing.header(), claims.as_bytes())
}

/// An access token of the tenant with these claims.
pub(crate) fn token_of(tenant: &Tenant, changes: Value) -> String {
    signed(&Signing::current_key(), &tenant.issuer(), changes)
}

/// A guard that trusts the tenant.
pub(crate) fn guard_at(tenant: &Tenant, arguments: &[&str]) -> Guard {
    let issuer = tenant.issuer();
    let trust = ["--issuer", &issuer, "--audience", AUDIENCE];
    Guard::start(&[&trust, arguments].concat())
}
