//! Second factors that fail: wrong, missing, too late, not allowed.

use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, says};
use crate::tenant::{Factor, Response, Tenant, TenantOptions, error_responses};

const CODE: &str = "123456";

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

#[test]
fn a_wrong_code_from_a_script_is_sent_once_and_exits_with_3() {
    let wrong = [
        (Factor::otp(CODE), "otp", "the one-time code is wrong"),
        (Factor::sms("x", CODE), "sms", "the code is wrong"),
        (
            Factor::recovery_code("K6LGLV3RSH3VERMKET8L7QKU"),
            "recovery-code",
            "the recovery code is wrong",
        ),
    ];
    for (factor, name, message) in wrong {
        let tenant = with_factor(factor).start();
        login_at(&tenant)
            .args(["--factor", name, "--otp", "000000"])
            .assert()
            .code(3)
            .stdout("")
            .stderr(says(message));
        assert_eq!(
            tenant.requests_to("/oauth/token").len(),
            2,
            "the password once, the code once"
        );
    }
}

#[test]
fn the_hint_for_an_account_without_a_factor_says_where_to_enroll() {
    for factor in [None, Some(Factor::otp(CODE).inactive())] {
        let options = Tenant::builder().mfa_required();
        let tenant = factor
            .into_iter()
            .fold(options, TenantOptions::factor)
            .start();
        let error = error_of(login_at(&tenant).args(["--otp", CODE]));
        assert_eq!(
            (&error["exit"], &error["class"]),
            (&json!(4), &json!("mfa_required"))
        );
        let host = tenant
            .url()
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains("browser") && hint.contains(host) && hint.contains("User Management"),
            "{hint}"
        );
    }
}

#[test]
fn association_required_means_that_no_factor_is_enrolled() {
    let tenant = with_factor(Factor::sms("x", CODE))
        .responds("/mfa/challenge", error_responses::association_required())
        .start();
    let mut login = login_at(&tenant);
    login
        .args(["--factor", "sms", "--otp", CODE])
        .assert()
        .code(4)
        .stderr(says("none is enrolled").and(says("browser")));
}

#[test]
fn factors_that_only_work_in_a_browser_are_reported_as_such() {
    let listed =
        json!([{ "id": "webauthn|1", "authenticator_type": "webauthn-roaming", "active": true }]);
    let tenant = with_factor(Factor::otp(CODE))
        .responds("/mfa/authenticators", Response::json(200, &listed))
        .start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(4)
        .stderr(says("only work in a browser"));
}

#[test]
fn in_a_script_a_login_that_took_too_long_exits_with_4() {
    let tenant = with_factor(Factor::otp(CODE))
        .mfa_token_lifetime(Duration::from_secs(1))
        .start();
    let mut login = login_at(&tenant);
    login
        .env("PATH", "/usr/bin:/bin")
        .args(["--otp-command", &format!("sleep 1.2; echo {CODE}")]);
    login
        .assert()
        .code(4)
        .stderr(says("the login took too long"));
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn too_many_wrong_codes_exit_with_6() {
    let tenant = with_factor(Factor::otp(CODE)).max_failed_codes(0).start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(6)
        .stderr(says("too many wrong codes"));
}

#[test]
fn the_hint_for_an_application_without_the_mfa_grant_names_the_setting() {
    let tenant = with_factor(Factor::otp(CODE)).without_mfa_grants().start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(5)
        .stderr(says("Grant Types → MFA"));
}

#[test]
fn a_server_without_an_mfa_api_is_reported() {
    let tenant = with_factor(Factor::otp(CODE))
        .responds("/mfa/authenticators", Response::new(404, "<html>"))
        .start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(4)
        .stdout("")
        .stderr(says("only accepts one in a browser"));
}

#[test]
fn a_malformed_list_of_factors_is_refused() {
    let tenant = with_factor(Factor::otp(CODE))
        .responds("/mfa/authenticators", Response::new(200, "{}"))
        .start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(7)
        .stderr(says("MFA API"));
}

#[test]
fn no_failure_shows_a_code_or_an_mfa_token() {
    let code = "hunter2-hunter2";
    for options in [
        with_factor(Factor::otp(CODE)),
        with_factor(Factor::sms("x", CODE)),
        with_factor(Factor::recovery_code(CODE)),
        with_factor(Factor::otp(code)).claim("exp", json!(1)),
        with_factor(Factor::otp(code)).responds("/mfa/authenticators", Response::new(404, code)),
        with_factor(Factor::sms("x", code)).responds(
            "/mfa/challenge",
            Response::new(200, format!("{{\"oob_code\":[\"{code}\"]}}")),
        ),
    ] {
        let tenant = options.start();
        let mut login = login_at(&tenant);
        let output = login
            .args(["--otp", code, "--error-format", "json"])
            .env("RUST_BACKTRACE", "1")
            .output()
            .unwrap();
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_ne!(output.status.code(), Some(0));
        assert!(
            !shown.contains("hunter2") && !shown.contains("Fe26"),
            "{shown}"
        );
    }
}

#[test]
fn a_code_that_was_given_beforehand_causes_no_message() {
    let tenant = with_factor(Factor::sms("x", CODE)).start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(4)
        .stdout("");
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 0);
}
