//! Logins at third-party OAuth servers.
//!
//! `PADLOCK_SERVERS` is a folder with a script `NAME/start.sh SCRATCH PORT` for each server, which
//! installs and starts the server and prints `READY ISSUER`. Without the variable, these tests are
//! skipped: the servers are not part of padlock.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods
)]
#![allow(clippy::panic, reason = "a server that does not start fails the test")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

const SECRET: &str = "padlock-loopback-secret-0123456789abcdefghijklmnopqrstuvwxyz";

/// A running server, stopped on drop.
struct Server {
    script: Child,
    issuer: String,
    scratch: PathBuf,
}

impl Server {
    /// Starts a server; None without `PADLOCK_SERVERS`.
    fn start(name: &str, variables: &[(&str, &str)]) -> Option<Self> {
        let Some(folder) = std::env::var_os("PADLOCK_SERVERS") else {
            eprintln!("skipped {name}: PADLOCK_SERVERS is not set");
            return None;
        };
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("servers")
            .join(name);
        std::fs::create_dir_all(&scratch).unwrap();
        let mut process = Process::new(Path::new(&folder).join(name).join("start.sh"));
        process
            .arg(&scratch)
            .arg(free_port().to_string())
            .envs(variables.iter().copied());
        let mut script = process
            .stdout(Stdio::piped())
            .spawn()
            .expect("a start script that runs");
        let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| Some(line.ok()?.strip_prefix("READY ")?.to_owned()));
        let issuer =
            ready.unwrap_or_else(|| panic!("{name} did not start; see {}", scratch.display()));
        // Drain stdout: the script may keep writing to it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            script,
            issuer,
            scratch,
        })
    }

    /// padlock with this server as its Auth0 tenant.
    fn padlock(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_padlock"));
        command.env_clear().current_dir(&self.scratch);
        command
            .env("AUTH0_DOMAIN", &self.issuer)
            .env("AUTH0_CLIENT_ID", "padlock-cli");
        command.env("AUTH0_CLIENT_SECRET", SECRET);
        command
    }

    fn login(&self) -> Command {
        let mut command = self.padlock();
        command.args(["--email", "robin@percy.test", "--password", "pa55word"]);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM lets the script stop its server. sh has `kill` built in; the program may be missing.
        let _ = Process::new("sh")
            .arg("-c")
            .arg(format!("kill {}", self.script.id()))
            .status();
        let _ = self.script.wait();
    }
}

/// A port below 10000, as one of the servers requires.
fn free_port() -> u16 {
    let first = 8100 + u16::try_from(std::process::id() % 1000).unwrap();
    (first..10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

fn claims(login: &mut Command) -> Value {
    let output = login
        .args(["--output", "json"])
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    serde_json::from_slice(&output).unwrap()
}

fn assert_shows_robin(server: &Server, login: impl Fn() -> Command) {
    login()
        .assert()
        .code(0)
        .stdout(contains("Robin Percy").and(contains("auth0|5f7c8ec7c33c6c004bbafe82")))
        .stderr("");
    let claims = claims(&mut login());
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (
            &server.issuer.as_str().into(),
            &"auth0|5f7c8ec7c33c6c004bbafe82".into()
        )
    );
}

fn assert_rejects_wrong_credentials(server: &Server, login: impl Fn() -> Command) {
    let mut wrong = server.padlock();
    for (name, value) in login().get_envs() {
        wrong.env(name, value.unwrap_or_default());
    }
    wrong.args(["--email", "robin@percy.test", "--password", "wrong"]);
    wrong
        .assert()
        .code(3)
        .stdout("")
        .stderr(contains("the e-mail address or the password is wrong"));
    let wrong_secret = "x".repeat(64);
    login()
        .env("AUTH0_CLIENT_SECRET", wrong_secret)
        .assert()
        .code(5)
        .stdout("")
        .stderr(contains("client secret"));
}

#[test]
fn doorkeeper_with_hs256() {
    let Some(server) = Server::start("doorkeeper", &[("ALG", "HS256")]) else {
        return;
    };
    let login = || {
        let mut login = server.login();
        login.env("AUTH0_ALGORITHM", "HS256");
        login
    };
    assert_shows_robin(&server, login);
    assert_rejects_wrong_credentials(&server, login);
    server.login().assert().code(7).stdout("");
    let mut credentials = server.padlock();
    credentials.args([
        "client-credentials",
        "--issuer",
        &server.issuer,
        "--scope",
        "read:things",
        "--output",
        "header",
    ]);
    credentials
        .assert()
        .code(0)
        .stdout(contains("Authorization: Bearer "));
}

#[test]
fn oauth2_mock_server_with_rs256() {
    let Some(server) = Server::start("oauth2-mock-server", &[]) else {
        return;
    };
    assert_shows_robin(&server, || server.login());
    assert_rejects_wrong_credentials(&server, || server.login());
    let mut second_factor = server.padlock();
    second_factor
        .args(["--email", "robin@percy.test", "--password", "mfa"])
        .assert()
        .code(4)
        .stdout("");
    server
        .login()
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(8)
        .stdout("")
        .stderr(contains("AUTH0_ALGORITHM"));
}

#[test]
fn auth0_simulator_over_tls_with_a_private_root() {
    let Some(server) = Server::start("auth0-simulator", &[]) else {
        return;
    };
    let root = server.scratch.join("tls/ca.pem");
    let login = |password: &str| {
        let mut login = server.padlock();
        login.arg("--ca-file").arg(&root).args([
            "--email",
            "robin@percy.test",
            "--password",
            password,
        ]);
        login
    };
    assert_shows_robin(&server, || login("pa55word"));
    login("wrong")
        .assert()
        .code(5)
        .stdout("")
        .stderr(contains("401").and(contains("check the password")));
    server
        .login()
        .assert()
        .code(7)
        .stdout("")
        .stderr(contains("certificate"));
}

#[test]
fn oidc_provider_by_discovery_with_every_algorithm() {
    let Some(server) = Server::start("oidc-provider", &[]) else {
        return;
    };
    for (client, algorithm) in [
        ("", "RS256"),
        ("-hs256", "HS256"),
        ("-es256", "ES256"),
        ("-ps256", "PS256"),
        ("-eddsa", "EdDSA"),
    ] {
        let mut login = server.login();
        login
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", &server.issuer)
            .env("AUTH0_ALGORITHM", algorithm);
        login.env("AUTH0_CLIENT_ID", format!("padlock-cli{client}"));
        assert_eq!(
            claims(&mut login)["aud"],
            format!("padlock-cli{client}"),
            "{algorithm}"
        );
        login
            .env("AUTH0_ALGORITHM", "RS512")
            .assert()
            .code(2)
            .stdout("");
    }
}

/// Keeps a session, renews it twice, and ends it.
fn assert_keeps_a_session(server: &Server, login: impl Fn() -> Command, issuer: &str) {
    let state = server.scratch.join("padlock-state");
    let _ = std::fs::remove_dir_all(&state);
    let mut sign_in = login();
    sign_in
        .args(["--issuer", issuer])
        .env_remove("AUTH0_DOMAIN");
    sign_in.env("XDG_STATE_HOME", &state).arg("--save");
    sign_in
        .assert()
        .code(0)
        .stdout(contains("robin@percy.test"));
    let run = |arguments: &[&str]| {
        let mut run = server.padlock();
        run.env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", issuer)
            .env("XDG_STATE_HOME", &state)
            .args(arguments);
        run
    };
    let token = || {
        let output = run(&["token"]).assert().code(0).stderr("");
        output.get_output().stdout.clone()
    };
    let mut before = token();
    assert_eq!(token(), before);
    for _ in 0..2 {
        let_tokens_expire(&state.join("padlock"));
        let renewed = token();
        assert_ne!(renewed, before);
        before = renewed;
    }
    run(&["status"])
        .assert()
        .code(0)
        .stdout(contains("Renewed"));
    run(&["logout"]).assert().code(0);
    run(&["token"]).assert().code(10);
}

fn let_tokens_expire(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.contains("access_tokens") {
            continue;
        }
        let mut session: Value = serde_json::from_str(&text).unwrap();
        for stored in session["access_tokens"].as_array_mut().unwrap() {
            stored["expires_at"] = 1.into();
        }
        std::fs::write(&path, session.to_string()).unwrap();
    }
}

#[test]
fn sessions_at_oidc_provider() {
    if let Some(server) = Server::start("oidc-provider", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_doorkeeper() {
    if let Some(server) = Server::start("doorkeeper", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_lemonldap_ng() {
    if let Some(server) = Server::start("lemonldap-ng", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_glewlwyd() {
    if let Some(server) = Server::start("glewlwyd", &[]) {
        let document = format!("{}api/oidc/.well-known/openid-configuration", server.issuer);
        let login = || {
            let mut login = server.login();
            login.args(["--discovery-url", &document]);
            login
        };
        assert_keeps_a_session(&server, login, &server.issuer);
    }
}
