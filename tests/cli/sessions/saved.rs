//! What `--save` keeps, and what `token` prints of it.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use super::{Home, refreshes, rotating};
use crate::program::{error_of, login_at, login_at_issuer, printed, says};
use crate::tenant::{AUDIENCE, EMAIL, Tenant, USER_PASSWORD};

#[test]
fn save_asks_for_offline_access_and_keeps_the_session_without_the_password() {
    let (tenant, home) = (rotating().start(), Home::new());
    let mut login = home.with(login_at(&tenant));
    login.args(["--save", "--audience", AUDIENCE]);
    let place = home.session_file_after(&mut login);
    let scope = tenant.requests_to("/oauth/token")[0].field("scope");
    assert_eq!(
        scope.as_deref(),
        Some("openid profile email offline_access")
    );
    let stored = fs::read_to_string(place).unwrap();
    assert!(!stored.contains(USER_PASSWORD), "{stored}");
    assert_eq!(home.session()["account"], EMAIL);
}

#[test]
fn a_scope_that_has_offline_access_is_sent_as_it_is() {
    let (tenant, home) = (rotating().start(), Home::new());
    let mut login = home.with(login_at(&tenant));
    let scope = "offline_access openid";
    printed(login.args(["--save", "--scope", scope]));
    let sent = tenant.requests_to("/oauth/token")[0].field("scope");
    assert_eq!(sent.as_deref(), Some(scope));
}

#[test]
fn without_save_nothing_is_written() {
    let (tenant, home) = (rotating().start(), Home::new());
    printed(&mut home.with(login_at(&tenant)));
    assert!(!home.state().exists());
}

#[test]
fn a_stored_token_is_printed_without_any_request_and_without_any_setting() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    let token = home.token(&tenant);
    assert_eq!(token.split('.').count(), 3);
    let mut alone = home.run_alone(&["token"]);
    alone
        .assert()
        .code(0)
        .stdout(format!("{token}\n"))
        .stderr("");
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn every_output_form_of_a_token() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    let token = home.token(&tenant);
    let print = |form: &str| printed(&mut home.run(&tenant, &["token", "--output", form]));
    assert_eq!(print("access-token"), format!("{token}\n"));
    assert_eq!(print("header"), format!("Authorization: Bearer {token}\n"));
    let curl = format!("header = \"Authorization: Bearer {token}\"\n");
    assert_eq!(print("curl"), curl);
    let json: serde_json::Value = serde_json::from_str(&print("json")).unwrap();
    assert_eq!(json["access_token"], token);
    assert_eq!(json["token_type"], "Bearer");
    let left = json["expires_in"].as_i64().unwrap();
    assert!((86_300..=86_400).contains(&left), "{left}");
    assert_eq!(json["scope"], "openid profile email offline_access");
    let id_token = home.session()["id_token"]["token"].clone();
    assert_eq!(json!(print("id-token").trim_end()), id_token);
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_tenant_without_refresh_tokens_is_reported_with_the_setting() {
    let (tenant, home) = (
        rotating().without_member("refresh_token").start(),
        Home::new(),
    );
    let mut login = home.with(login_at(&tenant));
    let error = error_of(login.args(["--save"]));
    assert_eq!(error["exit"], 5);
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("Allow Offline Access"), "{hint}");
    assert!(!home.folder().join("sessions.json").exists());
}

#[test]
fn a_sign_in_that_does_not_meet_the_requirements_is_not_kept() {
    let (tenant, home) = (rotating().start(), Home::new());
    let mut login = home.with(login_at(&tenant));
    login.args(["--save", "--require-claim", "missing"]);
    login.assert().code(9);
    assert!(!home.folder().join("sessions.json").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_before_the_password_is_sent() {
    let tenant = rotating().start();
    let mut login = login_at(&tenant);
    login.arg("--save");
    login.assert().code(1).stderr(says("/dev/null/padlock"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn another_provider_s_session_is_kept_and_renewed_at_the_discovered_endpoint() {
    let tenant = rotating().plain_provider().start();
    let home = Home::new();
    printed(home.with(login_at_issuer(&tenant)).args(["--save"]));
    home.let_tokens_expire();
    let secret = ("AUTH0_CLIENT_SECRET", crate::tenant::CLIENT_SECRET);
    let mut token = home.run_alone(&["token"]);
    printed(token.env(secret.0, secret.1));
    assert_eq!(refreshes(&tenant).len(), 1);
}

#[test]
fn signing_in_again_replaces_the_session_of_the_account() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    let before = home.session()["refresh_token"].clone();
    home.sign_in(&tenant);
    assert_ne!(home.session()["refresh_token"], before);
    let status = printed(&mut home.run_alone(&["status", "--output", "json"]));
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn members_of_a_later_version_are_kept_and_a_later_format_is_refused() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.change_session(|session| session["later"] = json!({"a": 1}));
    home.let_tokens_expire();
    home.token(&tenant);
    assert_eq!(home.session()["later"], json!({"a": 1}));
    home.change_session(|session| session["version"] = json!(2));
    let mut token = home.run(&tenant, &["token"]);
    token.assert().code(1).stderr(says("newer padlock"));
}

#[test]
fn a_damaged_record_is_reported_and_replaced_by_a_sign_in() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    fs::write(home.session_file(), "{\"refresh_token\":\"hunter2").unwrap();
    let output = home.run(&tenant, &["token"]).assert().code(1);
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(
        stderr.contains("is damaged") && !stderr.contains("hunter2"),
        "{stderr}"
    );
    home.sign_in(&tenant);
    home.token(&tenant);
}

impl Home {
    /// Runs a login that saves; the note names the file.
    fn session_file_after(&self, login: &mut assert_cmd::Command) -> std::path::PathBuf {
        let output = login.assert().code(0);
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        let file = self.session_file();
        assert!(stderr.contains(&file.display().to_string()), "{stderr}");
        file
    }
}

#[test]
fn the_store_may_be_named_by_a_flag_or_the_environment() {
    let (tenant, home) = (Tenant::start(), Home::new());
    home.sign_in_with(&tenant, &["--store", "file"]);
    printed(&mut home.run(&tenant, &["token", "--store", "file"]));
    printed(home.run(&tenant, &["token"]).env("PADLOCK_STORE", "file"));
    let mut token = home.run(&tenant, &["token"]);
    let run = token.env("PADLOCK_STORE", "cellar").assert().code(2);
    run.stderr(says("PADLOCK_STORE").and(says("expected")));
}
