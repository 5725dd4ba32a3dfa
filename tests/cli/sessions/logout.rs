//! `padlock logout`: revoked at the tenant, and deleted here.

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use super::{Home, rotating};
use crate::program::{error_of, login_at_issuer, printed, says};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, Fault, REVOKE, Tenant, TenantOptions};

fn signed_in(tenant: &Tenant) -> Home {
    let home = Home::new();
    home.sign_in(tenant);
    home
}

fn assert_gone(home: &Home) {
    let names = fs::read_dir(home.folder()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names
        .filter(|name| Path::new(name).extension().is_none_or(|end| end != "lock"))
        .collect();
    assert_eq!(left, ["sessions.json"]);
    home.run_alone(&["token"]).assert().code(10);
}

#[test]
fn logout_revokes_the_refresh_token_and_deletes_the_session() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    let token = home.session()["refresh_token"].clone();
    home.run(&tenant, &["logout"])
        .assert()
        .code(0)
        .stdout("")
        .stderr(says("signed out"));
    let expected = json!({
        "token": token, "token_type_hint": "refresh_token",
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    let sent = &tenant.requests_to(REVOKE)[0];
    assert_eq!(serde_json::Value::Object(sent.fields()), expected);
    assert!(tenant.valid_refresh_tokens().is_empty());
    assert_gone(&home);
}

#[test]
fn logout_local_gives_up_a_session_that_cannot_be_read() {
    let tenant = rotating().start();
    for damaged in ["", "{", r#"{"version":2}"#] {
        let home = signed_in(&tenant);
        fs::write(home.session_file(), damaged).unwrap();
        home.run(&tenant, &["logout"]).assert().code(1);
        let mut run = home.run(&tenant, &["logout", "--local"]);
        run.assert().code(0).stderr(says("deleted here"));
        assert_gone(&home);
    }
}

#[test]
fn a_cached_token_that_cannot_be_removed_keeps_no_session() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    let cached = home.folder().join("client-credentials-x.json");
    fs::create_dir(&cached).unwrap();
    home.run(&tenant, &["logout", "--all"]).assert().code(1);
    fs::remove_dir(&cached).unwrap();
    assert!(tenant.valid_refresh_tokens().is_empty());
    assert_gone(&home);
}

#[test]
fn any_response_of_200_is_success() {
    for body in ["", "<html>", r#"{"error":"x"}"#] {
        let tenant = rotating().revocation_body(body).start();
        let home = signed_in(&tenant);
        home.run(&tenant, &["logout"]).assert().code(0);
        assert_gone(&home);
    }
}

#[test]
fn another_provider_s_endpoint_is_the_discovered_one() {
    let tenant = rotating().plain_provider().start();
    let home = Home::new();
    printed(home.with(login_at_issuer(&tenant)).arg("--save"));
    let mut run = home.run(&tenant, &["logout"]);
    run.env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    run.assert().code(0);
    assert!(tenant.valid_refresh_tokens().is_empty());
    let tenant = rotating()
        .plain_provider()
        .without_discovery_member("revocation_endpoint")
        .start();
    printed(home.with(login_at_issuer(&tenant)).arg("--save"));
    let mut run = home.run(&tenant, &["logout"]);
    run.env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    run.assert().code(0).stderr(says("no revocation endpoint"));
    assert_gone(&home);
}

#[test]
fn an_endpoint_that_cannot_be_used_is_no_reason_to_delete_a_session() {
    let unusable = json!("http://auth.example.com/revoke");
    let tenant = rotating()
        .plain_provider()
        .discovery_member("revocation_endpoint", unusable)
        .start();
    let home = Home::new();
    printed(home.with(login_at_issuer(&tenant)).arg("--save"));
    let mut run = home.run(&tenant, &["logout"]);
    run.env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    run.assert().code(7).stderr(says("revocation_endpoint"));
    assert_eq!(tenant.valid_refresh_tokens().len(), 1);
}

#[test]
fn local_deletes_without_any_request_and_says_what_is_left() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    let mut run = home.run(&tenant, &["logout", "--local"]);
    run.assert().code(0).stderr(says("still valid at"));
    assert_eq!(tenant.requests().len(), 0);
    assert_gone(&home);
}

#[test]
fn a_session_that_could_not_be_revoked_is_kept_for_the_next_try_and_never_used() {
    let tenant = rotating().start();
    for fault in [Fault::ClosesWithoutResponse, Fault::Status(500)] {
        let home = signed_in(&tenant);
        tenant.change(|options| options.fault(REVOKE, fault.clone()));
        let error = error_of(&mut home.run(&tenant, &["logout"]));
        assert_eq!(error["exit"], 7);
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("still valid at")
        );
        tenant.clear_requests();
        for arguments in [
            &["token"][..],
            &["token", "--output", "id-token"],
            &["run", "--", "true"],
        ] {
            let mut run = home.run(&tenant, arguments);
            run.assert()
                .code(10)
                .stdout("")
                .stderr(says("was signed out"));
        }
        assert_eq!(tenant.requests().len(), 0);
        tenant.change(TenantOptions::without_scripts);
        home.run(&tenant, &["logout"]).assert().code(0);
        assert!(tenant.valid_refresh_tokens().is_empty());
        assert_gone(&home);
    }
}

#[test]
fn all_ends_the_sessions_of_every_tenant_and_one_that_fails_does_not_keep_the_others() {
    let (first, second) = (rotating().public_client().start(), rotating().start());
    let home = Home::new();
    home.sign_in(&first);
    home.sign_in(&second);
    // The secret of the second one is missing.
    let error = error_of(&mut home.run_alone(&["logout", "--all"]));
    assert_eq!(error["exit"], 2);
    assert!(first.valid_refresh_tokens().is_empty());
    assert_eq!(second.valid_refresh_tokens().len(), 1);
    home.run(&second, &["logout", "--all"]).assert().code(0);
    assert!(second.valid_refresh_tokens().is_empty());
    assert_gone(&home);
}

#[test]
fn a_dead_session_is_deleted_without_any_request() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    home.change_session(|session| session["ended"] = json!({"at": 1, "reason": "x"}));
    home.run(&tenant, &["logout"]).assert().code(0);
    assert_eq!(tenant.requests().len(), 0);
    assert_gone(&home);
}

#[test]
fn of_several_sessions_logout_names_how_to_end_all() {
    let tenant = rotating().start();
    let other = rotating().start();
    let home = signed_in(&tenant);
    home.sign_in(&other);
    home.run_alone(&["logout"])
        .assert()
        .code(2)
        .stderr(says("which one to end").and(says("or end all with --all")));
    home.run_alone(&["token"])
        .assert()
        .code(2)
        .stderr(says("--all").not());
}
