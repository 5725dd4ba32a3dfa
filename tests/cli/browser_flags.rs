//! Flags and settings of a sign-in without a password, each refused where the flow cannot carry it.

use predicates::prelude::PredicateBooleanExt;

use crate::browsing::{begin, tenant};
use crate::program::{padlock_at, says};
use crate::tenant::{REALM, Tenant};

#[test]
fn a_flag_that_the_flow_cannot_carry_is_refused_before_anything_is_sent() {
    let tenant = Tenant::builder().native().start();
    for flow in ["--browser", "--device"] {
        for flags in [
            &["--password", "hunter2"][..],
            &["--password-stdin"],
            &["--password-file", "f"],
            &["--otp", "1"],
            &["--otp-stdin"],
            &["--otp-command", "c"],
            &["--factor", "otp"],
            &["--realm", "r"],
            &["--forwarded-for", "203.0.113.7"],
        ] {
            padlock_at(&tenant)
                .arg(flow)
                .args(flags)
                .assert()
                .code(2)
                .stdout("")
                .stderr(
                    says(&format!("{flow} and {} cannot be combined", flags[0]))
                        .or(says(&format!("{} and {flow} cannot be combined", flags[0]))),
                );
        }
    }
    for flags in [
        &["--connection", "c"][..],
        &["--prompt", "login"],
        &["--redirect-uri", "http://127.0.0.1:0/"],
        &["--no-open"],
        &["--browser"],
    ] {
        padlock_at(&tenant)
            .arg("--device")
            .args(flags)
            .assert()
            .code(2)
            .stderr(
                says("--device")
                    .and(says(flags[0]))
                    .and(says("cannot be combined")),
            );
        if flags[0] != "--browser" {
            padlock_at(&tenant)
                .args(flags)
                .assert()
                .code(2)
                .stderr(says("--browser is missing"));
        }
    }
    padlock_at(&tenant)
        .args(["--device", "--organization", "o"])
        .assert()
        .code(2)
        .stderr(says("cannot carry an organization").and(says("--browser")));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn settings_for_a_password_do_not_hinder_a_browser() {
    let tenant = tenant().start();
    let arguments = [
        "login",
        "--browser",
        "--no-open",
        "--redirect-uri",
        crate::browsing::ANY_PORT,
    ];
    let mut process = crate::program::process_at(&tenant, &arguments);
    process
        .env("PADLOCK_PASSWORD", "hunter2")
        .env("PADLOCK_OTP", "123456")
        .env("AUTH0_REALM", REALM);
    let ended = crate::browsing::start(process).finish();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn an_exported_organization_and_email_reach_the_login_page() {
    let tenant = tenant().claim("org_id", serde_json::json!("org_1")).start();
    let arguments = [
        "login",
        "--browser",
        "--no-open",
        "--redirect-uri",
        crate::browsing::ANY_PORT,
    ];
    let mut process = crate::program::process_at(&tenant, &arguments);
    process
        .env("AUTH0_ORGANIZATION", "org_1")
        .env("PADLOCK_EMAIL", crate::tenant::EMAIL);
    let login = crate::browsing::start(process);
    assert_eq!(login.parameter("organization").as_deref(), Some("org_1"));
    assert_eq!(
        login.parameter("login_hint").as_deref(),
        Some(crate::tenant::EMAIL)
    );
    assert_eq!(login.finish().code, Some(0));
}

#[test]
fn a_redirect_uri_that_is_not_on_this_machine_is_refused() {
    let tenant = tenant().start();
    for uri in [
        "https://127.0.0.1:8484/callback",
        "http://0.0.0.0:8484/callback",
        "http://evil.test/callback",
        "http://127.0.0.1:8484/callback#x",
        "http://me@127.0.0.1:8484/callback",
        "callback",
    ] {
        padlock_at(&tenant)
            .args(["--browser", "--no-open", "--redirect-uri", uri])
            .assert()
            .code(2)
            .stderr(says("the redirect URI"));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn no_parameter_can_replace_what_makes_the_response_trustworthy() {
    let tenant = tenant().start();
    for name in [
        "state",
        "nonce",
        "code_challenge",
        "redirect_uri",
        "response_mode",
        "request",
    ] {
        padlock_at(&tenant)
            .args([
                "--browser",
                "--no-open",
                "--parameter",
                &format!("{name}=x"),
            ])
            .assert()
            .code(2)
            .stderr(says(name));
    }
    assert_eq!(tenant.requests().len(), 0);
    drop(begin(&tenant, &["--parameter", "screen_hint=signup"]));
}

#[test]
fn the_device_flow_of_auth0_is_refused_to_an_application_with_a_secret() {
    let tenant = Tenant::start();
    padlock_at(&tenant)
        .args(["login", "--device"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(says("Native").and(says("--browser")));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn prompt_takes_the_words_of_openid_connect_and_no_others() {
    let tenant = tenant().start();
    for (prompt, sent) in [
        ("login consent", "login consent"),
        (" select_account  login ", "select_account login"),
        ("none", "none"),
    ] {
        let login = begin(&tenant, &["--prompt", prompt]);
        assert_eq!(login.parameter("prompt").as_deref(), Some(sent));
    }
    for prompt in [
        "",
        " ",
        "Login",
        "signup",
        "login,consent",
        "none login",
        "login none",
    ] {
        padlock_at(&tenant)
            .args(["--browser", "--prompt", prompt])
            .assert()
            .code(2)
            .stdout("")
            .stderr(says("--prompt"));
    }
}
