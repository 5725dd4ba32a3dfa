//! What a person at a terminal is asked about a session.

use super::{Home, assert_current, refreshes, rotating};
use crate::program::process_at;
use crate::tenant::{AUDIENCE, EMAIL, Factor, Fault, TOKEN, Tenant, TenantOptions, USER_PASSWORD};
use crate::terminal::{assert_exit, at_terminal};

fn home_with_expired_token(tenant: &Tenant) -> Home {
    let home = Home::new();
    home.sign_in(tenant);
    home.let_tokens_expire();
    home
}

fn token_at_terminal(
    home: &Home,
    tenant: &Tenant,
    arguments: &[&str],
) -> rexpect::session::PtySession {
    let mut process = process_at(tenant, &[&["token"], arguments].concat());
    process.env("XDG_STATE_HOME", home.state());
    at_terminal(process)
}

#[test]
fn a_person_without_a_usable_session_may_sign_in_again() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    home.change_session(|session| session["refresh_token"] = "v1.revoked".into());
    let mut session =
        token_at_terminal(&home, &tenant, &["--email", EMAIL, "--audience", AUDIENCE]);
    session.exp_string("Sign in again? [Y/n]").unwrap();
    session.send_line("").unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains(home.token(&tenant).as_str()), "{rest}");
    assert_current(&home, &tenant);
}

#[test]
fn declining_to_sign_in_again_exits_with_10() {
    let tenant = rotating().start();
    let mut session = token_at_terminal(&Home::new(), &tenant, &[]);
    session.exp_string("Sign in again? [Y/n]").unwrap();
    session.send_line("n").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 10);
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_interrupted_renewal_is_only_tried_again_if_the_person_agrees() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    tenant.change(|options| options.fault_first(1, TOKEN, Fault::ClosesWithoutResponse));
    home.run(&tenant, &["token"]).assert().code(7);
    tenant.change(TenantOptions::without_scripts);
    tenant.clear_requests();
    let mut session = token_at_terminal(&home, &tenant, &[]);
    session
        .exp_string("Try the refresh token once more? [y/N]")
        .unwrap();
    session.send_line("").unwrap();
    session.exp_string("Sign in again? [Y/n]").unwrap();
    session.send_line("n").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 10);
    assert_eq!(tenant.requests().len(), 0);
    let mut session = token_at_terminal(&home, &tenant, &[]);
    session
        .exp_string("Try the refresh token once more? [y/N]")
        .unwrap();
    session.send_line("y").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_current(&home, &tenant);
}

#[test]
fn a_second_factor_for_a_renewal_is_asked_for() {
    let tenant = rotating()
        .first_user(|user| user.factors = vec![Factor::otp("123456")])
        .refresh_requires_mfa()
        .start();
    let home = home_with_expired_token(&tenant);
    let mut session = token_at_terminal(&home, &tenant, &[]);
    session
        .exp_string("Code from the authenticator app")
        .unwrap();
    session.send_line("123456").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
    assert_current(&home, &tenant);
}

#[test]
fn a_long_wait_for_another_process_is_announced() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let lock = home.session_file().with_extension("lock");
    let lock = std::fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let mut session = token_at_terminal(&home, &tenant, &["--timeout", "20"]);
    let before = session
        .exp_string("Waiting for another padlock process; this may take up to")
        .unwrap();
    assert_eq!(before.trim(), "");
    session.exp_string(" s.").unwrap();
    drop(lock);
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains(home.token(&tenant).as_str()), "{rest}");
}
