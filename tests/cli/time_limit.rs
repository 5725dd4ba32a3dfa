//! `--timeout` limits the whole run, whatever it waits for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::{login_at, padlock_at, says, verify_at};
use crate::tenant::{EMAIL, Factor, Tenant};

/// A named pipe that nothing writes to.
fn pipe(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path
}

/// Asserts that the run ends soon with exit code 2, and says why.
fn assert_ends(command: &mut assert_cmd::Command, what: &str) {
    let started = Instant::now();
    command
        .args(["--timeout", "0.3"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(says(what))
        .stderr(says("in time"))
        .stderr(says("--timeout"));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_pipe_in_place_of_any_file_ends_at_the_time_limit() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let pipe = pipe(&folder);
    let login = |flag: &str, pipe: &Path| {
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL, flag]).arg(pipe);
        login
    };
    assert_ends(&mut login("--client-key-file", &pipe), "the private key");
    assert_ends(
        &mut login("--client-secret-file", &pipe),
        "the client secret",
    );
    assert_ends(&mut login("--password-file", &pipe), "the password");
    assert_ends(
        login("--ca-file", &pipe).args(["--password", "x"]),
        "the certificates",
    );
    for (flag, what) in [
        ("--jwks", "the key set"),
        ("--secret-file", "the shared secret"),
    ] {
        let mut verify = crate::program::padlock();
        verify.args(["verify", "x.y.z", flag]).arg(&pipe);
        assert_ends(&mut verify, what);
    }
    let mut verify = verify_at(&tenant);
    verify.args(["x.y.z", "--access-token-file"]).arg(&pipe);
    assert_ends(&mut verify, "the access token");
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_pipe_that_is_written_in_time_is_a_file_like_any_other() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            std::thread::sleep(Duration::from_millis(200));
            std::fs::write(path, crate::tenant::USER_PASSWORD)
        }
    });
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--password-file"]).arg(&path);
    login.assert().code(0);
    writer.join().unwrap().unwrap();
}

#[test]
fn an_open_stdin_ends_at_the_time_limit() {
    let tenant = Tenant::start();
    for (arguments, what) in [
        (&["--password-stdin"][..], "the password"),
        (&["--password-stdin", "--otp-stdin"], "the password"),
        (
            &["--client-secret-file", "-", "--password", "x"],
            "the client secret",
        ),
    ] {
        let started = Instant::now();
        let mut child = crate::program::process_at(&tenant, arguments)
            .args(["--email", EMAIL, "--timeout", "0.3"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let open = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(open);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(what) && stderr.contains("in time"),
            "{stderr}"
        );
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_command_for_the_code_ends_at_the_time_limit() {
    let tenant = Tenant::builder().factor(Factor::otp("1")).start();
    for command in [
        "/bin/sleep 60",
        "echo 1; exec >&-; /bin/sleep 60",
        "/bin/sleep 60; echo 1",
    ] {
        let mut login = login_at(&tenant);
        login.args(["--otp-command", command]);
        assert_ends(&mut login, "--otp-command");
    }
}

#[test]
fn the_time_that_was_spent_on_reading_is_gone() {
    let tenant = Tenant::builder()
        .delay("/oauth/token", Duration::from_millis(700))
        .start();
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            std::thread::sleep(Duration::from_millis(700));
            std::fs::write(path, crate::tenant::USER_PASSWORD)
        }
    });
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL, "--timeout", "1", "--password-file"]);
    login.arg(&path).assert().code(7).stderr(says("within 1 s"));
    writer.join().unwrap().unwrap();
}
