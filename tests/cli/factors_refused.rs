//! Second factors that fail: wrong, missing, too late, not allowed.

use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, says};
use crate::tenant::{Factor, Response, Tenant, TenantOptions, error_responses};

const CODE: &str = "123456";

/// A list of authenticators.
const LIST: &str = r#"[{"id":"totp|1","authenticator_type":"otp"},
    {"id":"sms|1","authenticator_type":"oob","oob_channel":"sms"}]"#;

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
fn a_challenge_that_finds_no_factor_says_that_none_is_enrolled() {
    let refusals = [
        error_responses::association_required(),
        error_responses::not_enrolled(),
    ];
    for refusal in refusals {
        let tenant = with_factor(Factor::sms("x", CODE))
            .responds("/mfa/challenge", refusal)
            .start();
        let mut login = login_at(&tenant);
        login
            .args(["--factor", "sms", "--otp", CODE])
            .assert()
            .code(4)
            .stderr(says("no second factor is enrolled").and(says("choose another").not()));
    }
}

#[test]
fn an_e_mail_entry_of_a_user_who_enrolled_nothing_is_no_factor() {
    // The tenant lists the entry, and the challenge refuses it.
    let tenant = Tenant::builder()
        .mfa_required()
        .mfa_requirements(json!(null))
        .start();
    let mut login = login_at(&tenant);
    login
        .args(["--factor", "email", "--otp", CODE])
        .assert()
        .code(4)
        .stderr(says("no second factor is enrolled").and(says("browser")));
}

#[test]
fn a_user_who_has_to_enroll_gets_no_challenge() {
    let tenant = Tenant::builder().mfa_required().start();
    let error = error_of(login_at(&tenant).args(["--factor", "email", "--otp", CODE]));
    assert_eq!(error["exit"], 4);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("no second factor is enrolled"),
        "{message}"
    );
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 0);
}

#[test]
fn the_hint_for_a_user_without_a_usable_factor_names_recovery_codes() {
    let tenant = with_factor(Factor::sms("x", CODE))
        .responds("/mfa/challenge", error_responses::no_supported_challenge())
        .start();
    let mut login = login_at(&tenant);
    login
        .args(["--factor", "sms", "--otp", CODE])
        .assert()
        .code(4)
        .stderr(says("--factor recovery-code"));
}

#[test]
fn a_factor_that_another_company_provides_only_works_in_a_browser() {
    let tenant = with_factor(Factor::push_accepted_after(0))
        .responds(
            "/mfa/challenge",
            error_responses::unsupported_mfa_provider(),
        )
        .start();
    let mut login = login_at(&tenant);
    login
        .args(["--factor", "push"])
        .assert()
        .code(4)
        .stderr(says("only works in a browser"));
}

#[test]
fn the_maximum_number_of_attempts_is_throttling_and_no_wrong_code() {
    let tenant = with_factor(Factor::otp(CODE))
        .responds_first(
            1,
            "/oauth/token",
            error_responses::mfa_required("Fe26...Ha"),
        )
        .responds("/mfa/authenticators", Response::new(200, LIST))
        .responds("/oauth/token", error_responses::max_attempts())
        .start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(6)
        .stderr(says("too many wrong codes"));
}

#[test]
fn a_message_code_that_is_too_old_is_no_wrong_code() {
    for refusal in [
        error_responses::expired_oob_code(),
        error_responses::malformed_oob_code(),
    ] {
        let tenant = with_factor(Factor::sms("x", CODE))
            .responds_first(
                1,
                "/oauth/token",
                error_responses::mfa_required("Fe26...Ha"),
            )
            .responds("/mfa/authenticators", Response::new(200, LIST))
            .responds(
                "/mfa/challenge",
                Response::new(200, r#"{"oob_code":"Fe26","binding_method":"prompt"}"#),
            )
            .responds("/oauth/token", refusal)
            .start();
        login_at(&tenant)
            .args(["--factor", "sms", "--otp", CODE])
            .assert()
            .code(4)
            .stderr(says("the login took too long"));
    }
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
fn a_list_of_factors_that_could_not_be_read_still_means_that_one_is_required() {
    for (status, body) in [(200, "{}"), (200, "<html>"), (500, ""), (502, "<html>")] {
        let tenant = with_factor(Factor::otp(CODE))
            .responds("/mfa/authenticators", Response::new(status, body))
            .start();
        let error = error_of(login_at(&tenant).args(["--otp", CODE]));
        assert_eq!(
            (&error["exit"], &error["class"]),
            (&json!(4), &json!("mfa_required"))
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("the list of factors could not be read"),
            "{message}"
        );
    }
}

#[test]
fn an_odd_authenticator_beside_good_ones_is_ignored() {
    let listed = json!([
        { "id": 5 },
        "otp",
        { "authenticator_type": ["otp"], "id": "x" },
        { "id": "webauthn|1", "authenticator_type": "webauthn-roaming", "active": true },
        { "id": "totp|dev_Percy00000000001", "active": "yes" },
    ]);
    let tenant = with_factor(Factor::otp(CODE))
        .responds("/mfa/authenticators", Response::json(200, &listed))
        .start();
    login_at(&tenant).args(["--otp", CODE]).assert().code(0);
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
