//! What a token request contains besides the grant.

use predicates::prelude::PredicateBooleanExt;

use crate::program::{login_at, padlock_at, says};
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
