//! A `padlock verify` whose standard input stays open.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::tenant::Tenant;

/// `padlock verify` that trusts a tenant, with a stream of tokens that stays open.
pub(crate) struct Stream {
    process: Child,
    stdin: ChildStdin,
    verdicts: Lines<BufReader<ChildStdout>>,
}

impl Stream {
    /// Starts it; this token is valid.
    pub(crate) fn open(tenant: &Tenant, flags: &[&str], token: &str) -> Self {
        let mut process = Command::new(crate::program::program());
        process
            .env_clear()
            .env("XDG_CACHE_HOME", "/dev/null")
            .envs(tenant.settings());
        process
            .args(["verify", "--any-audience", "--issuer", &tenant.issuer()])
            .args(flags);
        let mut process = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = process.stdin.take().unwrap();
        let mut verdicts = BufReader::new(process.stdout.take().unwrap()).lines();
        // With a second line it is a stream.
        write!(stdin, "{token}\n{token}\n").unwrap();
        for _ in 0..2 {
            assert!(verdicts.next().unwrap().unwrap().contains("\"valid\":true"));
        }
        Self {
            process,
            stdin,
            verdicts,
        }
    }

    pub(crate) fn verdict(&mut self, token: &str) -> Value {
        serde_json::from_str(&self.last_verdict(token).unwrap()).unwrap()
    }

    /// The verdict, or `None` if the run has ended.
    pub(crate) fn last_verdict(&mut self, token: &str) -> Option<String> {
        writeln!(self.stdin, "{token}").unwrap();
        self.verdicts.next().map(Result::unwrap)
    }

    pub(crate) fn exit(mut self) -> Option<i32> {
        drop(self.stdin);
        self.process.wait().unwrap().code()
    }
}
