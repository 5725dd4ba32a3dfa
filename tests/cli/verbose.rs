//! `-v`: a log of requests, and never a secret.

use predicates::prelude::PredicateBooleanExt;

use crate::program::{login_at, padlock_at, says};
use crate::tenant::{CLIENT_SECRET, EMAIL, Fault, TOKEN, Tenant, USER_PASSWORD, error_responses};

/// What a login writes to stderr.
fn log(tenant: &Tenant, arguments: &[&str]) -> String {
    let output = login_at(tenant).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn v_logs_connections_requests_round_trips_sizes_and_times() {
    let tenant = Tenant::builder().tls().start();
    let log = log(&tenant, &["-v"]);
    let url = tenant.url();
    for line in [
        "padlock: connection 1 opened: 2 round trips, ".to_owned(),
        format!("padlock: POST {url}oauth/token: status 200, "),
        format!("padlock: GET {url}.well-known/jwks.json: status 200, "),
        " bytes, HTTP/2.0, ".to_owned(),
    ] {
        assert!(log.contains(&line), "{line} in {log}");
    }
    assert!(!log.contains("headers"), "{log}");
}

#[test]
fn tls_1_2_takes_another_round_trip() {
    let tenant = Tenant::builder().tls().only_tls_1_2().start();
    assert!(log(&tenant, &["-v"]).contains("connection 1 opened: 3 round trips, "));
}

#[test]
fn vv_adds_the_names_of_headers() {
    let log = log(&Tenant::start(), &["-vv"]);
    assert!(
        log.contains("request headers: accept, content-type"),
        "{log}"
    );
    assert!(
        log.contains("response headers: ") && log.contains("cache-control"),
        "{log}"
    );
}

#[test]
fn no_secret_is_logged_at_any_level() {
    let tenant = Tenant::builder().tls().start();
    let output = login_at(&tenant)
        .args(["-vvv", "--output", "tokens"])
        .output()
        .unwrap();
    let (result, log) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let tokens: serde_json::Value = serde_json::from_str(&result).unwrap();
    let tokens = ["id_token", "access_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
    for secret in [USER_PASSWORD, CLIENT_SECRET, &tokens[0], &tokens[1]] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn with_json_errors_nothing_else_is_written_to_stderr() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", "wrong", "-v"]);
    assert_eq!(
        crate::program::error_of(&mut login)["class"],
        "wrong_credentials"
    );
}

#[test]
fn without_a_terminal_a_retry_is_reported_only_with_v() {
    for (arguments, is_reported) in [(&[][..], false), (&["-v"][..], true)] {
        let tenant = Tenant::builder()
            .responds_first(1, TOKEN, error_responses::too_many_requests(0))
            .start();
        let log = log(&tenant, arguments);
        assert_eq!(
            log.contains("asks to retry later (status 429); retrying in "),
            is_reported,
            "{log}"
        );
    }
}

#[test]
fn a_refused_password_is_never_sent_again() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login
        .args(["--email", EMAIL, "--password", "wrong", "-v"])
        .assert()
        .code(3)
        .stderr(says("retrying").not());
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn a_request_that_missed_its_deadline_is_logged_too() {
    let tenant = Tenant::builder().fault(TOKEN, Fault::NoResponse).start();
    login_at(&tenant)
        .args(["-v", "--timeout", "0.5"])
        .assert()
        .code(7)
        .stderr(says("oauth/token: failed, "));
}
