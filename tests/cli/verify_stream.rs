//! `padlock verify` as a filter: in order, without delay, in bounded memory.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::verify_many::{process, token, verdicts};
use crate::program::access_token_of;
use crate::tenant::{JWKS, Tenant};

/// A process that trusts a tenant, whose keys it has to fetch.
fn trusting(tenant: &Tenant) -> Command {
    let mut process = Command::new(crate::program::program());
    process
        .env_clear()
        .env("XDG_CACHE_HOME", "/dev/null")
        .args(["verify", "--any-audience", "--issuer", &tenant.issuer()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    process
}

#[test]
fn verdicts_on_thousands_of_lines_keep_their_order() {
    let token = token();
    let lines: Vec<&str> = (0..20_000)
        .map(|n| if n % 7 == 3 { "opaque" } else { &token })
        .collect();
    let (exit, verdicts) = verdicts(&[], lines.join("\n").into_bytes());
    assert_eq!((exit, verdicts.len()), (8, 20_000));
    for (index, verdict) in verdicts.iter().enumerate() {
        assert_eq!(verdict["line"], index + 1);
        assert_eq!(verdict["valid"], index % 7 != 3);
    }
}

#[test]
fn a_verdict_is_written_as_soon_as_its_line_is_read() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    // Without --stream, the first verdict waits for the second line.
    for (flags, first) in [(&["--stream"][..], 1), (&[], 2)] {
        tenant.clear_requests();
        let mut child = trusting(&tenant).args(flags).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut verdict = || lines.next().unwrap().unwrap();
        let text = |number| if number % 3 == 0 { "opaque" } else { &token };
        for number in 1..=7 {
            // Nothing follows the line until its verdict is read.
            writeln!(stdin, "{}", text(number)).unwrap();
            let ready = if number == first {
                1..=first
            } else {
                number..=number
            };
            for number in ready.filter(|_| number >= first) {
                let is_valid = text(number) == token;
                let expected = format!("{{\"line\":{number},\"valid\":{is_valid}");
                let verdict = verdict();
                assert!(verdict.starts_with(&expected), "{verdict}");
            }
        }
        drop(stdin);
        assert_eq!(child.wait().unwrap().code(), Some(8));
        assert_eq!(tenant.requests_to(JWKS).len(), 1, "keys from the network");
    }
}

#[test]
fn a_line_that_is_too_long_is_refused_and_the_next_ones_are_verified() {
    let token = token();
    let text = [
        token.as_bytes(),
        b"\n",
        &vec![b'A'; 50 << 20],
        b"\n",
        token.as_bytes(),
    ]
    .concat();
    let (exit, verdicts) = verdicts(&[], text);
    assert_eq!((exit, verdicts.len()), (8, 3));
    assert!(
        verdicts[1]["reasons"][0]
            .as_str()
            .unwrap()
            .contains("larger than 384 KiB"),
        "{}",
        verdicts[1]
    );
    assert_eq!(
        (&verdicts[0]["valid"], &verdicts[2]["valid"]),
        (&json!(true), &json!(true))
    );
}

#[test]
fn memory_does_not_grow_with_the_number_of_tokens() {
    let token = token();
    let peak = |tokens: usize| {
        let mut child = process().spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let text = format!("{token}\n").repeat(tokens);
        let writer = std::thread::spawn(move || {
            stdin.write_all(text.as_bytes()).unwrap();
            stdin
        });
        for _ in 0..tokens {
            lines.next().unwrap().unwrap();
        }
        // Its standard input is still open, so the process is still running.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        drop(writer.join().unwrap());
        child.wait().unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let (few, many) = (peak(500), peak(20_000));
    assert!(many < few + 4096, "{few} KiB grew to {many} KiB");
}

#[test]
fn bytes_that_are_not_utf_8_get_a_verdict() {
    let (exit, verdicts) = verdicts(&[], b"\xff\xfe\n\xe2\x28\xa1.b.c\n\0\n".to_vec());
    assert_eq!((exit, verdicts.len()), (8, 3));
    assert!(verdicts.iter().all(|verdict| verdict["valid"] == false));
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_run_without_an_error() {
    let token = token();
    let mut child = process().stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    writeln!(stdin, "{token}\n{token}").unwrap();
    lines.read_line(&mut String::new()).unwrap();
    drop(lines);
    // stdin stays open: the run ends at the next verdict that cannot be written, even of an
    // invalid token, which does not count since it was never read.
    writeln!(stdin, "opaque").unwrap();
    let started = Instant::now();
    let status = child.wait().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    let mut error = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut error)
        .unwrap();
    assert_eq!((status.code(), error.as_str()), (Some(0), ""));
    drop(stdin);
}

#[test]
fn an_invalid_token_counts_if_its_verdict_was_read_before_the_pipe_closed() {
    let mut child = process().stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More verdicts than a pipe holds: the reader closes it while they are being written.
    stdin.write_all("opaque\n".repeat(9000).as_bytes()).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("\"valid\":false"));
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(8));
}
