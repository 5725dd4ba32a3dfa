//! Second factors at a terminal: a menu, a prompt, another attempt.

use std::time::Duration;

use rexpect::session::PtySession;

use crate::program::process_at;
use crate::tenant::{EMAIL, Factor, MFA_OOB, MFA_OTP, Tenant, TenantOptions, USER_PASSWORD};
use crate::terminal::{assert_exit, at_terminal};

const CODE: &str = "123456";

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

fn login(tenant: &Tenant, more: &[&str]) -> PtySession {
    at_terminal(process_at(
        tenant,
        &[&["--email", EMAIL, "--password", USER_PASSWORD], more].concat(),
    ))
}

fn last_field(tenant: &Tenant, name: &str) -> Option<String> {
    tenant
        .requests_to("/oauth/token")
        .last()
        .and_then(|request| request.field(name))
}

#[test]
fn a_single_factor_is_prompted_for_without_a_menu() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &[]);
    session
        .exp_string("Code from the authenticator app: ")
        .unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_exit(&session, 0);
}

#[test]
fn several_factors_are_listed_and_one_is_chosen_by_its_number() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("XXX9167\u{1b}[2J", "654321"))
        .start();
    let mut session = login(&tenant, &[]);
    let listed = session.exp_string("Which one? [1] ").unwrap();
    assert!(
        listed.contains("1  otp")
            && listed.contains("2  sms")
            && listed.contains("XXX9167\\u{1b}[2J"),
        "{listed}"
    );
    session.send_line("5").unwrap();
    session.exp_string("Enter a number from 1 to 2.").unwrap();
    session.send_line("2").unwrap();
    session
        .exp_string("Code from the text message to XXX9167")
        .unwrap();
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(last_field(&tenant, "grant_type"), Some(MFA_OOB.into()));
}

#[test]
fn a_factor_on_the_command_line_skips_the_menu() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("x", "654321"))
        .start();
    let mut session = login(&tenant, &["--factor", "sms"]);
    session.exp_string("Code from the text message").unwrap();
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn two_phones_are_a_choice_but_two_authenticator_apps_are_not() {
    let tenant = with_factor(Factor::sms("one", "1"))
        .factor(Factor::sms("two", "2"))
        .start();
    let mut session = login(&tenant, &["--factor", "sms"]);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_line("2").unwrap();
    session.exp_string("to two: ").unwrap();
    session.send_line("2").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));

    let tenant = with_factor(Factor::otp("1"))
        .factor(Factor::otp(CODE))
        .start();
    let mut session = login(&tenant, &[]);
    session
        .exp_string("Code from the authenticator app: ")
        .unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn a_wrong_code_can_be_entered_three_times() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &[]);
    for code in ["1", "2"] {
        session.exp_string("app: ").unwrap();
        session.send_line(code).unwrap();
        session
            .exp_string("That code is wrong; try again.")
            .unwrap();
    }
    session.exp_string("app: ").unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));

    let mut session = login(&tenant, &[]);
    for _ in 0..3 {
        session.exp_string("app: ").unwrap();
        session.send_line("1").unwrap();
    }
    assert!(
        session
            .exp_eof()
            .unwrap()
            .contains("the one-time code is wrong")
    );
    assert_exit(&session, 3);
}

#[test]
fn a_wrong_code_on_the_command_line_is_not_prompted_for_again() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &["--otp", "1"]);
    assert!(
        session
            .exp_eof()
            .unwrap()
            .contains("the one-time code is wrong")
    );
    assert_exit(&session, 3);
}

#[test]
fn a_login_that_took_too_long_starts_over_and_prompts_only_for_the_code() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("x", "1"))
        .start();
    let mut session = login(&tenant, &[]);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_line("1").unwrap();
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::ZERO));
    session.send_line(CODE).unwrap();
    session.exp_string("starting over").unwrap();
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::from_secs(300)));
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(
        (
            tenant.passwords_received(),
            last_field(&tenant, "grant_type")
        ),
        (2, Some(MFA_OTP.into()))
    );
}

#[test]
fn a_login_starts_over_only_once() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &[]);
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::ZERO));
    session.send_line(CODE).unwrap();
    session.exp_string("app: ").unwrap();
    session.send_line(CODE).unwrap();
    assert!(
        session
            .exp_eof()
            .unwrap()
            .contains("the login took too long")
    );
    assert_exit(&session, 4);
}

#[test]
fn time_spent_entering_a_code_does_not_count_towards_the_timeout() {
    let tenant = with_factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &["--timeout", "1"]);
    session.exp_string("app: ").unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn the_factor_after_the_first_is_prompted_for_too() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("x", "654321"))
        .required_factors(2)
        .start();
    let mut session = login(&tenant, &["--factor", "otp", "--otp", CODE]);
    session.exp_string("app: ").unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_exit(&session, 0);
}

#[test]
fn a_message_code_that_expired_starts_the_login_over() {
    let tenant = with_factor(Factor::sms("x", "654321")).start();
    let mut session = login(&tenant, &[]);
    session.exp_string("Code from the text message").unwrap();
    tenant.change(|options| options.oob_code_lifetime(Duration::ZERO));
    session.send_line("654321").unwrap();
    session.exp_string("starting over").unwrap();
    session.exp_string("Code from the text message").unwrap();
    tenant.change(|options| options.oob_code_lifetime(Duration::from_secs(300)));
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 2);
}

/// Asserts that the code in the message is asked for, and that no other code is sent.
fn assert_prompts_for_message(mut session: PtySession, tenant: &Tenant) {
    session.exp_string("Code from the text message").unwrap();
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_exit(&session, 0);
    assert_eq!(tenant.requests_to("/mfa/challenge").len(), 1);
    assert_eq!(tenant.requests_to("/oauth/token").len(), 2);
    assert_eq!(last_field(tenant, "binding_code"), Some("654321".into()));
}

#[test]
fn a_code_that_does_not_fit_the_chosen_factor_is_asked_for() {
    let sms = || with_factor(Factor::sms("XXX9167", "654321"));
    let several = sms().factor(Factor::email("r", "1")).start();
    let mut session = login(&several, &["--otp", CODE]);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_line("sms").unwrap();
    assert_prompts_for_message(session, &several);

    let only = sms().start();
    assert_prompts_for_message(login(&only, &["--otp", CODE]), &only);

    let named = sms().factor(Factor::otp(CODE)).start();
    let session = login(&named, &["--otp", CODE, "--factor", "sms"]);
    assert_prompts_for_message(session, &named);

    let variable = sms().start();
    let arguments = ["--email", EMAIL, "--password", USER_PASSWORD];
    let mut process = process_at(&variable, &arguments);
    process.env("PADLOCK_OTP", CODE);
    assert_prompts_for_message(at_terminal(process), &variable);
}

#[test]
fn a_wrong_code_from_a_message_can_be_entered_again_although_another_one_was_given() {
    let tenant = with_factor(Factor::sms("x", "654321")).start();
    let mut session = login(&tenant, &["--otp", CODE]);
    for code in ["1", "654321"] {
        session.exp_string("Code from the text message").unwrap();
        session.send_line(code).unwrap();
    }
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn a_code_for_an_app_does_not_prevent_a_push() {
    let tenant = with_factor(Factor::push_accepted_after(0))
        .advertises_interval(1)
        .start();
    let mut session = login(&tenant, &["--otp", CODE]);
    session.exp_string("Waiting for the push").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_exit(&session, 0);
}

#[test]
fn time_spent_on_the_choice_of_a_factor_does_not_count_towards_the_timeout() {
    let tenant = with_factor(Factor::otp(CODE))
        .factor(Factor::sms("x", "654321"))
        .start();
    for (factor, code) in [("otp", CODE), ("sms", "654321")] {
        let mut session = login(&tenant, &["--timeout", "2"]);
        session.exp_string("Which one? [1] ").unwrap();
        std::thread::sleep(Duration::from_millis(2300));
        session.send_line(factor).unwrap();
        session.exp_string("Code from the").unwrap();
        session.send_line(code).unwrap();
        assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    }
}

#[test]
fn a_command_for_the_code_has_its_time_however_long_the_choice_took() {
    let tenant = with_factor(Factor::sms("x", "654321"))
        .factor(Factor::email("y", "1"))
        .start();
    let command = ["--otp-command", "echo 654321", "--timeout", "2"];
    let mut session = login(&tenant, &command);
    session.exp_string("Which one? [1] ").unwrap();
    std::thread::sleep(Duration::from_millis(2300));
    session.send_line("sms").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}
