//! Everything that a network and a server can do wrong: each time the documented exit, a message that helps, an end in
//! time, and the password sent as often as promised and no more. The table that came out is kept as `faults.md` in
//! the folder for temporary files below `target`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::{Value, json};

use crate::program::login_at;
use crate::tenant::{
    CLIENT_SECRET, Certificate, ConnectionFault, Fault, JWKS, RetryAfter, TOKEN, Tenant,
    TenantOptions, USER_PASSWORD, error_responses, jwks_with_rsa_keys, jwks_with_small_keys,
};

/// What a run may take beyond its time-out: the start of a process on a machine that is busy with tests.
const START: Duration = Duration::from_secs(2);

/// A tenant that fails, and what comes of it.
struct Row {
    name: String,
    tenant: TenantOptions,
    /// Seconds.
    timeout: f64,
    class: &'static str,
    says: &'static str,
    passwords: usize,
}

impl Row {
    fn new(name: &str, tenant: TenantOptions) -> Self {
        Self {
            name: name.to_owned(),
            tenant,
            timeout: 10.0,
            class: "bad_answer",
            says: "",
            passwords: 1,
        }
    }

    /// The token endpoint fails.
    fn token(name: &str, fault: Fault) -> Self {
        Self::new(name, Tenant::builder().fault(TOKEN, fault))
    }

    /// The key set fails, and the token endpoint does not.
    fn keys(name: &str, fault: Fault) -> Self {
        Self::new(name, Tenant::builder().fault(JWKS, fault))
    }

    /// The connection fails, so that no password is sent.
    fn connection(name: &str, tenant: TenantOptions) -> Self {
        Self::new(name, tenant)
            .ends("unreachable", "could not be reached")
            .passwords(0)
    }

    fn ends(mut self, class: &'static str, says: &'static str) -> Self {
        (self.class, self.says) = (class, says);
        self
    }

    fn passwords(mut self, passwords: usize) -> Self {
        self.passwords = passwords;
        self
    }

    /// The run ends at its time-out.
    fn late(mut self) -> Self {
        self.timeout = 0.7;
        self.ends("unreachable", "did not answer within 0.7 s")
    }

    fn over_tls(mut self) -> Self {
        self.name += ", over TLS";
        self.tenant = self.tenant.tls();
        self
    }
}

/// Faults that do not depend on what lies below HTTP.
fn of_answers() -> Vec<Row> {
    let come_again = |status, when| Fault::RetryAfter { status, when };
    let mut rows = vec![
        Row::token("says nothing", Fault::NoResponse).late(),
        Row::token("drips a byte a second", Fault::drips()).late(),
        Row::token("closes without an answer", Fault::ClosesWithoutResponse)
            .ends("unreachable", "it closed the connection"),
        Row::token("closes mid-body", Fault::ClosesMidBody)
            .ends("unreachable", "gave no whole answer: it closed"),
        Row::token("500", Fault::Status(500)).ends("unreachable", "status 500"),
        Row::token("502", Fault::Status(502)).ends("unreachable", "status 502"),
        Row::token("503", Fault::Status(503)).ends("unreachable", "status 503"),
        Row::token(
            "500, Retry-After: 0",
            come_again(500, RetryAfter::Seconds(0)),
        )
        .ends("unreachable", "status 500"),
        Row::token(
            "502, Retry-After: 0",
            come_again(502, RetryAfter::Seconds(0)),
        )
        .ends("unreachable", "status 502"),
        Row::token(
            "503, Retry-After: 0",
            come_again(503, RetryAfter::Seconds(0)),
        )
        .ends("unreachable", "status 503")
        .passwords(3),
        Row::token(
            "503, Retry-After: an hour",
            come_again(503, RetryAfter::Seconds(3600)),
        )
        .ends("unreachable", "status 503"),
        Row::token("429", Fault::Status(429)).ends("throttled", "too many requests"),
        Row::token(
            "429, Retry-After: a date",
            come_again(429, RetryAfter::Date(0)),
        )
        .ends("throttled", "too many requests")
        .passwords(3),
        Row::token(
            "429, x-ratelimit-reset",
            come_again(429, RetryAfter::Reset(0)),
        )
        .ends("throttled", "too many requests")
        .passwords(3),
        Row::token(
            "429, reset in an hour",
            come_again(429, RetryAfter::Reset(3600)),
        )
        .ends("throttled", "too many requests"),
        Row::token(
            "429, too_many_attempts",
            Fault::Responds(error_responses::too_many_attempts().retry_after("0")),
        )
        .ends("throttled", "blocked after too many attempts"),
        Row::token("a page of HTML", Fault::Html).ends("bad_answer", "not a JSON object"),
        Row::token("empty body", Fault::EmptyBody).ends("bad_answer", "not a JSON object"),
        Row::token("truncated JSON", Fault::TruncatedBody).ends("bad_answer", "not JSON"),
        Row::token("JSON of the wrong shape", Fault::WrongShape).ends("bad_answer", "wrong type"),
        Row::token("100 MiB", Fault::huge_body()).ends("bad_answer", "longer than 1 MiB"),
        Row::token("gzip bomb", Fault::GzipBomb).ends("bad_answer", "is no token answer"),
        Row::token("Content-Type: text/plain", Fault::WrongContentType).ends("done", ""),
        Row::token("Content-Length too short", Fault::ContentLengthTooShort),
        Row::token("headers of a megabyte", Fault::HugeHeaders)
            .ends("bad_answer", "not proper HTTP"),
        Row::token("invalid UTF-8", Fault::InvalidUtf8).ends("bad_answer", "not UTF-8"),
        Row::token("Content-Length too long", Fault::ContentLengthTooLong).late(),
        Row::keys("keys: say nothing", Fault::NoResponse).late(),
        Row::keys("keys: 500", Fault::Status(500)).ends("unreachable", "status 500"),
        Row::keys("keys: 429", Fault::Status(429)).ends("throttled", "status 429"),
        Row::keys(
            "keys: 429, Retry-After: an hour",
            come_again(429, RetryAfter::Seconds(3600)),
        )
        .ends("throttled", "status 429"),
        Row::keys("keys: 404", Fault::Status(404)).ends("bad_answer", "status 404"),
        Row::keys("keys: HTML", Fault::Html).ends("bad_answer", "key set"),
        Row::keys("keys: closed mid-body", Fault::ClosesMidBody)
            .ends("unreachable", "gave no whole answer: it closed"),
        Row::new(
            "keys: 503 once, Retry-After: 0",
            Tenant::builder().fault_first(1, JWKS, come_again(503, RetryAfter::Seconds(0))),
        )
        .ends("done", ""),
        Row::new(
            "10,000 keys in 1 MiB",
            Tenant::builder().jwks(jwks_with_small_keys(10_000)),
        )
        .ends("done", ""),
        Row::new(
            "10,000 keys in 4 MiB",
            Tenant::builder().jwks(jwks_with_rsa_keys(10_000)),
        )
        .ends("bad_answer", "longer than 1 MiB"),
        Row::new(
            "keys that change between requests",
            Tenant::builder().jwks_sequence([json!({ "keys": [] })]),
        )
        .ends("untrusted_token", "not to be trusted"),
    ];
    rows.extend([301, 302, 303, 307, 308].map(|status| {
        let to = "http://thief.percy.test/".to_owned();
        Row::token(
            &format!("redirect {status}"),
            Fault::Redirects { status, to },
        )
        .ends("bad_answer", "redirects to")
    }));
    rows
}

/// Faults of the connection, and of TLS.
fn of_connections() -> Vec<Row> {
    use ConnectionFault as Of;
    let plain = |fault| Tenant::builder().connection_fault(fault);
    let tls = |fault| plain(fault).tls();
    let certified = |kind| Tenant::builder().certificate(kind);
    vec![
        Row::connection("refuses connections", plain(Of::Refuses))
            .ends("unreachable", "connection refused"),
        Row::connection("accepts and says nothing", plain(Of::Silent)).late(),
        Row::connection("accepts and says nothing, over TLS", tls(Of::Silent)).late(),
        Row::connection("closes at once", plain(Of::ClosesImmediately))
            .ends("unreachable", "closed the connection"),
        Row::connection("closes at once, over TLS", tls(Of::ClosesImmediately))
            .ends("unreachable", "before TLS was set up"),
        Row::connection(
            "closes after the first bytes, over TLS",
            tls(Of::ClosesAfterFirstBytes),
        )
        .ends("unreachable", "before TLS was set up"),
        Row::connection("speaks SSH", plain(Of::SpeaksSsh)).ends("bad_answer", "not proper HTTP"),
        Row::connection("speaks SSH instead of TLS", tls(Of::SpeaksSsh))
            .ends("unreachable", "does not speak TLS"),
        Row::connection("speaks HTTP instead of TLS", tls(Of::SpeaksPlainHttp))
            .ends("unreachable", "does not speak TLS"),
        Row::connection("speaks TLS 1.1", tls(Of::SpeaksTls11))
            .ends("unreachable", "no version of TLS suits"),
        Row::connection("refuses TLS 1.2", tls(Of::AlertsProtocolVersion))
            .ends("unreachable", "no version of TLS suits"),
        Row::connection("expired certificate", certified(Certificate::Expired))
            .ends("unreachable", "expired on"),
        Row::connection(
            "certificate of tomorrow",
            certified(Certificate::NotYetValid),
        )
        .ends("unreachable", "not valid before"),
        Row::connection(
            "certificate for another name",
            certified(Certificate::WrongName),
        )
        .ends("unreachable", "is for another name: other.percy.test"),
        Row::connection(
            "self-signed certificate",
            certified(Certificate::SelfSigned),
        )
        .ends("unreachable", "unknown issuer"),
        Row::connection(
            "certificate of an unknown root",
            certified(Certificate::UnknownRoot),
        )
        .ends("unreachable", "unknown issuer"),
        Row::new(
            "a connection that fails twice",
            tls(Of::Refuses).connection_fault_first(2, Of::ClosesImmediately),
        )
        .ends("done", ""),
        Row::new("TLS 1.2", Tenant::builder().tls().only_tls_1_2()).ends("done", ""),
        Row::new("HTTP/1.1 over TLS", Tenant::builder().tls().only_http_1()).ends("done", ""),
    ]
}

#[test]
fn whatever_goes_wrong_ends_in_time_with_words_and_without_another_password() {
    let rows: Vec<Row> = of_answers()
        .into_iter()
        .chain(of_answers().into_iter().map(Row::over_tls))
        .chain(of_connections())
        .collect();
    let outcomes: Vec<Result<String, String>> = in_parallel(rows);
    let mut table =
        "| fault | exit | class | time s | requests | passwords | told |\n|---|---|---|---|---|---|---|\n".to_owned();
    table.extend(outcomes.iter().flatten().map(|line| format!("{line}\n")));
    fs::write(
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults.md"),
        table,
    )
    .expect("a folder below target");
    let wrong: String = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .fold(String::new(), |mut all, one| {
            writeln!(all, "{one}").ok();
            all
        });
    assert!(wrong.is_empty(), "{wrong}");
}

/// Eight at a time: most of them wait.
fn in_parallel(rows: Vec<Row>) -> Vec<Result<String, String>> {
    let mut rows = rows.into_iter().peekable();
    let mut outcomes = Vec::new();
    while rows.peek().is_some() {
        let running: Vec<_> = rows
            .by_ref()
            .take(8)
            .map(|row| thread::spawn(move || played(row)))
            .collect();
        outcomes.extend(
            running
                .into_iter()
                .map(|row| row.join().expect("a row does not panic")),
        );
    }
    outcomes
}

/// Plays one row: its line for the table, or what is wrong.
fn played(row: Row) -> Result<String, String> {
    let tenant = row.tenant.start();
    let mut login = login_at(&tenant);
    login.args([
        "--error-format",
        "json",
        "--timeout",
        &row.timeout.to_string(),
    ]);
    let started = Instant::now();
    let output = login.output().expect("padlock starts");
    let time = started.elapsed();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let error: Value = serde_json::from_str(&stderr).unwrap_or_default();
    let error = &error["error"];
    let class = error["class"].as_str().unwrap_or("done");
    let message = error["message"].as_str().unwrap_or_default();
    let hint = error["hint"].as_str().unwrap_or_default();
    let (exit, requests, passwords) = (
        output.status.code().unwrap_or(-1),
        tenant.requests().len(),
        tenant.passwords_received(),
    );
    let wrong = [
        (class != row.class, "another class"),
        (!message.contains(row.says), "other words"),
        (
            class != "done" && hint.is_empty() && class != "untrusted_token",
            "no hint",
        ),
        (passwords != row.passwords, "another number of passwords"),
        (
            time > Duration::from_secs_f64(row.timeout) + START,
            "too late",
        ),
        (
            (exit == 0) == stdout.is_empty(),
            "a result after a failure, or none",
        ),
        (
            [&stdout, &stderr]
                .iter()
                .any(|text| text.contains(USER_PASSWORD) || text.contains(CLIENT_SECRET)),
            "a secret",
        ),
    ];
    let seconds = time.as_secs_f64();
    let line = format!(
        "| {} | {exit} | {class} | {seconds:.2} | {requests} | {passwords} | {message} |",
        row.name
    );
    match wrong.iter().find(|(is_wrong, _)| *is_wrong) {
        None => Ok(line.replace(
            tenant
                .url()
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default(),
            "HOST",
        )),
        Some((_, what)) => Err(format!("{what}: {line} {hint}")),
    }
}
