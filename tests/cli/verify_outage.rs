//! What an outage costs a stream of tokens: the lines that need what is out, and no others.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{access_token_of, program, verify_at};
use crate::tenant::{Fault, JWKS, Signing, Tenant};

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
