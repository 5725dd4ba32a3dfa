//! Prompts: what is asked, when, and where it is shown.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use rexpect::session::PtySession;

use crate::program::{padlock_at, process_at, says};
use crate::tenant::{EMAIL, Factor, Tenant, USER_PASSWORD};
use crate::terminal::{assert_exit, at_columns, at_terminal};

/// At the password prompt.
pub(crate) fn prompted(tenant: &Tenant) -> PtySession {
    let mut session = at_terminal(process_at(tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session
}

/// A shell on a terminal that echoes; `$0` and `$@` in its script are the program.
pub(crate) fn in_shell(tenant: &Tenant, script: &str, arguments: &[&str]) -> PtySession {
    let process = process_at(tenant, arguments);
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .envs(tenant.settings())
        .env("PATH", "/usr/bin:/bin")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .args(["-c", &format!("stty echo; {script}")])
        .arg(process.get_program())
        .args(process.get_args());
    at_terminal(shell)
}

#[test]
fn the_prompt_names_the_account_and_the_host_and_hides_the_password() {
    let tenant = Tenant::start();
    let host = tenant
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session
        .exp_string(&format!("Password for {EMAIL} at {host}: "))
        .unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        shown.contains("Robin Percy") && !shown.contains(USER_PASSWORD),
        "{shown}"
    );
    assert_eq!(
        tenant.requests_to("/oauth/token")[0].field("password"),
        Some(USER_PASSWORD.into())
    );
    assert_exit(&session, 0);
}

#[test]
fn the_email_address_is_prompted_for_if_none_is_given() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &[]));
    session.exp_string("Email: ").unwrap();
    session.send_line(EMAIL).unwrap();
    session.exp_string("Password for robin@percy.test").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn no_input_prevents_prompts_even_on_a_terminal() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL, "--no-input"]));
    assert!(session.exp_eof().unwrap().contains("no password is given"));
    assert_exit(&session, 2);
}

#[test]
fn without_a_terminal_on_stdin_nothing_is_prompted_for() {
    let tenant = Tenant::start();
    let output = process_at(&tenant, &["--email", EMAIL])
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_empty_answer_repeats_the_question() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &[]));
    for answer in ["", "  ", EMAIL] {
        session.exp_string("Email: ").unwrap();
        session.send_line(answer).unwrap();
    }
    session.exp_string("Password for").unwrap();
    session.send_line("").unwrap();
    session.exp_string("Enter the password").unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn an_empty_code_repeats_the_question() {
    let tenant = Tenant::builder().factor(Factor::otp("123456")).start();
    let arguments = ["--email", EMAIL, "--password", USER_PASSWORD];
    let mut session = at_terminal(process_at(&tenant, &arguments));
    for answer in ["", "  ", "\u{a0}", ""] {
        session.exp_string("app: ").unwrap();
        session.send_line(answer).unwrap();
        session.exp_string("Enter the code").unwrap();
    }
    session.exp_string("app: ").unwrap();
    session.send_line("123456").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(tenant.requests_to("/oauth/token").len(), 2);
}

#[test]
fn ctrl_d_in_place_of_a_code_ends_the_login() {
    let tenant = Tenant::builder().factor(Factor::otp("123456")).start();
    let arguments = ["--email", EMAIL, "--password", USER_PASSWORD];
    let mut session = at_terminal(process_at(&tenant, &arguments));
    session.exp_string("app: ").unwrap();
    session.send_line("").unwrap();
    session.exp_string("app: ").unwrap();
    session.send_control('d').unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("the input ended"), "{shown}");
    assert_exit(&session, 2);
    assert_eq!(tenant.requests_to("/oauth/token").len(), 1);
}

#[test]
fn a_wrong_password_may_be_typed_again_twice() {
    let tenant = Tenant::start();
    let mut session = prompted(&tenant);
    session.send_line("wrong").unwrap();
    session.exp_string("is wrong; try again").unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));

    let tenant = Tenant::start();
    let mut session = prompted(&tenant);
    for _ in 0..2 {
        session.send_line("wrong").unwrap();
        session.exp_string("Password for").unwrap();
        session.exp_string(": ").unwrap();
    }
    session.send_line("wrong").unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        shown.contains("the e-mail address or the password is wrong"),
        "{shown}"
    );
    assert_exit(&session, 3);
    assert_eq!(tenant.passwords_received(), 3);
}

#[test]
fn a_password_that_was_not_typed_gets_one_attempt_even_at_a_terminal() {
    let tenant = Tenant::start();
    let arguments = ["--email", EMAIL, "--password", "wrong"];
    let mut session = at_terminal(process_at(&tenant, &arguments));
    session.exp_eof().unwrap();
    assert_exit(&session, 3);
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn neither_a_redirected_stderr_nor_a_pipe_hides_the_dialogue() {
    let tenant = Tenant::builder()
        .factor(Factor::otp("123456"))
        .factor(Factor::sms("XXX9167", "1"))
        .start();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let script = format!("\"$0\" \"$@\" 2>{} | cat", log.display());
    let mut session = in_shell(&tenant, &script, &["--output", "json"]);
    for (question, answer) in [
        ("Email: ", EMAIL),
        ("Password for", "wrong"),
        ("try again", USER_PASSWORD),
        ("Which one? [1] ", "9"),
        ("Enter a number from 1 to 2.", "1"),
        ("app: ", "1"),
        ("That code is wrong", "123456"),
    ] {
        session.exp_string(question).unwrap();
        session.send_line(answer).unwrap();
    }
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("\"name\":\"Robin Percy\""), "{shown}");
    assert_eq!(fs::read_to_string(log).unwrap(), "");
}

#[test]
fn no_account_pushes_the_prompt_off_the_screen_or_hides() {
    let tenant = Tenant::start();
    for email in [
        " ".repeat(5000) + "x",
        "\u{2800}".repeat(3000),
        format!("robin{}", "\u{301}".repeat(3000)),
        "a\u{202e}\u{200b}\u{3000}b".to_owned(),
        "李".repeat(900),
    ] {
        let mut session = at_columns(80, &tenant, &["--email", &email]);
        let shown = session.exp_string(": ").unwrap();
        assert!(
            shown.contains(" at") && shown.contains("127.0.0.1"),
            "{shown:?}"
        );
        // The session hands out bytes as characters.
        assert!(shown.chars().count() < 350, "{shown:?}");
        for hidden in ["  ", "\u{2800}", "\u{202e}"] {
            let bytes: String = hidden.bytes().map(char::from).collect();
            assert!(!shown.contains(&bytes), "{shown:?}");
        }
    }
}

#[test]
fn a_long_host_is_shown_by_its_end() {
    let tenant = Tenant::start();
    let host = format!("{}evil.test", "a.".repeat(400));
    let mut command = process_at(&tenant, &["--email", EMAIL, "--domain", &host]);
    // Someone who accepts the connection and then says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", silent.local_addr().unwrap());
    command.env_remove("AUTH0_DOMAIN").env("HTTPS_PROXY", proxy);
    let mut session = at_terminal(command);
    let shown = session.exp_string("evil.test: ").unwrap();
    assert!(shown.chars().count() < 300, "{shown}");
}

#[test]
fn a_piped_stdin_without_its_flag_gets_exactly_that_hint() {
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL]).write_stdin("pw\n");
    login
        .assert()
        .code(2)
        .stderr(says("no password is given").and(says(
            "hint: add --password-stdin to read the password from standard input\n",
        )));
    let output = process_at(&tenant, &["--email", EMAIL])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("--password-stdin, --password-file or --password-command"),
        "{stderr}"
    );
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_unreachable_host_is_reported_before_the_password_is_asked_for() {
    let tenant = Tenant::start();
    for (domain, arguments) in [
        ("http://127.0.0.1:9/", &["--email", EMAIL][..]),
        ("nowhere.invalid", &["--email", EMAIL]),
        ("http://127.0.0.1:9/", &[]),
    ] {
        let mut command = process_at(&tenant, arguments);
        command.env("AUTH0_DOMAIN", domain);
        let mut session = at_terminal(command);
        if arguments.is_empty() {
            session.exp_string("Email: ").unwrap();
            session.send_line(EMAIL).unwrap();
        }
        let shown = session.exp_eof().unwrap();
        assert!(shown.contains("is unreachable"), "{shown}");
        assert!(
            !shown.contains("Password") && !shown.contains("retrying"),
            "{shown}"
        );
        assert_exit(&session, 7);
    }
}

#[test]
fn a_wait_of_more_than_a_second_says_what_is_awaited_and_for_how_long() {
    let tenant = Tenant::builder()
        .delay("/oauth/token", Duration::from_millis(1500))
        .start();
    let script = "\"$0\" \"$@\" 2>/dev/null";
    let mut session = in_shell(&tenant, script, &["--email", EMAIL]);
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    session.exp_string("Waiting for 127.0.0.1").unwrap();
    session.exp_string("; this may take up to 29 s.").unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        !shown.contains("Waiting") && shown.contains("Robin Percy"),
        "{shown}"
    );

    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password", USER_PASSWORD]);
    login.assert().code(0).stderr("");
}

#[test]
fn verify_on_a_terminal_says_that_it_reads_tokens() {
    let tenant = Tenant::start();
    let arguments = ["verify", "--issuer", &tenant.issuer(), "--any-audience"];
    let mut session = at_terminal(process_at(&tenant, &arguments));
    session
        .exp_string("Reading tokens from standard input")
        .unwrap();
    session.send_line("nonsense").unwrap();
    session.send_control('d').unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 8);
}

#[test]
fn time_spent_at_any_prompt_does_not_count_towards_the_timeout() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--timeout", "1"]));
    for (question, answer) in [
        ("Email: ", EMAIL),
        ("Password for", "wrong"),
        ("again", USER_PASSWORD),
    ] {
        session.exp_string(question).unwrap();
        sleep(Duration::from_millis(1200));
        session.send_line(answer).unwrap();
    }
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}
