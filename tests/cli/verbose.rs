//! `-v`: what goes over the network, and never a secret.

use predicates::prelude::PredicateBooleanExt;

use crate::program::{login_at, padlock_at, says};
use crate::tenant::{CLIENT_SECRET, EMAIL, Fault, Response, TOKEN, Tenant, USER_PASSWORD};

/// What a login tells on stderr.
fn told(tenant: &Tenant, arguments: &[&str]) -> String {
    let output = login_at(tenant).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn v_tells_connections_requests_round_trips_sizes_and_times() {
    let tenant = Tenant::builder().tls().start();
    let told = told(&tenant, &["-v"]);
    let url = tenant.url();
    for line in [
        "padlock: connection 1 opened: 2 round trips, ".to_owned(),
        format!("padlock: POST {url}oauth/token: status 200, "),
        format!("padlock: GET {url}.well-known/jwks.json: status 200, "),
        " bytes, HTTP/2.0, 1 round trip, ".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} in {told}");
    }
    assert!(!told.contains("headers"), "{told}");
}

#[test]
fn tls_1_2_costs_another_round_trip() {
    let tenant = Tenant::builder().tls().only_tls_1_2().start();
    assert!(told(&tenant, &["-v"]).contains("connection 1 opened: 3 round trips, "));
}

#[test]
fn vv_adds_the_names_of_headers() {
    let told = told(&Tenant::start(), &["-vv"]);
    assert!(
        told.contains("request headers: accept, content-type"),
        "{told}"
    );
    assert!(
        told.contains("answer headers: ") && told.contains("cache-control"),
        "{told}"
    );
}

#[test]
fn no_secret_is_told_however_much_is_asked_for() {
    let tenant = Tenant::builder().tls().start();
    let output = login_at(&tenant)
        .args(["-vvv", "--output", "tokens"])
        .output()
        .unwrap();
    let (result, told) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let tokens: serde_json::Value = serde_json::from_str(&result).unwrap();
    let tokens = ["id_token", "access_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
    for secret in [USER_PASSWORD, CLIENT_SECRET, &tokens[0], &tokens[1]] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_program_that_reads_json_gets_failures_alone() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", "wrong", "-v"]);
    assert_eq!(
        crate::program::error_of(&mut login)["class"],
        "wrong_credentials"
    );
}

#[test]
fn where_nobody_watches_a_repeat_is_told_only_if_asked_for() {
    for (arguments, is_told) in [(&[][..], false), (&["-v"][..], true)] {
        let tenant = Tenant::builder()
            .responds_first(1, TOKEN, Response::new(429, "").retry_after("0"))
            .start();
        let told = told(&tenant, arguments);
        assert_eq!(
            told.contains("asks to wait (status 429); trying again in "),
            is_told,
            "{told}"
        );
    }
}

#[test]
fn a_password_that_was_refused_is_never_sent_again() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login
        .args(["--email", EMAIL, "--password", "wrong", "-v"])
        .assert()
        .code(3)
        .stderr(says("trying again").not());
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn a_request_that_missed_its_deadline_has_its_line_too() {
    let tenant = Tenant::builder().fault(TOKEN, Fault::NoResponse).start();
    login_at(&tenant)
        .args(["-v", "--timeout", "0.5"])
        .assert()
        .code(7)
        .stderr(says("oauth/token: failed, "));
}
