//! Second factors in scripts: where the code comes from, and how a run fails without one.

use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, padlock_at, says};
use crate::tenant::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, Factor, MFA_OOB, MFA_OTP, Response, Tenant,
    TenantOptions, USER_PASSWORD, totp,
};

const CODE: &str = "123456";

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

fn several_factors() -> TenantOptions {
    with_factor(Factor::sms("XXXXXXXXX9167", "654321"))
        .factor(Factor::otp(CODE))
        .factor(Factor::push_accepted_after(0))
}

fn last_grant(tenant: &Tenant) -> Option<String> {
    tenant
        .requests_to("/oauth/token")
        .last()
        .and_then(|request| request.field("grant_type"))
}

#[test]
fn a_code_on_the_command_line_completes_the_login() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut login = login_at(&tenant);
    login
        .args(["--otp", CODE, "--audience", AUDIENCE])
        .assert()
        .code(0)
        .stdout(says("Robin Percy"))
        .stderr("");
    let grant = &tenant.requests_to("/oauth/token")[1];
    let expected = json!({
        "grant_type": MFA_OTP, "otp": CODE, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "mfa_token": grant.field("mfa_token"),
    });
    assert_eq!(serde_json::Value::Object(grant.fields()), expected);
    let list = &tenant.requests_to("/mfa/authenticators")[0];
    assert_eq!(
        list.header("authorization"),
        Some(format!("Bearer {}", grant.field("mfa_token").unwrap()).as_str())
    );
}

#[test]
fn a_code_can_come_from_the_environment_or_stdin() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    login_at(&tenant).env("PADLOCK_OTP", CODE).assert().code(0);
    login_at(&tenant)
        .arg("--otp-stdin")
        .write_stdin(format!("{CODE}\n"))
        .assert()
        .code(0);
    login_at(&tenant)
        .env("PADLOCK_OTP", "000000")
        .args(["--otp", CODE])
        .assert()
        .code(0);
}

#[test]
fn password_and_code_can_come_from_the_same_pipe() {
    for input in [
        format!("{USER_PASSWORD}\n{CODE}\n"),
        format!("{USER_PASSWORD}\r\n{CODE}"),
    ] {
        let tenant = with_factor(Factor::otp(CODE)).start();
        let mut login = padlock_at(&tenant);
        login
            .args(["--email", EMAIL, "--password-stdin", "--otp-stdin"])
            .write_stdin(input)
            .assert()
            .code(0);
        assert_eq!(
            tenant.requests_to("/oauth/token")[0].field("password"),
            Some(USER_PASSWORD.into())
        );
    }
}

#[test]
fn a_second_line_is_required_only_if_the_tenant_asks_for_a_code() {
    let login = |tenant: &Tenant| {
        let mut login = padlock_at(tenant);
        login
            .args(["--email", EMAIL, "--password-stdin", "--otp-stdin"])
            .write_stdin(format!("{USER_PASSWORD}\n"));
        login
    };
    login(&Tenant::start()).assert().code(0);
    login(&with_factor(Factor::otp(CODE)).start())
        .assert()
        .code(4);
}

#[test]
fn a_command_for_the_code_runs_only_if_a_code_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let command = format!(
        "env > {0}; cat >> {0}; echo {CODE}; echo more",
        trace.display()
    );
    let login = |tenant: &Tenant| {
        let mut login = padlock_at(tenant);
        login
            .env("PADLOCK_PASSWORD", USER_PASSWORD)
            .env("PATH", "/usr/bin:/bin");
        login.args(["--email", EMAIL, "--otp-command", &command]);
        login
    };
    login(&Tenant::start()).assert().code(0);
    assert!(
        !trace.exists(),
        "the command ran although no code was needed"
    );
    login(&with_factor(Factor::otp(CODE)).start())
        .write_stdin("only for padlock")
        .assert()
        .code(0);
    let seen = std::fs::read_to_string(&trace).unwrap();
    assert!(
        seen.contains("PATH=") && !seen.contains("only for padlock"),
        "{seen}"
    );
    assert!(
        !seen.contains(USER_PASSWORD) && !seen.contains(CLIENT_SECRET),
        "{seen}"
    );
}

#[test]
fn a_command_that_prints_no_code_is_reported() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    for (command, problem) in [
        ("exit 3", "failed"),
        ("true", "no code"),
        ("printf '\\377'", "UTF-8"),
    ] {
        login_at(&tenant)
            .args(["--otp-command", command])
            .assert()
            .code(2)
            .stderr(says(problem));
    }
}

#[test]
fn without_a_terminal_or_a_code_the_run_exits_with_4_and_lists_the_factors() {
    let tenant = several_factors()
        .factor(Factor::voice("X", "1").inactive())
        .start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("mfa_required"), &json!(4))
    );
    assert_eq!(
        (&error["status"], &error["code"]),
        (&json!(403), &json!("mfa_required"))
    );
    assert_eq!(error["factors"], json!(["sms", "otp", "push"]));
    login_at(&tenant)
        .assert()
        .code(4)
        .stderr(says("sms, otp, push").and(says("--otp-command")))
        .stderr(says("--totp-secret-file"));
    assert_eq!(
        tenant.requests_to("/mfa/challenge").len(),
        0,
        "no message is sent for nothing"
    );
}

#[test]
fn a_code_is_for_the_authenticator_app_unless_a_factor_is_named() {
    let tenant = several_factors().start();
    login_at(&tenant).args(["--otp", CODE]).assert().code(0);
    assert_eq!(last_grant(&tenant), Some(MFA_OTP.into()));
}

#[test]
fn a_message_is_requested_and_its_code_is_sent_back() {
    let code = "654321";
    let messages = [
        ("sms", Factor::sms("r", code)),
        ("voice", Factor::voice("r", code)),
        ("email", Factor::email("r", code)),
    ];
    for (channel, factor) in messages {
        let tenant = with_factor(Factor::otp(CODE)).factor(factor).start();
        login_at(&tenant)
            .args(["--factor", channel, "--otp-command", "echo 654321"])
            .assert()
            .code(0);
        let challenge = &tenant.requests_to("/mfa/challenge")[0];
        assert_eq!(challenge.field("challenge_type"), Some("oob".into()));
        assert_eq!(
            challenge.field("oob_channel"),
            None,
            "the authenticator decides"
        );
        assert!(
            challenge
                .field("authenticator_id")
                .unwrap()
                .starts_with(channel)
        );
        let grants = tenant.requests_to("/oauth/token");
        assert_eq!(grants[1].field("grant_type"), Some(MFA_OOB.into()));
        assert_eq!(grants[1].field("binding_code"), Some(code.into()));
    }
}

#[test]
fn a_script_uses_the_first_of_two_phones() {
    let tenant = with_factor(Factor::sms("one", "1"))
        .factor(Factor::sms("two", "2"))
        .start();
    login_at(&tenant)
        .args(["--factor", "sms", "--otp-command", "echo 1"])
        .assert()
        .code(0);
}

#[test]
fn several_factors_without_a_choice_exit_with_4() {
    let tenant = with_factor(Factor::sms("a", "1"))
        .factor(Factor::email("b", "2"))
        .start();
    let error = error_of(login_at(&tenant).args(["--otp", "1"]));
    assert_eq!(
        (&error["exit"], &error["factors"]),
        (&json!(4), &json!(["sms", "email"]))
    );
    assert!(error["hint"].as_str().unwrap().contains("--factor"));
}

#[test]
fn a_factor_that_is_not_enrolled_exits_with_4_and_lists_the_enrolled_ones() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let error = error_of(login_at(&tenant).args(["--factor", "push", "--otp", CODE]));
    assert_eq!(
        (&error["exit"], &error["factors"]),
        (&json!(4), &json!(["otp"]))
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("the account has no push factor")
    );
}

#[test]
fn tokens_are_verified_after_a_second_factor_too() {
    let tenant = with_factor(Factor::otp(CODE))
        .claim("aud", json!("another application"))
        .start();
    login_at(&tenant)
        .args(["--otp", CODE])
        .assert()
        .code(8)
        .stdout("");
}

#[test]
fn a_totp_code_is_accepted() {
    let secret = b"12345678901234567890";
    let tenant = with_factor(Factor::totp(secret)).start();
    login_at(&tenant)
        .args(["--otp", &totp(secret)])
        .assert()
        .code(0);
}

#[test]
fn another_provider_with_auth0s_mfa_endpoints_works_too() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .args(["--otp", CODE])
        .assert()
        .code(0);
}

#[test]
fn two_sources_of_the_code_are_refused_and_an_empty_code_is_never_sent() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    login_at(&tenant)
        .args(["--otp", "77", "--otp-stdin"])
        .assert()
        .code(2)
        .stderr(says("--otp-stdin").and(says("77").not()));
    login_at(&tenant)
        .env("PADLOCK_OTP", "")
        .assert()
        .code(4)
        .stderr(says("no code was given"));
    let sent = tenant.requests().len();
    for blank in ["", " ", "\t \u{a0}"] {
        login_at(&tenant)
            .args(["--otp", blank])
            .assert()
            .code(2)
            .stderr(says("--otp is empty"));
    }
    login_at(&tenant)
        .env("PADLOCK_OTP", "  ")
        .assert()
        .code(4)
        .stderr(says("no code was given"));
    let grants = tenant.requests_to("/oauth/token");
    assert!(grants.iter().all(|grant| grant.field("otp").is_none()));
    assert_eq!(
        tenant.requests().len(),
        2 * sent,
        "the blank ones ended earlier"
    );
}

#[test]
fn the_first_line_of_a_command_is_the_code_and_background_processes_may_continue() {
    let tenant = with_factor(Factor::otp("123456")).start();
    for command in ["echo 123456; sleep 30 &", "echo ' 123456 '; seq 1 20000"] {
        let mut login = login_at(&tenant);
        login
            .env("PATH", "/usr/bin:/bin")
            .args(["--otp-command", command, "--timeout", "10"]);
        login
            .timeout(std::time::Duration::from_secs(15))
            .assert()
            .code(0);
    }
}

#[test]
fn whitespace_around_a_code_is_removed_whatever_its_source() {
    for (factor, name, code) in [
        (Factor::otp("123456"), "otp", "123456"),
        // Nothing is taken out of a recovery code.
        (
            Factor::recovery_code("K6LG-LV3R"),
            "recovery-code",
            "K6LG-LV3R",
        ),
    ] {
        let login = || {
            let tenant = with_factor(factor.clone()).start();
            let mut login = padlock_at(&tenant);
            login.args(["--email", EMAIL, "--factor", name]);
            (tenant, login)
        };
        let password = ["--password", USER_PASSWORD];
        let (_tenant, mut flag) = login();
        flag.args(password).args(["--otp", &format!(" {code} ")]);
        flag.assert().code(0);
        let (_tenant, mut variable) = login();
        variable
            .args(password)
            .env("PADLOCK_OTP", format!(" {code}\t"));
        variable.assert().code(0);
        let (_tenant, mut command) = login();
        let printed = format!("echo ' {code} '");
        command.args(password).args(["--otp-command", &printed]);
        command.env("PATH", "/usr/bin:/bin").assert().code(0);
        for end in ["", " ", "\n", " \n", "\t\r\n", "\n\n", " \n \n"] {
            let (_tenant, mut stdin) = login();
            stdin.args(password).arg("--otp-stdin");
            stdin.write_stdin(format!(" {code}{end}")).assert().code(0);
            let (_tenant, mut both) = login();
            both.args(["--password-stdin", "--otp-stdin"]);
            let both = both.write_stdin(format!("{USER_PASSWORD}\n {code}{end}"));
            both.assert().code(0);
        }
    }
}

#[test]
fn a_script_sends_no_message_that_its_code_does_not_fit() {
    for (factor, more) in [
        (Factor::sms("x", "1"), &["--otp", "1"][..]),
        (Factor::email("x", "1"), &["--otp", "1"]),
        (Factor::push_accepted_after(0), &["--otp", "1"]),
        (Factor::push_accepted_after(0), &["--otp-command", "echo 1"]),
    ] {
        let tenant = with_factor(factor).start();
        let login = login_at(&tenant).args(more).assert();
        login.code(4).stderr(says("no code was given"));
        assert_eq!(tenant.requests_to("/mfa/challenge").len(), 0, "{more:?}");
    }
}

#[test]
fn a_tenant_may_ask_for_several_factors_one_after_another() {
    let options = || {
        with_factor(Factor::otp(CODE))
            .factor(Factor::push_accepted_after(0))
            .push_interval(Duration::ZERO)
            .advertises_interval(1)
    };
    let tenant = options().required_factors(4).start();
    login_at(&tenant)
        .args(["--otp-command", &format!("echo {CODE}")])
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    let grants = tenant.requests_to("/oauth/token");
    assert_eq!(grants.len(), 5, "the password, four codes");
    let tokens: Vec<_> = grants
        .iter()
        .skip(1)
        .map(|one| one.field("mfa_token"))
        .collect();
    assert!(
        tokens[0] != tokens[1] && tokens[1] != tokens[2],
        "{tokens:?}"
    );

    let tenant = options().required_factors(5).start();
    login_at(&tenant)
        .args(["--otp-command", &format!("echo {CODE}")])
        .assert()
        .code(4)
        .stderr(says("more than 4 second factors"));
    assert_eq!(tenant.requests_to("/oauth/token").len(), 5);
}

#[test]
fn a_code_that_was_given_beforehand_is_sent_for_one_factor_only() {
    let tenant = with_factor(Factor::otp(CODE)).required_factors(2).start();
    let error = error_of(login_at(&tenant).args(["--otp", CODE]));
    assert_eq!(
        (&error["exit"], &error["factors"]),
        (&json!(4), &json!(["otp"]))
    );
    assert_eq!(tenant.requests_to("/oauth/token").len(), 2);
}

#[test]
fn the_factors_that_the_application_supports_are_offered() {
    let requirements =
        json!({ "challenge": [{ "type": "push-notification" }, { "type": "phone" }] });
    let tenant = several_factors().mfa_requirements(requirements).start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(error["factors"], json!(["sms", "push"]));
    let none = json!({ "challenge": [{ "type": "webauthn-roaming" }] });
    let tenant = several_factors().mfa_requirements(none).start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(error["factors"], json!(["sms", "otp", "push"]));
}

#[test]
fn an_authenticator_is_recognized_without_its_type() {
    let listed = json!([
        { "id": "totp|dev_Percy00000000001", "active": true },
        { "id": "sms|dev_Percy00000000002", "type": "phone", "oob_channels": ["sms"] },
        { "id": "dev_3", "oob_channels": ["auth0"] },
    ]);
    let tenant = several_factors()
        .responds("/mfa/authenticators", Response::json(200, &listed))
        .start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(error["factors"], json!(["otp", "sms", "push"]));
}
