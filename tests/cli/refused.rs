//! The tenant says no: each refusal has its class, its exit code and its next step.

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{
    AUDIENCE, EMAIL, Response, Tenant, TenantOptions, USER_PASSWORD, error_responses, now,
};

fn class(options: TenantOptions) -> (i64, String) {
    let error = error_of(&mut login_at(&options.start()));
    assert!(
        error["hint"].is_string(),
        "every refusal names a next step: {error}"
    );
    (
        error["exit"].as_i64().unwrap(),
        error["class"].as_str().unwrap().to_owned(),
    )
}

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
fn an_unknown_user_is_told_no_more_than_a_wrong_password() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", "nobody@percy.test", "--password", USER_PASSWORD]);
    login
        .assert()
        .code(3)
        .stderr(says("the e-mail address or the password is wrong"));
}

#[test]
fn a_wrong_client_secret_exits_with_5_and_is_not_called_a_wrong_password() {
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
fn a_grant_that_is_not_enabled_names_the_dashboard_setting() {
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
fn an_unknown_audience_is_named() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    let error = error_of(login.args(["--audience", "https://unknown.test/"]));
    assert_eq!(error["exit"], 5);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("https://unknown.test/"),
        "{error}"
    );
}

#[test]
fn a_missing_default_directory_points_at_the_realm() {
    let tenant = Tenant::builder().without_default_directory().start();
    let mut login = login_at(&tenant);
    let error = error_of(&mut login);
    assert_eq!(error["class"], "tenant_refused");
    assert!(error["hint"].as_str().unwrap().contains("--realm"));
}

/// What a login that is refused like this tells: exit code, class, message, hint.
fn told(refusal: Response) -> (i64, String, String, String) {
    let error = error_of(&mut login_at(
        &Tenant::builder().token_error(refusal).start(),
    ));
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (
        error["exit"].as_i64().unwrap(),
        text("class"),
        text("message"),
        text("hint"),
    )
}

#[test]
fn every_refusal_of_a_person_has_its_own_message_and_names_the_setting() {
    let cases = [
        (
            error_responses::invalid_user_password(),
            3,
            "the e-mail address or the password is wrong",
            "check both",
        ),
        (
            error_responses::user_blocked(),
            5,
            "the user is blocked",
            "User Management → Users → … → Unblock",
        ),
        (
            error_responses::too_many_attempts(),
            6,
            "the account is blocked",
            "User Management → Users",
        ),
        (
            error_responses::suspicious_ip(),
            6,
            "this network address is blocked",
            "Suspicious IP Throttling → IP AllowList",
        ),
        (
            error_responses::too_many_logins(),
            6,
            "too often within a minute",
            "try again later",
        ),
        (
            error_responses::password_leaked(),
            5,
            "known from a breach",
            "Breached Password Detection",
        ),
        (
            error_responses::requires_verification(),
            5,
            "a robot's",
            "Attack Protection → Bot Detection",
        ),
        (
            error_responses::requires_validation(),
            5,
            "a robot's",
            "Attack Protection → Bot Detection",
        ),
        (
            error_responses::email_not_verified(),
            5,
            "the e-mail address is not verified",
            "User Management → Users",
        ),
        (
            error_responses::password_expired(),
            5,
            "the password has expired",
            "User Management → Users",
        ),
        (
            error_responses::password_change_required(),
            5,
            "the password has expired",
            "User Management → Users",
        ),
    ];
    for (refusal, exit, message, hint) in cases {
        let told = told(refusal);
        assert_eq!(told.0, exit, "{told:?}");
        assert!(
            told.2.contains(message) && told.3.contains(hint),
            "{told:?}"
        );
    }
}

#[test]
fn every_refusal_of_the_application_has_its_own_message_and_names_the_setting() {
    let cases = [
        (
            error_responses::unauthorized(),
            5,
            "the client ID with this client secret",
            "Settings → Basic Information",
        ),
        (
            error_responses::grant_not_allowed("password"),
            5,
            "may not use the password grant",
            "Grant Types → Password",
        ),
        (
            error_responses::invalid_client("no such key"),
            5,
            "how the application proves itself",
            "Applications → … → Credentials",
        ),
        (
            error_responses::unknown_audience("https://a.test/"),
            5,
            "https://a.test/",
            "Identifier under Applications → APIs",
        ),
        (
            error_responses::service_not_enabled("https://a.test/"),
            5,
            "https://a.test/",
            "Identifier under Applications → APIs",
        ),
        (
            error_responses::api_not_authorized("https://a.test/"),
            5,
            "https://a.test/",
            "Machine to Machine",
        ),
        (
            error_responses::scopes_not_granted("a b"),
            5,
            "a b",
            "Machine to Machine",
        ),
        (
            error_responses::no_audience(),
            5,
            "which API",
            "Default Audience",
        ),
        (
            error_responses::no_default_directory(),
            5,
            "no default directory",
            "Settings → Default Directory",
        ),
        (
            error_responses::unknown_realm(),
            5,
            "no database connection of that name",
            "Authentication → Database",
        ),
        (
            error_responses::connection_disabled(),
            5,
            "not switched on",
            "Authentication → Database → … → Applications",
        ),
        (
            error_responses::unsupported_grant("password"),
            5,
            "does not offer this grant",
            "ask who runs it",
        ),
        (
            error_responses::invalid_scope(),
            5,
            "does not grant this scope",
            "--scope",
        ),
        (
            error_responses::too_many_requests(now() + 100),
            6,
            "rate limit",
            "try again in 1m ",
        ),
        (
            error_responses::temporarily_unavailable(),
            7,
            "out of service",
            "try again later",
        ),
    ];
    for (refusal, exit, message, hint) in cases {
        let told = told(refusal);
        assert_eq!(told.0, exit, "{told:?}");
        assert!(
            told.2.contains(message) && told.3.contains(hint),
            "{told:?}"
        );
    }
}

#[test]
fn an_actions_words_are_the_applications_own_and_are_shown() {
    for refusal in [
        error_responses::denied("only on \u{1b}[1mMondays"),
        error_responses::denied_by_rule("only on \u{1b}[1mMondays"),
    ] {
        let (exit, _, message, hint) = told(refusal);
        assert_eq!(exit, 5);
        assert!(
            message.ends_with("(the tenant says: only on \\u{1b}[1mMondays)"),
            "{message}"
        );
        assert!(hint.contains("Actions → Triggers → post-login"), "{hint}");
    }
}

#[test]
fn an_action_that_tries_to_steer_the_terminal_gets_one_harmless_line() {
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
fn words_of_the_tenant_that_only_repeat_ours_are_left_out() {
    let (_, _, message, _) = told(error_responses::wrong_password());
    assert_eq!(message, "the e-mail address or the password is wrong");
    let (_, _, message, _) = told(error_responses::user_blocked());
    assert_eq!(message, "the user is blocked");
}

#[test]
fn other_servers_refusals_are_told_apart_too() {
    let answer = |status, code: &str, words: &str| {
        Response::json(
            status,
            &json!({ "error": code, "error_description": words }),
        )
    };
    assert_eq!(
        told(answer(401, "invalid_grant", "Invalid user credentials")).0,
        3
    );
    assert_eq!(
        told(answer(
            400,
            "invalid_client",
            "Client authentication failed"
        ))
        .0,
        5
    );
    assert_eq!(told(answer(401, "invalid_client", "")).0, 5);
    let (_, _, message, hint) = told(answer(
        401,
        "invalid_client",
        "failed due to unknown client, or something else",
    ));
    assert!(
        message.contains("how the application proves itself") && hint.contains("client secret"),
        "{message}"
    );
    assert_eq!(
        told(answer(400, "unauthorized_client", "Invalid client")).0,
        5
    );
    let (exit, _, message, _) = told(answer(400, "invalid_grant", "Account is not fully set up"));
    assert_eq!(exit, 3);
    assert!(message.contains("Account is not fully set up"), "{message}");
}

#[test]
fn each_refusal_has_its_class() {
    let refuses = |refusal| Tenant::builder().token_error(refusal);
    let expected = |exit: i64, class: &str| (exit, class.to_owned());
    assert_eq!(
        class(refuses(error_responses::too_many_attempts())),
        expected(6, "throttled")
    );
    assert_eq!(
        class(refuses(error_responses::user_blocked())),
        expected(5, "tenant_refused")
    );
    assert_eq!(
        class(refuses(error_responses::mfa_required("Fe26...Ha"))),
        expected(4, "mfa_required")
    );
    assert_eq!(
        class(refuses(error_responses::api_not_authorized(AUDIENCE))),
        expected(5, "tenant_refused")
    );
    assert_eq!(
        class(Tenant::builder().token_response(503, &[], "")),
        expected(7, "unreachable")
    );
    assert_eq!(
        class(Tenant::builder().token_response(404, &[], "<html>")),
        expected(7, "bad_answer")
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
fn a_refusal_that_nobody_knows_is_told_in_the_tenants_words() {
    let body = r#"{"error":"odd_thing","error_description":"the moon is full"}"#;
    let tenant = Tenant::builder().token_response(418, &[], body).start();
    login_at(&tenant).assert().code(5).stderr(
        says("418")
            .and(says("odd_thing"))
            .and(says("the moon is full")),
    );
}

#[test]
fn the_tenants_words_are_harmless_in_a_terminal() {
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
fn an_answer_without_an_id_token_points_at_the_scope() {
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
fn an_answer_that_is_no_token_answer_exits_with_7() {
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
    let body = json!({"error": "invalid_grant", "error_description": "one", "message": "two", "hint": "three"});
    let tenant = Tenant::builder()
        .token_response(400, &[], body.to_string())
        .start();
    login_at(&tenant).assert().code(3);
}

#[test]
fn an_actions_own_words_are_not_taken_for_a_wrong_client_secret() {
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
fn a_refusal_without_a_word_is_a_refusal_all_the_same() {
    for status in [401, 403] {
        let tenant = Tenant::builder()
            .token_response(status, &[("content-type", "text/html")], "Unauthorized")
            .start();
        login_at(&tenant)
            .assert()
            .code(5)
            .stderr(says(&status.to_string()).and(says("check the password")));
    }
}
