//! Second factors for a person at a terminal: a choice, a prompt, a second try, a push to wait for.

use std::time::Duration;

use rexpect::session::PtySession;

use crate::program::process_at;
use crate::tenant::{EMAIL, Factor, MFA_OOB, MFA_OTP, Tenant, TenantOptions, USER_PASSWORD};
use crate::terminal::{assert_exit, at_terminal};

const CODE: &str = "123456";

fn with(factor: Factor) -> TenantOptions {
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
fn one_factor_is_asked_for_without_a_choice() {
    let tenant = with(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &[]);
    session
        .exp_string("Code of the authenticator app: ")
        .unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_exit(&session, 0);
}

#[test]
fn several_factors_are_listed_and_one_is_chosen_by_its_number() {
    let tenant = with(Factor::otp(CODE))
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
    session.exp_string("A number from 1 to 2").unwrap();
    session.send_line("2").unwrap();
    session
        .exp_string("Code of the text message to XXX9167")
        .unwrap();
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(last_field(&tenant, "grant_type"), Some(MFA_OOB.into()));
}

#[test]
fn the_factor_on_the_command_line_is_not_asked_for() {
    let tenant = with(Factor::otp(CODE))
        .factor(Factor::sms("x", "654321"))
        .start();
    let mut session = login(&tenant, &["--factor", "sms"]);
    session.exp_string("Code of the text message").unwrap();
    session.send_line("654321").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn two_telephones_are_a_choice_and_two_apps_are_none() {
    let tenant = with(Factor::sms("one", "1"))
        .factor(Factor::sms("two", "2"))
        .start();
    let mut session = login(&tenant, &["--factor", "sms"]);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_line("2").unwrap();
    session.exp_string("to two: ").unwrap();
    session.send_line("2").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));

    let tenant = with(Factor::otp("1")).factor(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &[]);
    session
        .exp_string("Code of the authenticator app: ")
        .unwrap();
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn a_wrong_code_can_be_typed_again_twice() {
    let tenant = with(Factor::otp(CODE)).start();
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
fn a_wrong_code_that_was_given_is_not_asked_for_again() {
    let tenant = with(Factor::otp(CODE)).start();
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
fn a_login_that_took_too_long_starts_over_once_and_asks_for_the_code_alone() {
    let tenant = with(Factor::otp(CODE))
        .factor(Factor::sms("x", "1"))
        .start();
    let mut session = login(&tenant, &[]);
    session.exp_string("Which one? [1] ").unwrap();
    session.send_line("1").unwrap();
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::ZERO));
    session.send_line(CODE).unwrap();
    session.exp_string("starts over").unwrap();
    session.exp_string("app: ").unwrap();
    tenant.change(|options| options.mfa_token_lifetime(Duration::from_secs(600)));
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
fn it_starts_over_only_once() {
    let tenant = with(Factor::otp(CODE)).start();
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
fn the_time_that_a_person_takes_to_type_a_code_does_not_count() {
    let tenant = with(Factor::otp(CODE)).start();
    let mut session = login(&tenant, &["--timeout", "1"]);
    session.exp_string("app: ").unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    session.send_line(CODE).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}
