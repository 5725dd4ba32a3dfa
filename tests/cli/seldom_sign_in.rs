//! What seldom happens at a sign-in: odd responses, rare factors, a dialogue that ends in between.

use std::process::Stdio;
use std::time::Duration;

use rexpect::session::PtySession;
use serde_json::{Value, json};

use crate::program::{error_of, login_at, login_at_issuer, printed, process_at, says};
use crate::tenant::{
    EMAIL, Factor, Fault, Response, TOKEN, Tenant, TenantOptions, USER_PASSWORD, client_key_file,
};
use crate::terminal::{assert_exit, at_terminal};

const CODE: &str = "123456";
const LIST: &str = "/mfa/authenticators";
const CHALLENGE: &str = "/mfa/challenge";
const USERINFO: &str = "/userinfo";

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

/// A login at a terminal, with the password.
fn login(tenant: &Tenant) -> PtySession {
    let arguments = ["--email", EMAIL, "--password", USER_PASSWORD];
    at_terminal(process_at(tenant, &arguments))
}

fn exit_and_message(error: &Value) -> (i64, &str) {
    let exit = error["exit"].as_i64().unwrap();
    (exit, error["message"].as_str().unwrap())
}

#[test]
fn the_menu_names_every_kind_of_factor_and_a_push_may_ask_for_a_code() {
    let listed = json!([
        { "id": "recovery-code|dev_1", "authenticator_type": "recovery-code", "active": true },
        { "id": "voice|dev_2", "authenticator_type": "oob", "oob_channels": ["voice"],
          "name": "XXX1", "active": true },
        { "id": "push|dev_3", "authenticator_type": "oob", "oob_channels": ["auth0"],
          "active": true },
    ]);
    let challenge = json!({ "challenge_type": "oob", "oob_code": "x", "binding_method": "prompt" });
    let tenant = with_factor(Factor::otp(CODE))
        .responds(LIST, Response::json(200, &listed))
        .responds(CHALLENGE, Response::json(200, &challenge))
        .start();
    let mut session = login(&tenant);
    let menu = session.exp_string("Which one? [1] ").unwrap();
    for kind in [
        "recovery code",
        "code by phone call to XXX1",
        "push notification",
    ] {
        assert!(menu.contains(kind), "{kind} in {menu}");
    }
    session.send_line("3").unwrap();
    session
        .exp_string("Code from the push notification")
        .unwrap();
    session.send_control('d').unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn the_end_of_input_ends_a_menu_and_a_second_password_prompt() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("x", CODE))
        .start();
    let mut session = login(&tenant);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_control('d').unwrap();
    session.exp_string("the input ended").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 2);
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line("wrong").unwrap();
    session.exp_string("is wrong; try again").unwrap();
    session.exp_string("Password for").unwrap();
    session.send_control('d').unwrap();
    session.exp_string("the input ended").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 2);
}

#[test]
fn another_failure_of_the_second_attempt_is_the_failure_of_the_run() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line("wrong").unwrap();
    session.exp_string("is wrong; try again").unwrap();
    session.exp_string("Password for").unwrap();
    tenant.change(|options| options.fault(TOKEN, Fault::Status(503)));
    session.send_line(USER_PASSWORD).unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 7);
}

#[test]
fn a_list_of_factors_that_is_none_says_so() {
    let refusal = json!({ "error": "access_denied", "error_description": "not for you" });
    for (response, exit, words) in [
        (Response::json(200, &refusal), 5, "not for you"),
        (
            Response::json(200, &json!([])),
            4,
            "no second factor is enrolled",
        ),
        (Response::json(403, &refusal), 5, "not for you"),
        (Response::json(500, &refusal), 5, "not for you"),
        (Response::json(200, &json!({})), 4, "sent no list"),
    ] {
        let tenant = with_factor(Factor::otp(CODE))
            .responds(LIST, response)
            .start();
        let error = error_of(&mut login_at(&tenant));
        let (found, message) = exit_and_message(&error);
        assert!(found == exit && message.contains(words), "{words}: {error}");
    }
    let tenant = with_factor(Factor::otp(CODE))
        .fault(LIST, Fault::ClosesWithoutResponse)
        .start();
    assert_eq!(error_of(&mut login_at(&tenant))["exit"], 4);
}

#[test]
fn a_list_that_fails_for_the_first_or_the_second_of_two_factors_keeps_exit_4() {
    for skipped in [0, 1] {
        let tenant = with_factor(Factor::otp(CODE))
            .required_factors(2)
            .fault_after(skipped, LIST, Fault::Status(503))
            .start();
        let error = error_of(login_at(&tenant).args(["--factor", "otp", "--otp", CODE]));
        assert_eq!(error["exit"], 4, "{error}");
    }
}

#[test]
fn a_challenge_without_a_code_of_its_own_is_an_invalid_response_or_a_refusal() {
    let refusal = json!({ "error": "access_denied", "error_description": "not for you" });
    for (body, exit, words) in [
        (json!({ "challenge_type": "oob" }), 7, "it has no oob_code"),
        (refusal, 5, "not for you"),
    ] {
        let tenant = with_factor(Factor::sms("x", CODE))
            .responds(CHALLENGE, Response::json(200, &body))
            .start();
        let error = error_of(login_at(&tenant).args(["--factor", "sms", "--otp", CODE]));
        let (found, message) = exit_and_message(&error);
        assert!(found == exit && message.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_poll_that_gets_no_token_response_ends_the_wait_for_a_push() {
    let tenant = with_factor(Factor::push_accepted_after(1))
        .fault_after(1, TOKEN, Fault::WrongShape)
        .start();
    let error = error_of(login_at(&tenant).args(["--factor", "push"]));
    assert_eq!(error["class"], "bad_answer", "{error}");
}

#[test]
fn a_server_that_gave_up_waiting_is_unreachable() {
    let tenant = Tenant::builder()
        .responds(TOKEN, Response::new(408, ""))
        .start();
    let error = error_of(&mut login_at(&tenant));
    let (exit, message) = exit_and_message(&error);
    assert!(exit == 7 && message.contains("gave up waiting"), "{error}");
}

#[test]
fn userinfo_that_is_none_says_so() {
    for (response, exit) in [
        (Response::json(500, &json!({})), 7),
        (Response::json(404, &json!({ "error": "not_found" })), 5),
        (Response::new(200, &b"\xff\xfe"[..]), 7),
    ] {
        let tenant = Tenant::builder()
            .responds(USERINFO, response.clone())
            .start();
        let error = error_of(login_at(&tenant).arg("--userinfo"));
        assert_eq!(error["exit"], exit, "{response:?}: {error}");
    }
    let tenant = Tenant::builder()
        .without_discovery_member("userinfo_endpoint")
        .start();
    login_at_issuer(&tenant)
        .arg("--userinfo")
        .assert()
        .code(2)
        .stderr(says("run it without --userinfo"));
}

#[test]
fn userinfo_signed_with_an_algorithm_that_is_not_allowed_names_the_flag() {
    let tenant = Tenant::builder()
        .signs_userinfo()
        .sign_userinfo_with(crate::tenant::Signing::es256())
        .start();
    login_at_issuer(&tenant)
        .arg("--userinfo")
        .assert()
        .code(8)
        .stderr(says("with --algorithm if the provider signs userinfo"));
}

#[test]
fn a_refused_application_of_another_provider_learns_how_it_authenticated() {
    let refusal = json!({ "error": "invalid_client" });
    let tenant = Tenant::builder()
        .plain_provider()
        .responds(TOKEN, Response::json(401, &refusal))
        .start();
    let key = client_key_file(jsonwebtoken::Algorithm::RS256);
    login_at_issuer(&tenant)
        .env_remove("AUTH0_CLIENT_SECRET")
        .env("AUTH0_CLIENT_KEY_FILE", key)
        .assert()
        .code(5)
        .stderr(says("padlock used private_key_jwt"));
    let tenant = Tenant::builder()
        .plain_provider()
        .responds(TOKEN, Response::new(401, "no"))
        .start();
    login_at_issuer(&tenant)
        .assert()
        .code(5)
        .stderr(says("padlock used client_secret_"));
}

#[test]
fn keycloaks_one_factor_can_be_named_and_a_command_without_a_code_fails() {
    let tenant = Tenant::builder()
        .keycloak()
        .factor(Factor::otp(CODE))
        .start();
    login_at_issuer(&tenant)
        .args(["--factor", "otp", "--otp", CODE])
        .assert()
        .code(0);
    login_at_issuer(&tenant)
        .args(["--otp-command", "false"])
        .assert()
        .code(2)
        .stderr(says("--otp-command"));
}

#[test]
fn a_device_code_that_expires_during_an_outage_names_the_last_failure() {
    let tenant = Tenant::builder()
        .native()
        .device_interval(Duration::ZERO)
        .device_code_lifetime(Duration::from_secs(2))
        .fault(TOKEN, Fault::Status(503))
        .start();
    let mut process = process_at(&tenant, &["login", "--device"]);
    let output = process.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("the last poll failed"), "{stderr}");
}

#[test]
fn a_login_that_starts_over_may_fail_for_another_reason() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant);
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::ZERO));
    tenant.change(|options| options.fault_after(1, TOKEN, Fault::Status(503)));
    session.send_line(CODE).unwrap();
    session.exp_string("starting over").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 7);
}

#[test]
fn a_push_that_asks_for_a_code_needs_one() {
    let challenge = json!({ "challenge_type": "oob", "oob_code": "x", "binding_method": "prompt" });
    let tenant = with_factor(Factor::push_accepted_after(0))
        .responds(CHALLENGE, Response::json(200, &challenge))
        .start();
    let error = error_of(login_at(&tenant).args(["--factor", "push"]));
    assert_eq!(
        (&error["exit"], &error["factors"]),
        (&json!(4), &json!(["push"]))
    );
}

#[test]
fn an_interval_in_the_response_to_a_poll_is_waited_for() {
    let pending = json!({ "error": "authorization_pending", "interval": 1 });
    let expired = json!({ "error": "expired_token" });
    let tenant = Tenant::builder()
        .native()
        .device_interval(Duration::ZERO)
        .responds_first(1, TOKEN, Response::json(400, &pending))
        .responds(TOKEN, Response::json(400, &expired))
        .start();
    let mut process = process_at(&tenant, &["login", "--device"]);
    let output = process.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(tenant.requests_to(TOKEN).len(), 2);
}

#[test]
fn a_token_that_no_header_can_hold_is_an_invalid_response() {
    let required = json!({ "error": "mfa_required", "mfa_token": "hunter2\u{7}hunter2" });
    let tenant = Tenant::builder()
        .responds(TOKEN, Response::json(403, &required))
        .start();
    let error = error_of(login_at(&tenant).args(["--otp", CODE]));
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(7), &json!("bad_answer"))
    );
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let tenant = Tenant::builder().access_token("a\u{7}b").start();
    login_at(&tenant).arg("--userinfo").assert().code(7);
}

#[test]
fn a_login_that_starts_over_may_do_without_a_second_factor() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let tokens = printed(login_at(&tenant).args(["--otp", CODE, "--output", "tokens"]));
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    let mut session = login(&tenant);
    session.exp_string("app: ").unwrap();
    tenant.change(|options| {
        let tokens = Fault::Responds(Response::json(200, &tokens));
        options
            .mfa_token_lifetime(Duration::ZERO)
            .fault_after(1, TOKEN, tokens)
    });
    session.send_line(CODE).unwrap();
    session.exp_string("starting over").unwrap();
    session.exp_string("Robin Percy").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
}
