//! A server of others, and padlock that signs in to it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const SECRET: &str = "padlock-loopback-secret-0123456789abcdefghijklmnopqrstuvwxyz";

/// A running server, stopped on drop.
pub(crate) struct Server {
    script: Child,
    pub(crate) issuer: String,
    pub(crate) scratch: PathBuf,
    /// What padlock keeps of it; another server may have the same address later.
    cache: TempDir,
}

impl Server {
    /// Starts a server; None without `PADLOCK_SERVERS`.
    pub(crate) fn start(name: &str, variables: &[(&str, &str)]) -> Option<Self> {
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
            cache: TempDir::new().unwrap(),
        })
    }

    /// padlock with this server as its Auth0 tenant.
    pub(crate) fn padlock(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_padlock"));
        command.env_clear().current_dir(&self.scratch);
        command
            .env("AUTH0_DOMAIN", &self.issuer)
            .env("AUTH0_CLIENT_ID", "padlock-cli");
        command.env("AUTH0_CLIENT_SECRET", SECRET);
        command.env("XDG_CACHE_HOME", self.cache.path());
        command
    }

    pub(crate) fn login(&self) -> Command {
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
pub(crate) fn free_port() -> u16 {
    let first = 8100 + u16::try_from(std::process::id() % 1000).unwrap();
    (first..10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

pub(crate) fn claims(login: &mut Command) -> Value {
    let output = login
        .args(["--output", "json"])
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    serde_json::from_slice(&output).unwrap()
}

pub(crate) fn assert_shows_robin(server: &Server, login: impl Fn() -> Command) {
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

pub(crate) fn assert_rejects_wrong_credentials(server: &Server, login: impl Fn() -> Command) {
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
