//! A command line that does not parse.

use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, padlock, says};

#[test]
fn a_usage_error_never_repeats_what_could_be_a_password() {
    let lines: [&[&str]; 6] = [
        &["--email", "a", "hunter2"],
        &["--email", "a", "--passwrod", "hunter2"],
        &["--email", "a", "--passwrod=hunter2"],
        &["-phunter2"],
        &["--hunter2"],
        &["--password", "hunter2", "client-credentials"],
    ];
    for line in lines {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stdout("")
            .stderr(says("hunter2").not().and(says("hint:")));
    }
}

#[test]
fn a_mistyped_flag_is_named_and_the_right_one_suggested() {
    padlock()
        .args(["--emial", "a"])
        .assert()
        .code(2)
        .stderr(says("--emial").and(says("is --email meant?")));
}

#[test]
fn a_usage_error_is_json_where_that_was_asked_for() {
    for line in [
        ["--error-format=json", "--emial"],
        ["--emial", "--error-format=json"],
    ] {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stderr(says("\"class\":\"usage\""));
    }
    assert_eq!(
        error_of(padlock().args(["--output", "xml"]))["class"],
        "usage"
    );
}

#[test]
fn the_common_flags_stand_before_or_behind_a_command() {
    for line in [
        ["--error-format", "json", "login"],
        ["login", "--error-format", "json"],
    ] {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stderr(says("\"class\":\"usage\""));
    }
}

#[test]
fn a_login_flag_before_another_command_is_refused_not_lost() {
    padlock()
        .args(["--email", "a", "client-credentials"])
        .assert()
        .code(2)
        .stderr(says("--email"));
}

#[test]
fn help_and_version_go_to_stdout_and_exit_0() {
    padlock()
        .arg("--version")
        .assert()
        .code(0)
        .stdout(says("padlock "))
        .stderr("");
    padlock()
        .arg("--help")
        .assert()
        .code(0)
        .stdout(says("Exit codes").and(says("AUTH0_DOMAIN")))
        .stderr("");
}

#[test]
fn help_never_shows_the_value_of_a_variable() {
    let mut help = padlock();
    help.env("PADLOCK_PASSWORD", "hunter2")
        .env("AUTH0_CLIENT_SECRET", "hunter3")
        .env("AUTH0_DOMAIN", "hunter4");
    help.arg("--help")
        .assert()
        .code(0)
        .stdout(says("hunter").not());
}

#[test]
fn no_flag_takes_the_client_secret_itself() {
    padlock()
        .args(["--client-secret", "hunter2"])
        .assert()
        .code(2)
        .stderr(says("hunter2").not());
}
