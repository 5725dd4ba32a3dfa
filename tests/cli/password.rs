//! Where the password comes from; it reaches the tenant byte for byte.

use std::fs;

use predicates::prelude::PredicateBooleanExt;

use crate::program::{padlock_at, says};
use crate::tenant::{EMAIL, Tenant, USER_PASSWORD};

const STRANGE: &str = "-p ä\"'\\$ \u{1F512}\u{202e}\t%&=+# end ";

fn tenant_with(password: &str) -> Tenant {
    Tenant::builder()
        .first_user(|user| password.clone_into(&mut user.password))
        .start()
}

fn sent(tenant: &Tenant) -> String {
    tenant.requests_to("/oauth/token")[0]
        .field("password")
        .unwrap()
}

#[test]
fn a_password_on_the_command_line_reaches_the_tenant_byte_for_byte() {
    for password in [
        STRANGE.to_owned(),
        "-x".into(),
        "--password".into(),
        "x".repeat(1000),
        "ü".repeat(1000),
    ] {
        let tenant = tenant_with(&password);
        padlock_at(&tenant)
            .args(["--email", EMAIL, "--password", &password])
            .assert()
            .code(0);
        assert_eq!(sent(&tenant), password);
    }
}

#[test]
fn a_password_on_stdin_loses_one_line_ending_and_nothing_else() {
    for (input, password) in [
        (format!("{STRANGE}\n"), STRANGE),
        ("a\r\n".into(), "a"),
        ("a\t\n".into(), "a\t"),
        ("\u{feff}a\n".into(), "a"),
    ] {
        let tenant = tenant_with(password);
        padlock_at(&tenant)
            .args(["--email", EMAIL, "--password-stdin"])
            .write_stdin(input)
            .assert()
            .code(0);
        assert_eq!(sent(&tenant), password);
    }
}

#[test]
fn a_password_file_loses_one_line_ending_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pw");
    fs::write(&file, format!("{STRANGE}\r\n")).unwrap();
    let tenant = tenant_with(STRANGE);
    padlock_at(&tenant)
        .args(["--email", EMAIL, "--password-file"])
        .arg(&file)
        .assert()
        .code(0);
    assert_eq!(sent(&tenant), STRANGE);
}

#[test]
fn a_password_can_come_from_the_environment() {
    let tenant = tenant_with(STRANGE);
    padlock_at(&tenant)
        .env("PADLOCK_EMAIL", EMAIL)
        .env("PADLOCK_PASSWORD", STRANGE)
        .assert()
        .code(0);
    assert_eq!(sent(&tenant), STRANGE);
}

#[test]
fn a_password_on_the_command_line_overrides_the_environment() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login
        .env("PADLOCK_PASSWORD", "other")
        .args(["--email", EMAIL, "--password", USER_PASSWORD])
        .assert()
        .code(0);
}

#[test]
fn an_empty_password_is_an_error_and_is_never_sent() {
    let tenant = Tenant::start();
    let login = || {
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL]);
        login
    };
    login()
        .args(["--password", ""])
        .assert()
        .code(2)
        .stderr(says("--password is empty"));
    login()
        .env("PADLOCK_PASSWORD", "")
        .assert()
        .code(2)
        .stderr(says("PADLOCK_PASSWORD"));
    login()
        .arg("--password-stdin")
        .write_stdin("")
        .assert()
        .code(2)
        .stderr(says("standard input"));
    login()
        .arg("--password-stdin")
        .write_stdin("\n")
        .assert()
        .code(2)
        .stderr(says("it is empty"));
    login()
        .args(["--password-file", "/dev/null"])
        .assert()
        .code(2)
        .stderr(says("/dev/null"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_password_that_is_not_utf_8_is_an_error_and_is_never_sent() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login
        .args(["--email", EMAIL, "--password-stdin"])
        .write_stdin(b"\xff\xfe\n".as_slice());
    login.assert().code(2).stderr(says("not UTF-8"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_missing_password_file_is_named() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password-file", "/nowhere/pw"]);
    login
        .assert()
        .code(2)
        .stderr(says("/nowhere/pw").and(says("No such file")));
}

#[test]
fn two_sources_of_the_password_are_refused() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args([
        "--email",
        EMAIL,
        "--password-stdin",
        "--password",
        "hunter2",
    ]);
    login
        .assert()
        .code(2)
        .stderr(says("--password-stdin").and(says("hunter2").not()));
}

#[test]
fn without_a_terminal_padlock_does_not_prompt_and_names_the_missing_setting() {
    let tenant = Tenant::start();
    padlock_at(&tenant)
        .args(["--email", EMAIL])
        .assert()
        .code(2)
        .stderr(says("no password is given"));
    padlock_at(&tenant)
        .assert()
        .code(2)
        .stderr(says("no e-mail address is given").and(says("--email")));
    assert_eq!(tenant.requests().len(), 0);
}
