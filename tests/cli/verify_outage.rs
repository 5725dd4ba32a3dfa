//! What an outage costs a stream of tokens: the lines that need what is out, and no others.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::program::{access_token_of, program, verify_at};
use crate::tenant::{Fault, JWKS, Response, Signing, Tenant};

/// `padlock verify` that trusts these issuers and keeps its standard input open.
fn verify(issuers: &[&str], flags: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .env_clear()
        .env("XDG_CACHE_HOME", "/dev/null")
        .args(["verify", "--any-audience"]);
    for issuer in issuers {
        command.args(["--issuer", issuer]);
    }
    command
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The verdicts on these lines, the exit code and stderr.
fn run(mut command: Command, lines: &[&str]) -> (Vec<Value>, Option<i32>, String) {
    let mut child = command.spawn().unwrap();
    let input = lines.join("\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let verdicts = String::from_utf8(output.stdout).unwrap();
    let verdicts = verdicts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let stderr = String::from_utf8(output.stderr).unwrap();
    (verdicts.collect(), output.status.code(), stderr)
}

fn unknown_kid() -> String {
    access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unknown_kid())
            .start(),
    )
}

#[test]
fn an_issuer_that_cannot_be_reached_costs_only_its_own_lines() {
    let (up, down) = (Tenant::start(), Tenant::start());
    let (good, lost) = (access_token_of(&up), access_token_of(&down));
    let issuer = down.issuer();
    drop(down);
    let (verdicts, exit, stderr) = run(
        verify(&[&up.issuer(), &issuer], &[]),
        &[&good, &lost, "opaque", &lost, &good],
    );
    let valid: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["valid"]).collect();
    assert_eq!(valid, [true, false, false, false, true]);
    assert_eq!(verdicts[1]["class"], "unreachable");
    assert_eq!(verdicts[2]["class"], "untrusted_token");
    assert_eq!(exit, Some(7));
    assert!(
        stderr.starts_with("padlock: 2 of 5 tokens could not be verified; 1 failed verification: "),
        "{stderr}"
    );
}

#[test]
fn keys_at_hand_are_used_although_newer_ones_cannot_be_fetched() {
    let cache = tempfile::tempdir().unwrap();
    let tenant = Tenant::builder().cache_control("max-age=600").start();
    let (good, unknown) = (access_token_of(&tenant), unknown_kid());
    let mut first = verify_at(&tenant);
    first
        .env("XDG_CACHE_HOME", cache.path())
        .arg(&good)
        .assert()
        .code(0);
    tenant.change(|options| options.fault(JWKS, Fault::Status(503)));
    tenant.clear_requests();
    let mut command = verify(&[&tenant.issuer()], &[]);
    command.env("XDG_CACHE_HOME", cache.path());
    let mut lines = vec![good.as_str(), &unknown, &good];
    lines.extend([unknown.as_str(); 20]);
    lines.push(&good);
    let (verdicts, exit, _) = run(command, &lines);
    for (line, verdict) in lines.iter().zip(&verdicts) {
        assert_eq!(verdict["valid"], json!(*line == good), "{verdict}");
    }
    assert_eq!(verdicts[1]["class"], "unreachable");
    assert_eq!((verdicts.len(), exit), (lines.len(), Some(7)));
    assert_eq!(tenant.requests_to(JWKS).len(), 1, "one fetch for all");
}

#[test]
fn keys_at_hand_are_used_however_the_fetch_of_newer_ones_fails() {
    for fault in [
        Fault::Status(429),
        Fault::NoResponse,
        Fault::ClosesWithoutResponse,
        Fault::Html,
    ] {
        let cache = tempfile::tempdir().unwrap();
        let tenant = Tenant::builder().cache_control("max-age=600").start();
        let (good, unknown) = (access_token_of(&tenant), unknown_kid());
        let mut first = verify_at(&tenant);
        first.env("XDG_CACHE_HOME", cache.path()).arg(&good);
        first.assert().code(0);
        tenant.change(|options| options.fault(JWKS, fault));
        let mut command = verify(&[&tenant.issuer()], &["--timeout", "1"]);
        command.env("XDG_CACHE_HOME", cache.path());
        let (verdicts, exit, _) = run(command, &[&unknown, &good, &unknown, &good]);
        let valid: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["valid"]).collect();
        assert_eq!(valid, [false, true, false, true]);
        assert_eq!(verdicts[0]["class"], verdicts[2]["class"]);
        assert_ne!(verdicts[0]["class"], "untrusted_token");
        assert_eq!(exit, Some(7));
    }
}

#[test]
fn an_unsigned_line_that_names_an_unreachable_issuer_costs_only_itself() {
    let (up, down) = (Tenant::start(), Tenant::start());
    let good = access_token_of(&up);
    let issuer = down.issuer();
    drop(down);
    let payload = URL_SAFE_NO_PAD.encode(json!({ "iss": issuer }).to_string());
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let issuers = [up.issuer(), issuer];
    let command = verify(&[&issuers[0], &issuers[1]], &[]);
    let (verdicts, exit, _) = run(command, &[&unsigned, &good, &unsigned, &good]);
    let valid: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["valid"]).collect();
    assert_eq!(
        (valid, exit),
        (
            vec![&json!(false), &json!(true), &json!(false), &json!(true)],
            Some(7)
        )
    );
}

#[test]
fn roles_that_cannot_be_had_cost_only_the_lines_that_need_them() {
    let path = |user: &str| format!("/api/v2/users/{user}/roles");
    let role = Response::json(200, &json!([{ "name": "admin" }]));
    let tenant = Tenant::builder()
        .management_scopes(&["read:users"])
        .responds(&path("one"), role.clone())
        .responds(&path("two"), role)
        .fault(&path("lost"), Fault::Status(503))
        .start();
    let token = |user: &str| {
        tenant.change(|options| options.access_token_claim("sub", json!(user)));
        access_token_of(&tenant)
    };
    let (one, lost, two) = (token("one"), token("lost"), token("two"));
    let flags = ["--roles-from-tenant", "--require-role", "admin"];
    let mut command = verify(&[&tenant.issuer()], &flags);
    command.envs(tenant.settings());
    let (verdicts, exit, _) = run(command, &[&lost, &one, "opaque", &lost, &two, &one]);
    let valid: Vec<bool> = verdicts
        .iter()
        .map(|verdict| verdict["valid"] == true)
        .collect();
    assert_eq!(
        valid,
        [false, true, false, false, true, true],
        "{verdicts:?}"
    );
    assert_eq!(verdicts[0]["class"], "unreachable");
    assert_eq!(exit, Some(7));
}

#[test]
fn a_tenant_that_cannot_be_reached_for_roles_is_not_asked_for_each_line() {
    let tenant = Tenant::builder().management_scopes(&["read:users"]);
    let tenant = tenant
        .fault("/api/v2/*", Fault::ClosesWithoutResponse)
        .start();
    let tokens: Vec<String> = (0..30)
        .map(|user| {
            tenant.change(|options| options.access_token_claim("sub", json!(format!("u{user}"))));
            access_token_of(&tenant)
        })
        .collect();
    let lines: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let flags = ["--roles-from-tenant", "--require-role", "admin"];
    let mut command = verify(&[&tenant.issuer()], &flags);
    command.envs(tenant.settings());
    tenant.clear_requests();
    let (verdicts, exit, _) = run(command, &lines);
    assert!(
        verdicts
            .iter()
            .all(|verdict| verdict["class"] == "unreachable"),
        "{verdicts:?}"
    );
    assert_eq!(exit, Some(7));
    let asked = tenant
        .requests()
        .iter()
        .filter(|request| request.route().starts_with("/api/"))
        .count();
    assert!(
        (1..=8).contains(&asked),
        "at most one by each thread: {asked}"
    );
}

#[test]
fn a_known_verdict_does_not_wait_for_the_network_of_a_later_line() {
    let (up, hangs) = (Tenant::start(), Tenant::start());
    let (good, waits) = (access_token_of(&up), access_token_of(&hangs));
    hangs.change(|options| options.fault(JWKS, Fault::NoResponse));
    let issuers = [up.issuer(), hangs.issuer()];
    let mut child = verify(&[&issuers[0], &issuers[1]], &["--timeout", "3600"])
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    write!(stdin, "{good}\n{good}\n{waits}\n").unwrap();
    let stdout = child.stdout.take().unwrap();
    let (sender, verdicts) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    for _ in 0..2 {
        let verdict = verdicts.recv_timeout(Duration::from_secs(20));
        assert!(verdict.is_ok_and(|verdict| verdict.contains("\"valid\":true")));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn with_stream_the_first_line_gets_its_verdict_without_a_second_one() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let mut child = verify(&[&tenant.issuer()], &["--stream"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut verdicts = BufReader::new(child.stdout.take().unwrap()).lines();
    for number in 1..=3 {
        writeln!(stdin, "{token}").unwrap();
        let verdict = verdicts.next().unwrap().unwrap();
        let start = format!("{{\"line\":{number},\"valid\":true,");
        assert!(verdict.starts_with(&start), "{verdict}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
