//! A renewal that the tenant refuses: which refusals end the session, and which leave it alive.

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use super::{Home, assert_current, refreshes, rotating};
use crate::program::{error_of, printed, says};
use crate::tenant::{CLIENT_SECRET, Fault, Response, RetryAfter, TOKEN, Tenant, TenantOptions};

fn home_with_expired_token(tenant: &Tenant) -> Home {
    let home = Home::new();
    home.sign_in(tenant);
    home.let_tokens_expire();
    home
}

#[test]
fn a_dead_refresh_token_ends_the_session_for_good() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let used = home.session();
    home.token(&tenant);
    // As if an old copy of the file had been restored: the tenant takes that for a theft.
    std::fs::write(home.session_file(), used.to_string()).unwrap();
    let error = error_of(&mut home.run(&tenant, &["token"]));
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(10), &json!("no_session"))
    );
    assert!(error["hint"].as_str().unwrap().contains("--save"));
    tenant.clear_requests();
    for _ in 0..2 {
        let mut run = home.run(&tenant, &["token"]);
        run.assert().code(10).stdout("").stderr(says("has ended"));
    }
    assert_eq!(tenant.requests().len(), 0);
    home.run(&tenant, &["run", "--", "true"]).assert().code(10);
    home.sign_in(&tenant);
    home.token(&tenant);
}

#[test]
fn invalid_grant_ends_a_session_whatever_words_come_with_it() {
    for words in [
        "Token is not active",
        "Session doesn't have required client",
        "",
        "x",
    ] {
        let body = json!({"error": "invalid_grant", "error_description": words});
        let tenant = rotating().plain_provider().start();
        let home = Home::new();
        printed(
            home.with(crate::program::login_at_issuer(&tenant))
                .arg("--save"),
        );
        home.let_tokens_expire();
        tenant.change(|options| options.responds(TOKEN, Response::json(400, &body)));
        let mut run = home.run(&tenant, &["token"]);
        run.env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", tenant.issuer());
        run.assert().code(10).stdout("");
        assert!(home.session()["ended"]["reason"].is_string(), "{words}");
    }
}

#[test]
fn the_reason_of_an_ended_session_holds_no_secret_that_the_tenant_repeats() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let token = home.session()["refresh_token"].clone();
    let token = token.as_str().unwrap();
    let words = format!("{token} of {CLIENT_SECRET} is revoked");
    let body = json!({"error": "invalid_grant", "error_description": words});
    tenant.change(|options| options.responds(TOKEN, Response::json(403, &body)));
    home.run(&tenant, &["token"]).assert().code(10);
    let reason = home.session()["ended"]["reason"].to_string();
    let status = home.run(&tenant, &["status"]).output().unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    for text in [reason, status] {
        assert!(text.contains("is revoked"), "{text}");
        assert!(
            !text.contains(token) && !text.contains(CLIENT_SECRET),
            "{text}"
        );
    }
}

#[test]
fn other_refusals_keep_the_session() {
    let json = |status, body| Fault::Responds(Response::json(status, &body));
    for (fault, exit) in [
        (json(401, json!({"error": "invalid_client"})), 5),
        (json(403, json!({"error": "unauthorized_client"})), 5),
        (
            json(
                403,
                json!({"error": "access_denied", "error_description": "rule"}),
            ),
            5,
        ),
        (json(429, json!({"error": "too_many_requests"})), 6),
        (
            Fault::RetryAfter {
                status: 503,
                when: RetryAfter::Seconds(0),
            },
            7,
        ),
        (Fault::Status(500), 7),
        (Fault::Status(502), 7),
        (Fault::Html, 7),
        (Fault::ClosesWithoutResponse, 7),
    ] {
        let tenant = rotating().start();
        let home = home_with_expired_token(&tenant);
        tenant.change(|options| options.fault(TOKEN, fault.clone()));
        let shown = format!("{fault:?}");
        let mut run = home.run(&tenant, &["token"]);
        let status = run.output().unwrap().status.code();
        assert_eq!(status, Some(exit), "{shown}");
        tenant.change(TenantOptions::without_scripts);
        home.token(&tenant);
        assert_current(&home, &tenant);
    }
}

#[test]
fn a_refresh_request_that_may_have_arrived_is_never_repeated() {
    for fault in [
        Fault::RetryAfter {
            status: 503,
            when: RetryAfter::Seconds(0),
        },
        Fault::Status(500),
        Fault::ClosesWithoutResponse,
        Fault::ClosesMidBody,
    ] {
        let tenant = rotating().start();
        let home = home_with_expired_token(&tenant);
        tenant.change(|options| options.fault(TOKEN, fault));
        home.run(&tenant, &["token"]).assert().code(7);
        assert_eq!(refreshes(&tenant).len(), 1);
    }
}

#[test]
fn a_lost_response_is_reported_by_the_next_run_which_tries_once_more() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    tenant.change(|options| options.fault_first(1, TOKEN, Fault::ClosesMidBody));
    home.run(&tenant, &["token"]).assert().code(7);
    let mut run = home.run(&tenant, &["token"]);
    run.assert()
        .stderr(says("an earlier renewal").and(says("tried once more")));
    assert_eq!(refreshes(&tenant).len(), 2);
}

#[test]
fn an_unreachable_tenant_keeps_the_session() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let address = tenant.url().to_owned();
    let settings = tenant.settings();
    drop(tenant);
    let mut run = home.run_alone(&["token"]);
    run.envs(settings).env("AUTH0_DOMAIN", address);
    run.assert().code(7).stdout("");
    assert!(home.session()["ended"].is_null());
}
