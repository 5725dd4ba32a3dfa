//! At a terminal: prompts, tables that fit, Ctrl-C.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rexpect::session::{PtySession, spawn_command};
use rustix::process::{Pid, Signal, kill_process};
use unicode_width::UnicodeWidthStr;

use crate::program::process_at;
use crate::tenant::{EMAIL, Fault, Tenant, USER_PASSWORD};

const TIMEOUT_MS: Option<u64> = Some(10_000);

pub(crate) fn at_terminal(command: Command) -> PtySession {
    spawn_command(command, TIMEOUT_MS).expect("the pseudo-terminal opens")
}

/// The program on a terminal of this many columns.
pub(crate) fn at_columns(columns: u16, tenant: &Tenant, arguments: &[&str]) -> PtySession {
    let process = process_at(tenant, arguments);
    let mut shell = Command::new("/bin/sh");
    let settings = tenant.settings();
    shell
        .env_clear()
        .envs(settings)
        .arg("-c")
        .arg(format!("stty cols {columns} rows 24 && exec \"$0\" \"$@\""));
    shell
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .arg(process.get_program())
        .args(process.get_args());
    at_terminal(shell)
}

/// What appears on a terminal of this many columns.
fn shown_at(columns: u16, tenant: &Tenant, arguments: &[&str]) -> String {
    let shown = at_columns(columns, tenant, arguments)
        .exp_eof()
        .expect("the program ends");
    // The session hands out bytes as characters.
    let bytes: Vec<u8> = shown
        .chars()
        .filter(|c| *c != '\r')
        .filter_map(|c| u8::try_from(c).ok())
        .collect();
    String::from_utf8(bytes).expect("the program writes UTF-8")
}

pub(crate) fn assert_exit(session: &PtySession, code: i32) {
    let status = format!("{:?}", session.process().wait().expect("the program ends"));
    assert!(
        status.starts_with("Exited(") && status.ends_with(&format!(", {code})")),
        "{status}"
    );
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
fn a_typed_password_may_contain_any_unicode() {
    let password = "pä55 'wörd\" $\u{1F512}";
    let tenant = Tenant::builder()
        .first_user(|user| password.clone_into(&mut user.password))
        .start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line(password).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn a_typed_password_that_is_not_utf_8_is_never_sent() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line("p\u{fffd}w").unwrap();
    assert!(
        session
            .exp_eof()
            .unwrap()
            .contains("the password that was typed is not UTF-8")
    );
    assert_exit(&session, 2);
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn an_empty_password_at_the_prompt_is_never_sent() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line("").unwrap();
    assert!(session.exp_eof().unwrap().contains("the password is empty"));
    assert_exit(&session, 2);
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn ctrl_d_at_the_prompt_is_reported_on_its_own_line() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send_control('d').unwrap();
    assert!(
        session
            .exp_eof()
            .unwrap()
            .starts_with("\r\npadlock: the input ended before anything was entered")
    );
    assert_exit(&session, 2);
}

#[test]
fn no_input_prevents_prompts_even_on_a_terminal() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL, "--no-input"]));
    assert!(session.exp_eof().unwrap().contains("no password is given"));
    assert_exit(&session, 2);
}

#[test]
fn ctrl_c_at_the_prompt_exits_with_130_and_restores_the_terminal() {
    let tenant = Tenant::start();
    let process = process_at(&tenant, &["--email", EMAIL]);
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .envs(tenant.settings())
        .env("PATH", "/usr/bin:/bin");
    shell.args(["-c", "stty echo; \"$0\" \"$@\"; echo \"exit $?\"; stty -a"]);
    shell.arg(process.get_program()).args(process.get_args());
    let mut session = at_terminal(shell);
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send_control('c').unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("exit 130"), "{shown}");
    for setting in ["echo", "isig", "icanon"] {
        assert!(
            shown.split_whitespace().any(|word| word == setting),
            "{setting} in {shown}"
        );
    }
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn every_signal_at_the_prompt_restores_the_echo() {
    let tenant = Tenant::start();
    for (signal, code) in [
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
        (Signal::TERM, 143),
    ] {
        let process = process_at(&tenant, &["--email", EMAIL]);
        let mut shell = Command::new("/bin/sh");
        shell
            .env_clear()
            .envs(tenant.settings())
            .env("PATH", "/usr/bin:/bin")
            .arg("-c");
        let named = r#"sh -c 'echo "[$$]"; exec "$0" "$@"' "$0" "$@""#;
        shell.arg(format!("stty echo; {named}; echo \"exit $?\"; stty -a"));
        shell.arg(process.get_program()).args(process.get_args());
        let mut session = at_terminal(shell);
        let (_, id) = session.exp_regex(r"\[[0-9]+\]").unwrap();
        session.exp_string("Password for").unwrap();
        session.exp_string(": ").unwrap();
        let id = Pid::from_raw(id.trim_matches(['[', ']']).parse().unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        let shown = session.exp_eof().unwrap();
        assert!(shown.contains(&format!("exit {code}")), "{shown}");
        assert!(
            shown.split_whitespace().any(|word| word == "echo"),
            "after {signal:?}: {shown}"
        );
    }
}

#[test]
fn tables_wrap_their_cells_to_the_width_of_the_terminal() {
    let tenant = Tenant::builder()
        .claim(
            "nickname",
            serde_json::json!("a rather long nickname, 李小龍"),
        )
        .start();
    for columns in [40, 60, 80, 200] {
        let arguments = [
            "--email",
            EMAIL,
            "--password",
            USER_PASSWORD,
            "--all-claims",
        ];
        let shown = shown_at(columns, &tenant, &arguments);
        let lines: Vec<_> = shown.lines().filter(|line| !line.is_empty()).collect();
        assert!(
            lines.iter().all(|line| line.width() <= columns.into()),
            "at {columns}:\n{shown}"
        );
        assert!(
            lines
                .iter()
                .all(|line| line.starts_with(['+', '|']) && line.ends_with(['+', '|'])),
            "{shown}"
        );
    }
}

#[test]
fn a_token_response_is_escaped_on_a_terminal_and_nowhere_else() {
    let response = "{\"access_token\":\"abc\",\"scope\":\"a\u{9b}31m\u{202e}\"}";
    let tenant = Tenant::builder().token_response(200, &[], response).start();
    for output in ["json", "tokens"] {
        let arguments = ["client-credentials", "--audience", "a", "--output", output];
        let shown = shown_at(80, &tenant, &arguments);
        assert!(shown.contains("a\\u009b31m\\u202e"), "{shown:?}");
        let piped = process_at(&tenant, &arguments).output().unwrap().stdout;
        assert!(
            String::from_utf8(piped)
                .unwrap()
                .contains("a\u{9b}31m\u{202e}")
        );
    }
}

#[test]
fn a_token_response_is_indented_on_a_terminal_whatever_is_between_its_values() {
    let response = "{\"access_token\":\"abc\"\r,\t\r\"expires_in\"\r:\t1.50e1}\r\t";
    let tenant = Tenant::builder().token_response(200, &[], response).start();
    let arguments = [
        "client-credentials",
        "--audience",
        "a",
        "--output",
        "tokens",
    ];
    let shown = shown_at(80, &tenant, &arguments);
    let indented = "{\n  \"access_token\": \"abc\",\n  \"expires_in\": 1.50e1\n}\n";
    assert_eq!(shown, indented);
}

#[test]
fn claims_are_escaped_on_a_terminal() {
    let tenant = Tenant::builder()
        .claim("odd", serde_json::json!("a\u{1b}[2J\u{202e}"))
        .start();
    let arguments = ["--email", EMAIL, "--password", USER_PASSWORD];
    let shown = shown_at(80, &tenant, &[&arguments[..], &["--claim", "odd"]].concat());
    assert!(shown.contains("a\\u{1b}[2J\\u{202e}"), "{shown:?}");
    let shown = shown_at(
        80,
        &tenant,
        &[&arguments[..], &["--output", "json"]].concat(),
    );
    assert!(
        shown.contains("\\u202e") && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
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
fn without_a_terminal_a_signal_still_sets_the_exit_code() {
    for (signal, code) in [(Signal::INT, 130), (Signal::QUIT, 131), (Signal::TERM, 143)] {
        let tenant = Tenant::builder()
            .fault("/oauth/token", Fault::NoResponse)
            .start();
        let mut process = process_at(&tenant, &["--email", EMAIL, "--password", USER_PASSWORD]);
        let child = process
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while tenant.requests_to("/oauth/token").is_empty() {
            sleep(Duration::from_millis(5));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn without_a_terminal_a_hangup_ends_the_run_unless_it_is_ignored_as_by_nohup() {
    for (start, ends_with) in [
        ("exec \"$0\" \"$@\"", Signal::HUP),
        ("trap '' HUP; exec \"$0\" \"$@\"", Signal::KILL),
    ] {
        let tenant = Tenant::builder()
            .fault("/oauth/token", Fault::NoResponse)
            .start();
        let process = process_at(&tenant, &["--email", EMAIL, "--password", USER_PASSWORD]);
        let mut shell = Command::new("/bin/sh");
        shell
            .env_clear()
            .envs(tenant.settings())
            .args(["-c", start])
            .arg(process.get_program());
        let mut child = shell
            .args(process.get_args())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        while tenant.requests_to("/oauth/token").is_empty() {
            sleep(Duration::from_millis(5));
        }
        kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
        if ends_with == Signal::KILL {
            sleep(Duration::from_millis(100));
            kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
        }
        assert_eq!(child.wait().unwrap().signal(), Some(ends_with.as_raw()));
    }
}
