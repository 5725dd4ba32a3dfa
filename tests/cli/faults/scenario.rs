//! A login at a tenant that fails, and what must come of it.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::login_at;
use crate::tenant::{CLIENT_SECRET, Fault, JWKS, TOKEN, Tenant, TenantOptions, USER_PASSWORD};

/// What a run may take beyond its timeout: a machine that is busy with tests starts it late.
const START: Duration = Duration::from_secs(2);

/// The class of a login that succeeds, in this table only.
const DONE: &str = "done";

/// A login at a tenant that fails, and what must come of it.
pub(super) struct Scenario {
    name: String,
    tenant: TenantOptions,
    /// In seconds.
    timeout: f64,
    class: &'static str,
    /// A part of the message.
    message: &'static str,
    passwords: usize,
}

impl Scenario {
    pub(super) fn new(name: &str, tenant: TenantOptions) -> Self {
        Self {
            name: name.to_owned(),
            tenant,
            timeout: 10.0,
            class: "bad_answer",
            message: "",
            passwords: 1,
        }
    }

    /// The token endpoint fails.
    pub(super) fn token(name: &str, fault: Fault) -> Self {
        Self::new(name, Tenant::builder().fault(TOKEN, fault))
    }

    /// The key set fails, and the token endpoint does not.
    pub(super) fn keys(name: &str, fault: Fault) -> Self {
        Self::new(
            &format!("keys: {name}"),
            Tenant::builder().fault(JWKS, fault),
        )
    }

    /// The connection fails, so that no password is sent.
    pub(super) fn connection(name: &str, tenant: TenantOptions) -> Self {
        let scenario = Self::new(name, tenant);
        scenario.unreachable("is unreachable").passwords(0)
    }

    pub(super) fn succeeds(self) -> Self {
        self.fails(DONE, "")
    }

    pub(super) fn fails(mut self, class: &'static str, message: &'static str) -> Self {
        (self.class, self.message) = (class, message);
        self
    }

    pub(super) fn unreachable(self, message: &'static str) -> Self {
        self.fails("unreachable", message)
    }

    pub(super) fn throttled(self, message: &'static str) -> Self {
        self.fails("throttled", message)
    }

    pub(super) fn bad_answer(self, message: &'static str) -> Self {
        self.fails("bad_answer", message)
    }

    pub(super) fn passwords(mut self, passwords: usize) -> Self {
        self.passwords = passwords;
        self
    }

    /// The run ends at its timeout.
    pub(super) fn times_out(mut self) -> Self {
        self.timeout = 0.7;
        self.unreachable("did not respond within 0.7 s")
    }

    pub(super) fn over_tls(mut self) -> Self {
        self.name += ", over TLS";
        self.tenant = self.tenant.tls();
        self
    }

    /// Logs in. Returns the scenario's row of the table, or the problem with the result.
    pub(super) fn run(self) -> Result<String, String> {
        let tenant = self.tenant.start();
        let mut login = login_at(&tenant);
        login.args(["--error-format", "json"]);
        login.args(["--timeout", &self.timeout.to_string()]);
        let started = Instant::now();
        let outcome = Outcome::new(&login.output().expect("padlock starts"));
        let time = started.elapsed();
        let passwords = tenant.passwords_received();
        let checks = [
            (outcome.class == self.class, "unexpected class"),
            (outcome.message.contains(self.message), "unexpected message"),
            (outcome.has_the_hint_it_needs(), "no hint"),
            (passwords == self.passwords, "unexpected passwords"),
            (
                time <= Duration::from_secs_f64(self.timeout) + START,
                "too late",
            ),
            (
                outcome.prints_a_result == (outcome.exit == 0),
                "a result of a failure, or none of a success",
            ),
            (!outcome.shows_a_secret, "a secret"),
        ];
        let row = format!(
            "| {} | {} | {} | {:.2} | {} | {passwords} | {} |",
            self.name,
            outcome.exit,
            outcome.class,
            time.as_secs_f64(),
            tenant.requests().len(),
            outcome.message
        );
        let (_, host) = tenant.url().split_once("://").expect("a URL");
        match checks.iter().find(|(is_met, _)| !is_met) {
            None => Ok(row.replace(host.trim_end_matches('/'), "HOST") + "\n"),
            Some((_, problem)) => Err(format!("{problem}: {row} {}", outcome.hint)),
        }
    }
}

/// What a run came to.
struct Outcome {
    exit: i32,
    class: String,
    message: String,
    hint: String,
    prints_a_result: bool,
    shows_a_secret: bool,
}

impl Outcome {
    fn new(output: &Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let json: Value = serde_json::from_str(&stderr).unwrap_or_default();
        let text = |name: &str| json["error"][name].as_str().map(str::to_owned);
        let shows = |secret| stderr.contains(secret) || stdout.contains(secret);
        Self {
            exit: output.status.code().unwrap_or(-1),
            class: text("class").unwrap_or_else(|| DONE.to_owned()),
            message: text("message").unwrap_or_default(),
            hint: text("hint").unwrap_or_default(),
            prints_a_result: !stdout.is_empty(),
            shows_a_secret: shows(USER_PASSWORD) || shows(CLIENT_SECRET),
        }
    }

    /// The violated rules of a token speak for themselves; every other failure needs a hint.
    fn has_the_hint_it_needs(&self) -> bool {
        !self.hint.is_empty() || [DONE, "untrusted_token"].contains(&self.class.as_str())
    }
}
