//! How a guard ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::harness::{Guard, all_of, command, connect, guard_at, token_of};
use crate::program::program;
use crate::tenant::{AUDIENCE, JWKS, Tenant};

/// A request that keeps its connection.
fn request(token: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n")
}

#[test]
fn sigterm_ends_it_with_success_and_says_so() {
    let guard = guard_at(&Tenant::start(), &[]);
    guard.signal(Signal::TERM);
    let (status, lines) = guard.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        lines.iter().any(|line| line.contains("\"stopping\":true")),
        "{lines:?}"
    );
}

#[test]
fn sigint_ends_it_as_that_signal_does() {
    let guard = guard_at(&Tenant::start(), &[]);
    guard.signal(Signal::INT);
    assert_eq!(guard.end().0.signal(), Some(2));
}

#[test]
fn a_request_that_waits_for_the_first_keys_is_answered_before_the_end() {
    let tenant = Tenant::builder()
        .delay(JWKS, Duration::from_secs(2))
        .start();
    let issuer = tenant.issuer();
    let guard = Guard::starting(&["--issuer", &issuer, "--audience", AUDIENCE]);
    let mut connection = guard.connect();
    let both = request("a b") + &request(&token_of(&tenant, json!({})));
    connection.write(both.as_bytes());
    assert_eq!(connection.answer().status, 401);
    guard.signal(Signal::TERM);
    assert_eq!(connection.answer().status, 200);
    assert!(connection.answers().is_empty());
    assert_eq!(guard.end().0.code(), Some(0));
}

#[test]
fn an_idle_connection_does_not_delay_the_end() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &[]);
    let mut used = guard.connect();
    used.write(request("x").as_bytes());
    assert_eq!(used.answer().status, 401);
    guard.signal(Signal::TERM);
    assert_eq!(guard.end().0.code(), Some(0));
    assert!(used.answers().is_empty());
}

/// A guard whose stderr is read only until it listens, and its address.
fn unread(tenant: &Tenant) -> (Child, BufReader<ChildStderr>, String) {
    let issuer = tenant.issuer();
    let arguments = all_of(&["--issuer", &issuer, "--audience", AUDIENCE]);
    let mut process = command(&program());
    process.args(arguments).stderr(Stdio::piped());
    let mut guard = process.spawn().unwrap();
    let mut stderr = BufReader::new(guard.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let address = line["listening"][0].as_str().unwrap().to_owned();
    (guard, stderr, address)
}

#[test]
fn a_log_that_is_not_read_delays_neither_decisions_nor_the_end() {
    let tenant = Tenant::start();
    let (mut guard, stderr, address) = unread(&tenant);
    let mut connection = connect(&address);
    for _ in 0..6000 {
        connection.write(request("x").as_bytes());
        assert_eq!(connection.answer().status, 401);
    }
    kill_process(Pid::from_child(&guard), Signal::TERM).unwrap();
    assert_eq!(guard.wait().unwrap().code(), Some(0));
    drop(stderr);
}

#[test]
fn lines_that_are_not_read_in_time_are_dropped_and_counted() {
    let tenant = Tenant::start();
    let (mut guard, stderr, address) = unread(&tenant);
    let mut connection = connect(&address);
    let (rounds, each) = (300, 100);
    for _ in 0..rounds {
        connection.write(request("x").repeat(each).as_bytes());
        for _ in 0..each {
            assert_eq!(connection.answer().status, 401);
        }
    }
    let all = (rounds * each) as u64;
    let (mut written, mut dropped) = (0, 0);
    for line in stderr.lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        written += u64::from(line["status"] == 401);
        dropped += line["dropped_lines"].as_u64().unwrap_or_default();
        if written + dropped == all && line["stopping"] != true {
            kill_process(Pid::from_child(&guard), Signal::TERM).unwrap();
        }
    }
    assert_eq!(guard.wait().unwrap().code(), Some(0));
    assert!(dropped > 0);
    assert_eq!(written + dropped, all);
}

#[test]
fn a_log_that_nothing_can_read_ends_no_guard() {
    let tenant = Tenant::start();
    let (mut guard, stderr, address) = unread(&tenant);
    drop(stderr);
    for _ in 0..3 {
        let mut connection = connect(&address);
        connection.write(request(&token_of(&tenant, json!({}))).as_bytes());
        assert_eq!(connection.answer().status, 200);
    }
    kill_process(Pid::from_child(&guard), Signal::TERM).unwrap();
    assert_eq!(guard.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let guard = guard_at(&Tenant::start(), &[]);
    let mut connection = guard.connect();
    connection.write(b"GET / HTTP/1.1\r\n");
    std::thread::sleep(Duration::from_millis(200));
    guard.signal(Signal::TERM);
    guard.until("\"stopping\":true");
    std::thread::sleep(Duration::from_millis(200));
    guard.signal(Signal::TERM);
    assert_eq!(guard.end().0.signal(), Some(15));
}
