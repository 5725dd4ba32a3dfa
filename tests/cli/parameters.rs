//! What a token request contains besides the grant.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{login_at, login_at_issuer, padlock_at, says};
use crate::tenant::{AUDIENCE, Factor, Tenant};

#[test]
fn parameters_are_sent_with_every_token_request() {
    let tenant = Tenant::builder().factor(Factor::otp("1")).start();
    let parameters = ["--parameter", "device=ci=1", "--parameter", "empty="];
    login_at(&tenant)
        .args(parameters)
        .args(["--otp", "1"])
        .assert()
        .code(0);
    padlock_at(&tenant)
        .args(["client-credentials", "--audience", AUDIENCE])
        .args(parameters)
        .assert()
        .code(0);
    let requests = tenant.requests_to("/oauth/token");
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(
            (request.field("device"), request.field("empty")),
            (Some("ci=1".into()), Some(String::new()))
        );
    }
}

#[test]
fn a_parameter_cannot_replace_a_field_that_padlock_sets() {
    let tenant = Tenant::start();
    for name in [
        "grant_type",
        "username",
        "password",
        "client_id",
        "client_secret",
        "scope",
        "audience",
        "mfa_token",
    ] {
        let mut login = login_at(&tenant);
        login.args(["--parameter", &format!("{name}=hunter2")]);
        login
            .assert()
            .code(2)
            .stderr(says(name).and(says("hunter2").not()));
    }
    login_at(&tenant)
        .args(["--parameter", "a=1", "--parameter", "a=2"])
        .assert()
        .code(2)
        .stderr(says("twice"));
    login_at(&tenant)
        .args(["--parameter", "a"])
        .assert()
        .code(2)
        .stderr(says("NAME=VALUE"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_secret_parameter_comes_from_a_file_and_is_never_shown() {
    let body = r#"{"error":"odd","error_description":"no: hunter2-hunter2"}"#;
    let refuses = Tenant::builder().token_response(400, &[], body).start();
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pin");
    std::fs::write(&file, "hunter2-hunter2\n").unwrap();
    let parameter = format!("pin={}", file.display());
    for mut command in [login_at(&tenant), padlock_at(&tenant)] {
        if command.get_args().count() == 0 {
            command.args(["client-credentials", "--audience", AUDIENCE]);
        }
        command
            .args(["--parameter-file", &parameter])
            .assert()
            .code(0);
    }
    for request in tenant.requests_to("/oauth/token") {
        assert_eq!(request.field("pin"), Some("hunter2-hunter2".into()));
    }
    login_at(&refuses)
        .args(["--parameter-file", &parameter, "-vv"])
        .assert()
        .code(5)
        .stderr(says("odd").and(says("hunter2").not()));
    login_at(&tenant)
        .args(["--parameter-file", "pin=-"])
        .write_stdin("hunter2-hunter2")
        .assert()
        .code(0);
}

#[test]
fn a_parameter_file_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let tenant = Tenant::start();
    for (arguments, problem) in [
        (
            &["--parameter-file", "pin=/nowhere"][..],
            "the parameter pin",
        ),
        (&["--parameter-file", "pin"], "NAME=FILE"),
        (&["--parameter-file", "pin="], "NAME=FILE"),
        (&["--parameter-file", "password=/etc/hostname"], "password"),
        (
            &["--parameter-file", "a=/etc/hostname", "--parameter", "a=1"],
            "twice",
        ),
        (
            &["--parameter-file", "a=-", "--client-secret-file", "-"],
            "both read standard input",
        ),
    ] {
        login_at(&tenant)
            .args(arguments)
            .assert()
            .code(2)
            .stderr(says(problem));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_resource_may_be_given_twice() {
    let resources = [
        "--parameter",
        "resource=urn:a",
        "--parameter",
        "resource=urn:b",
    ];
    let tenant = Tenant::start();
    login_at(&tenant).args(resources).assert().code(0);
    let body: Value = serde_json::from_slice(&tenant.requests_to("/oauth/token")[0].body).unwrap();
    assert_eq!(body["resource"], json!(["urn:a", "urn:b"]));
    let tenant = Tenant::builder().plain_provider().start();
    login_at_issuer(&tenant).args(resources).assert().code(0);
    let body = String::from_utf8(tenant.requests_to("/oauth/token")[0].body.clone()).unwrap();
    assert!(body.contains("resource=urn%3Aa&resource=urn%3Ab"), "{body}");
}

#[test]
fn the_users_ip_address_is_sent_in_auth0s_header() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--forwarded-for", "203.0.113.7"])
        .assert()
        .code(0);
    login_at(&tenant)
        .env("AUTH0_FORWARDED_FOR", "2001:db8::7")
        .assert()
        .code(0);
    login_at(&tenant).assert().code(0);
    let sent = tenant.requests_to("/oauth/token");
    let address = |index: usize| sent[index].header("auth0-forwarded-for");
    assert_eq!(
        [address(0), address(1), address(2)],
        [Some("203.0.113.7"), Some("2001:db8::7"), None]
    );
}

#[test]
fn an_invalid_ip_address_is_refused_and_so_is_any_for_another_provider() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--forwarded-for", "acme"])
        .assert()
        .code(2);
    login_at(&tenant)
        .env("AUTH0_FORWARDED_FOR", "1.2.3")
        .assert()
        .code(2)
        .stderr(says("AUTH0_FORWARDED_FOR"));
    let mut elsewhere = login_at(&tenant);
    elsewhere.env_remove("AUTH0_DOMAIN").args([
        "--issuer",
        tenant.url(),
        "--forwarded-for",
        "203.0.113.7",
    ]);
    elsewhere.assert().code(2).stderr(says("only Auth0"));
    assert_eq!(tenant.requests().len(), 0);
}
