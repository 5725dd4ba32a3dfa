//! Signals: the terminal is restored, and the signal then has its usual effect.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rexpect::session::PtySession;
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{process_at, program};
use crate::tenant::{EMAIL, Fault, Tenant, TenantOptions, USER_PASSWORD};
use crate::terminal::{assert_died, at_terminal};

/// An interactive shell without a line editor, which leaves the terminal as programs leave it.
fn shell(tenant: &Tenant) -> PtySession {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-i", "-m"])
        .env_clear()
        .envs(tenant.settings())
        .env("PATH", "/usr/bin:/bin")
        .env("PADLOCK", program())
        .env("PADLOCK_EMAIL", EMAIL)
        .env("PS1", "shell> ")
        .current_dir(env!("CARGO_TARGET_TMPDIR"));
    let mut session = at_terminal(shell);
    session.exp_string("shell> ").unwrap();
    session
}

/// At a shell's prompt.
fn assert_restored(session: &mut PtySession) {
    session.send_line("stty -a").unwrap();
    let shown = session.exp_string("shell> ").unwrap();
    for setting in ["isig", "icanon", "iexten", "ixon", "^Z;"] {
        assert!(
            shown.split_whitespace().any(|word| word == setting),
            "{setting} in {shown}"
        );
    }
}

/// A shell at padlock's password prompt.
fn prompted(tenant: &Tenant) -> PtySession {
    let mut session = shell(tenant);
    session.send_line("\"$PADLOCK\"").unwrap();
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session
}

/// The program at its password prompt without a shell, and its ID.
fn prompted_alone(tenant: &Tenant) -> (PtySession, Pid) {
    let process = process_at(tenant, &["--email", EMAIL]);
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .envs(tenant.settings())
        .args(["-c", r#"echo "[$$]"; exec "$0" "$@""#])
        .arg(process.get_program())
        .args(process.get_args());
    let mut session = at_terminal(shell);
    let (_, id) = session.exp_regex(r"\[[0-9]+\]").unwrap();
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    let id = Pid::from_raw(id.trim_matches(['[', ']']).parse().unwrap()).unwrap();
    (session, id)
}

#[test]
fn ctrl_z_at_the_prompt_stops_the_program_and_fg_asks_again() {
    let tenant = Tenant::start();
    let mut session = prompted(&tenant);
    session.send("half a passw").unwrap();
    session.flush().unwrap();
    session.send_control('z').unwrap();
    session.exp_string("Stopped").unwrap();
    session.exp_string("shell> ").unwrap();
    assert_restored(&mut session);
    session.send_line("fg").unwrap();
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    session.exp_string("Robin Percy").unwrap();
    session.exp_string("shell> ").unwrap();
    assert_restored(&mut session);
    let request = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(request.field("password"), Some(USER_PASSWORD.into()));
}

#[test]
fn ctrl_z_at_the_email_prompt_stops_the_program_too() {
    let tenant = Tenant::start();
    let mut session = shell(&tenant);
    session.send_line("PADLOCK_EMAIL= \"$PADLOCK\"").unwrap();
    session.exp_string("Email: ").unwrap();
    session.send_control('z').unwrap();
    session.exp_string("Stopped").unwrap();
    session.exp_string("shell> ").unwrap();
    assert_restored(&mut session);
    session.send_line("fg").unwrap();
    session.exp_string("Email: ").unwrap();
    session.send_line(EMAIL).unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    session.exp_string("Robin Percy").unwrap();
}

#[test]
fn a_prompt_is_asked_again_after_the_program_was_stopped_from_outside() {
    let tenant = Tenant::start();
    let (mut session, id) = prompted_alone(&tenant);
    kill_process(id, Signal::STOP).unwrap();
    kill_process(id, Signal::CONT).unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn a_signal_in_the_background_ends_the_program_and_leaves_the_terminal_to_the_shell() {
    let tenant = Tenant::start();
    let mut session = shell(&tenant);
    session
        .send_line(r#"sh -c 'echo "[$$]"; exec "$PADLOCK"'"#)
        .unwrap();
    let (_, id) = session.exp_regex(r"\[[0-9]+\]").unwrap();
    let id = Pid::from_raw(id.trim_matches(['[', ']']).parse().unwrap()).unwrap();
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    kill_process(id, Signal::STOP).unwrap();
    session.exp_string("shell> ").unwrap();
    kill_process(id, Signal::TERM).unwrap();
    // In the background, reading the terminal stops the program, and so would changing it.
    let has_ended = || {
        kill_process(id, Signal::CONT).ok();
        sleep(Duration::from_millis(25));
        let stat = fs::read_to_string(format!("/proc/{id}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z "))
    };
    assert!((0..200).any(|_| has_ended()), "it does not end");
    session.send_line("wait %1; echo \"[$?]\"").unwrap();
    session.exp_string("[143]").unwrap();
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn ctrl_z_without_a_shell_that_could_continue_the_program_only_asks_again() {
    let tenant = Tenant::start();
    let (mut session, _) = prompted_alone(&tenant);
    session.send_control('z').unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn ctrl_c_and_ctrl_backslash_at_the_prompt_restore_the_terminal() {
    for (key, status) in [('c', "130"), ('\\', "131")] {
        let tenant = Tenant::start();
        let mut session = prompted(&tenant);
        session.send("half a passw").unwrap();
        session.flush().unwrap();
        session.send_control(key).unwrap();
        session.exp_string("shell> ").unwrap();
        session.send_line("echo \"status $?\"").unwrap();
        session.exp_string(&format!("status {status}")).unwrap();
        session.exp_string("shell> ").unwrap();
        assert_restored(&mut session);
        assert_eq!(tenant.passwords_received(), 0);
    }
}

#[test]
fn ctrl_c_ends_a_shell_loop() {
    let tenant = Tenant::start();
    let mut shell = Command::new("/bin/bash");
    let script = "for i in 1 2 3; do \"$0\" \"$@\"; echo survived; done";
    let process = process_at(&tenant, &["--email", EMAIL]);
    shell
        .env_clear()
        .envs(tenant.settings())
        .args(["-c", script]);
    shell.arg(process.get_program()).args(process.get_args());
    let mut session = at_terminal(shell);
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send_control('c').unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        !shown.contains("survived") && !shown.contains("Password"),
        "{shown}"
    );
    assert_died(&session, "SIGINT");
}

#[test]
fn every_signal_at_the_prompt_restores_the_echo_and_ends_the_program() {
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
        shell.arg(format!(
            "trap : INT; stty echo; {named}; echo \"exit $?\"; stty -a"
        ));
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
fn a_hangup_at_the_prompt_ends_the_program() {
    let tenant = Tenant::start();
    let (mut session, id) = prompted_alone(&tenant);
    kill_process(id, Signal::HUP).unwrap();
    session.exp_eof().unwrap();
    assert_died(&session, "SIGHUP");
}

fn without_response() -> TenantOptions {
    Tenant::builder().fault("/oauth/token", Fault::NoResponse)
}

#[test]
fn without_a_terminal_the_program_dies_of_the_signal() {
    for signal in [Signal::INT, Signal::QUIT, Signal::TERM] {
        let tenant = without_response().start();
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
        assert_eq!(output.status.signal(), Some(signal.as_raw()), "{output:?}");
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
        let tenant = without_response().start();
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
