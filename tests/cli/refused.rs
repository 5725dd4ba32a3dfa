//! Refusals by the tenant, and responses that padlock cannot use.

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{EMAIL, Tenant, USER_PASSWORD, error_responses};

#[test]
fn a_wrong_password_exits_with_3() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", "wrong"]);
    login
        .assert()
        .code(3)
        .stdout("")
        .stderr(says("padlock: the e-mail address or the password is wrong"));
    assert_eq!(
        tenant.passwords_received(),
        1,
        "a refused password is never sent again"
    );
}

#[test]
fn an_unknown_user_gets_the_same_message_as_a_wrong_password() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args([
        "--email",
        "stranger@percy.test",
        "--password",
        USER_PASSWORD,
    ]);
    login
        .assert()
        .code(3)
        .stderr(says("the e-mail address or the password is wrong"));
}

#[test]
fn a_wrong_client_secret_exits_with_5_and_is_not_reported_as_a_wrong_password() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.env("AUTH0_CLIENT_SECRET", "x".repeat(40)));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("tenant_refused"), &json!(5))
    );
    assert_eq!(
        (&error["status"], &error["code"]),
        (&json!(401), &json!("access_denied"))
    );
    assert!(error["message"].as_str().unwrap().contains("client secret"));
}

#[test]
fn the_hint_for_a_disabled_grant_names_the_setting() {
    let tenant = Tenant::builder().grants(&[]).start();
    let mut login = login_at(&tenant);
    let error = error_of(&mut login);
    assert_eq!(
        (&error["class"], &error["code"]),
        (&json!("tenant_refused"), &json!("unauthorized_client"))
    );
    assert!(error["hint"].as_str().unwrap().contains("Grant Types"));
}

#[test]
fn the_hint_for_an_unknown_audience_says_what_to_compare() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--audience", "https://unknown.test/"]));
    assert_eq!((&error["exit"], &error["status"]), (&json!(5), &json!(400)));
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("compare the audience"), "{hint}");
}

#[test]
fn the_hint_for_a_missing_default_directory_names_the_flag_for_the_realm() {
    let tenant = Tenant::builder().without_default_directory().start();
    let mut login = login_at(&tenant);
    let error = error_of(&mut login);
    assert_eq!(error["class"], "tenant_refused");
    assert!(error["hint"].as_str().unwrap().contains("--realm"));
}

#[test]
fn an_action_cannot_send_control_characters_to_the_terminal() {
    let tenant = Tenant::builder()
        .token_error(error_responses::denied_with_escapes())
        .start();
    let stderr = String::from_utf8(login_at(&tenant).output().unwrap().stderr).unwrap();
    let harmful = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{202c}' | '\u{200b}')
    };
    assert!(
        !stderr.contains(harmful) && stderr.lines().count() == 2,
        "{stderr:?}"
    );
}

#[test]
fn a_throttled_login_says_when_to_try_again() {
    let tenant = Tenant::builder()
        .token_response(
            429,
            &[("retry-after", "17")],
            "{\"error\":\"too_many_requests\"}",
        )
        .start();
    let mut login = login_at(&tenant);
    login
        .args(["--timeout", "5"])
        .assert()
        .code(6)
        .stderr(says("try again in 17s"));
}

#[test]
fn an_unknown_refusal_is_reported_in_the_tenants_words() {
    let body = r#"{"error":"odd_thing","error_description":"the moon is full"}"#;
    let tenant = Tenant::builder().token_response(418, &[], body).start();
    login_at(&tenant).assert().code(5).stderr(
        says("418")
            .and(says("odd_thing"))
            .and(says("the moon is full")),
    );
}

#[test]
fn the_tenants_words_are_escaped() {
    let body = json!({"error": "a\u{1b}[31m", "error_description": "b\u{1b}]0;x\u{7}\u{202e}\u{200b}\n\u{9b}c"});
    let tenant = Tenant::builder()
        .token_response(403, &[], body.to_string())
        .start();
    let output = login_at(&tenant).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let harmful = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
    assert!(!stderr.contains(harmful), "{stderr:?}");
    assert_eq!(
        stderr.lines().count(),
        stderr.matches("padlock:").count() + stderr.matches("hint:").count()
    );
}

#[test]
fn the_hint_for_a_response_without_an_id_token_names_the_scope() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .args(["--scope", "profile"])
        .assert()
        .code(7)
        .stdout("")
        .stderr(says("no id_token").and(says("openid")));
}

#[test]
fn a_response_that_is_not_a_token_response_exits_with_7() {
    for body in [
        "",
        "null",
        "[]",
        "{",
        "<html></html>",
        "{\"id_token\":5}",
        "{\"id_token\":\"\"}",
    ] {
        let tenant = Tenant::builder().token_response(200, &[], body).start();
        login_at(&tenant).assert().code(7).stdout("");
    }
}

#[test]
fn an_error_with_a_description_and_a_message_is_understood() {
    let body = json!({"error": "invalid_grant", "error_description": "Invalid user credentials", "message": "two", "hint": "three"});
    let tenant = Tenant::builder()
        .token_response(400, &[], body.to_string())
        .start();
    login_at(&tenant).assert().code(3);
}

#[test]
fn an_actions_own_words_are_not_mistaken_for_a_wrong_client_secret() {
    let body = json!({"error": "access_denied", "error_description": "Unauthorized country: ask the helpdesk"});
    let tenant = Tenant::builder()
        .token_response(403, &[], body.to_string())
        .start();
    login_at(&tenant)
        .assert()
        .code(5)
        .stderr(says("ask the helpdesk").and(says("client secret").not()));
}

#[test]
fn a_refusal_without_a_reason_exits_with_5() {
    for (status, body) in [
        (401, "Unauthorized"),
        (401, ""),
        (403, ""),
        (400, ""),
        (400, "<html>"),
        (400, "[1]"),
        (400, "{\"error\":"),
        (422, "no"),
    ] {
        let tenant = Tenant::builder()
            .token_response(status, &[("content-type", "text/html")], body)
            .start();
        login_at(&tenant)
            .assert()
            .code(5)
            .stderr(says(&status.to_string()).and(says("check the password")));
    }
}
