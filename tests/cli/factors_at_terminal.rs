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
