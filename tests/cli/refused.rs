//! The tenant says no: each refusal has its class, its exit code and its next step.

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{AUDIENCE, EMAIL, Tenant, TenantOptions, USER_PASSWORD, refusals};

fn class(options: TenantOptions) -> (i64, String) {
    let error = error_of(&mut login_at(&options.start()));
    assert!(error["hint"].is_string(), "every refusal names a next step: {error}");
    (error["exit"].as_i64().unwrap(), error["class"].as_str().unwrap().to_owned())
}

#[test]
fn a_wrong_password_exits_with_3() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", "wrong"]);
    login.assert().code(3).stdout("").stderr(says("padlock: the e-mail address or the password is wrong"));
    assert_eq!(tenant.passwords_received(), 1, "a refused password is never sent again");
}

#[test]
fn an_unknown_user_is_told_no_more_than_a_wrong_password() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", "nobody@percy.test", "--password", USER_PASSWORD]);
    login.assert().code(3).stderr(says("the e-mail address or the password is wrong"));
}

#[test]
fn a_wrong_client_secret_exits_with_5_and_is_not_called_a_wrong_password() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.env("AUTH0_CLIENT_SECRET", "x".repeat(40)));
    assert_eq!((&error["class"], &error["exit"]), (&json!("tenant_refused"), &json!(5)));
    assert_eq!((&error["status"], &error["code"]), (&json!(401), &json!("access_denied")));
    assert!(error["message"].as_str().unwrap().contains("client secret"));
}

#[test]
fn a_grant_that_is_not_enabled_names_the_dashboard_setting() {
    let tenant = Tenant::builder().grants(&[]).start();
    let mut login = login_at(&tenant);
    let error = error_of(&mut login);
    assert_eq!((&error["class"], &error["code"]), (&json!("tenant_refused"), &json!("unauthorized_client")));
    assert!(error["hint"].as_str().unwrap().contains("Grant Types"));
}

#[test]
fn an_unknown_audience_is_named() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--audience", "https://unknown.test/"]));
    assert_eq!(error["exit"], 5);
    assert!(error["message"].as_str().unwrap().contains("https://unknown.test/"), "{error}");
}

#[test]
fn a_missing_default_directory_points_at_the_realm() {
    let tenant = Tenant::builder().without_default_directory().start();
    let mut login = login_at(&tenant);
    let error = error_of(&mut login);
    assert_eq!(error["class"], "tenant_refused");
    assert!(error["hint"].as_str().unwrap().contains("--realm"));
}

#[test]
fn each_refusal_has_its_class() {
    let refuses = |refusal| Tenant::builder().refuses(refusal);
    let expected = |exit: i64, class: &str| (exit, class.to_owned());
    assert_eq!(class(refuses(refusals::too_many_attempts())), expected(6, "throttled"));
    assert_eq!(class(refuses(refusals::user_blocked())), expected(5, "tenant_refused"));
    assert_eq!(class(refuses(refusals::mfa_required("Fe26...Ha"))), expected(4, "mfa_required"));
    assert_eq!(class(refuses(refusals::api_not_authorized(AUDIENCE))), expected(5, "tenant_refused"));
    assert_eq!(class(Tenant::builder().answer(503, &[], "")), expected(7, "unreachable"));
    assert_eq!(class(Tenant::builder().answer(404, &[], "<html>")), expected(7, "bad_answer"));
}

#[test]
fn a_throttled_login_says_when_to_try_again() {
    let tenant = Tenant::builder().answer(429, &[("retry-after", "17")], "{\"error\":\"too_many_requests\"}").start();
    let mut login = login_at(&tenant);
    login.args(["--timeout", "5"]).assert().code(6).stderr(says("17 s"));
}

#[test]
fn a_refusal_that_nobody_knows_is_told_in_the_tenants_words() {
    let body = r#"{"error":"odd_thing","error_description":"the moon is full"}"#;
    let tenant = Tenant::builder().answer(418, &[], body).start();
    login_at(&tenant).assert().code(5).stderr(says("418").and(says("odd_thing")).and(says("the moon is full")));
}

#[test]
fn the_tenants_words_are_harmless_in_a_terminal() {
    let body = json!({"error": "a\u{1b}[31m", "error_description": "b\u{1b}]0;x\u{7}\u{202e}\u{200b}\n\u{9b}c"});
    let tenant = Tenant::builder().answer(403, &[], body.to_string()).start();
    let output = login_at(&tenant).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let harmful = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
    assert!(!stderr.contains(harmful), "{stderr:?}");
    assert_eq!(stderr.lines().count(), stderr.matches("padlock:").count() + stderr.matches("hint:").count());
}

#[test]
fn an_answer_without_an_id_token_points_at_the_scope() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login.args(["--scope", "profile"]).assert().code(7).stdout("").stderr(says("no id_token").and(says("openid")));
}

#[test]
fn an_answer_that_is_no_token_answer_exits_with_7() {
    for body in ["", "null", "[]", "{", "<html></html>", "{\"id_token\":5}", "{\"id_token\":\"\"}"] {
        let tenant = Tenant::builder().answer(200, &[], body).start();
        login_at(&tenant).assert().code(7).stdout("");
    }
}
