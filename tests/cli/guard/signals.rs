//! How a guard ends.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::harness::{Guard, guard_at, token_of};
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
