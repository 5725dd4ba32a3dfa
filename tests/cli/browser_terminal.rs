//! A login with a browser at a terminal: the dialogue, and the redirect that is pasted back.

use rexpect::session::PtySession;
use url::Url;

use crate::browsing::{ANY_PORT, begin, tenant, visit};
use crate::tenant::{TOKEN, Tenant};
use crate::terminal::{assert_died, assert_exit, at_columns};

/// A login at a terminal, and the address that it prints.
fn at_terminal(tenant: &Tenant, arguments: &[&str]) -> (PtySession, Url) {
    let login = ["login", "--browser", "--redirect-uri", ANY_PORT];
    let mut session = at_columns(200, tenant, &[&login, arguments].concat());
    let (_, address) = session.exp_regex(r"http\S+/authorize\?\S+").unwrap();
    (session, Url::parse(&address).unwrap())
}

/// Where the browser ends, signed in at the tenant.
fn redirect_of(address: &Url) -> String {
    let browser = reqwest::blocking::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let response = browser.unwrap().get(address.clone()).send().unwrap();
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[test]
fn the_redirect_can_be_pasted_where_the_browser_runs_elsewhere_and_is_not_shown() {
    let tenant = tenant().start();
    let (mut session, address) = at_terminal(&tenant, &["--no-open"]);
    session.exp_string("Address: ").unwrap();
    let redirect = redirect_of(&address);
    session.send_line(&redirect).unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        shown.contains("Robin Percy") && !shown.contains("code="),
        "{shown}"
    );
    assert_exit(&session, 0);
}

#[test]
fn a_pasted_address_is_checked_like_a_request() {
    let tenant = tenant().start();
    let (mut session, address) = at_terminal(&tenant, &["--no-open"]);
    let redirect = redirect_of(&address);
    let state = address
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let (_, code) = redirect.split_once("code=").unwrap();
    for wrong in [
        redirect.replace(&*state, "x"),
        redirect.replace("127.0.0.1", "localhost"),
        redirect.replace("/callback", "/other"),
        redirect.replace("http:", "https:"),
        format!("code={code}"),
        code.to_owned(),
    ] {
        session.exp_string("Address: ").unwrap();
        session.send_line(&wrong).unwrap();
        session.exp_string("not where this sign-in ends").unwrap();
    }
    assert_eq!(tenant.requests_to(TOKEN).len(), 0);
    session.exp_string("Address: ").unwrap();
    session.send_line(&redirect).unwrap();
    session.exp_string("Robin Percy").unwrap();
}

#[test]
fn the_browsers_return_ends_the_question_for_the_address() {
    let tenant = tenant().start();
    let (mut session, address) = at_terminal(&tenant, &["--no-open"]);
    session.exp_string("Address: ").unwrap();
    visit(&Url::parse(&redirect_of(&address)).unwrap());
    session.exp_string("Robin Percy").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
}

#[test]
fn without_a_display_the_address_is_printed_and_the_redirect_asked_for() {
    let tenant = tenant().start();
    let (mut session, _) = at_terminal(&tenant, &[]);
    session.exp_string("Address: ").unwrap();
}

#[test]
fn ctrl_c_ends_the_wait_at_once() {
    let tenant = tenant().start();
    let (mut session, _) = at_terminal(&tenant, &["--no-open"]);
    session.exp_string("Address: ").unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    assert_died(&session, "SIGINT");
}

#[test]
fn the_wait_says_what_for_and_for_how_long() {
    let tenant = tenant().start();
    let login = ["login", "--browser", "--redirect-uri", ANY_PORT];
    let process = crate::program::process_at(&tenant, &login);
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .env_clear()
        .envs(tenant.settings())
        .env("PATH", "/usr/bin:/bin")
        .env("BROWSER", "true")
        .arg("-c")
        .arg("stty cols 200 rows 24 && exec \"$0\" \"$@\"")
        .arg(process.get_program())
        .args(process.get_args());
    let mut session = crate::terminal::at_terminal(shell);
    session
        .exp_string("Opening the browser to sign in at 127.0.0.1")
        .unwrap();
    session
        .exp_string("Waiting for the sign-in in the browser (10m left)")
        .unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    assert_died(&session, "SIGINT");
}

#[test]
fn a_signal_ends_a_login_without_a_terminal_too() {
    let tenant = tenant().start();
    let mut login = begin(&tenant, &[]);
    let pid = login.child().id().to_string();
    let killed = std::process::Command::new("sh")
        .args(["-c", &format!("kill -INT {pid}")])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(login.end().code, None);
}
