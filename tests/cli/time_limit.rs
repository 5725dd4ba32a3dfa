//! `--timeout` limits the whole run, whatever it waits for.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::{login_at, padlock_at, says, verify_at};
use crate::tenant::{CLIENT_SECRET, EMAIL, Factor, Tenant, TenantOptions, USER_PASSWORD};

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

/// Longer than a request and less than the time limit; both together are longer.
const READING: Duration = Duration::from_millis(1400);
const LIMIT: [&str; 2] = ["--timeout", "2"];

/// A tenant whose grants take a while.
fn slow() -> TenantOptions {
    Tenant::builder().delay("/oauth/token", Duration::from_secs(1))
}

/// Writes to a named pipe after a while.
fn write_late(path: &Path, text: &'static str) -> JoinHandle<std::io::Result<()>> {
    let path = path.to_owned();
    std::thread::spawn(move || {
        std::thread::sleep(READING);
        std::fs::write(path, text)
    })
}

/// Whether a login succeeds whose standard input is written after a while.
fn succeeds_with_late_stdin(tenant: &Tenant, arguments: &[&str], text: &str) -> bool {
    let mut login = crate::program::process_at(tenant, arguments);
    let mut child = login
        .args(["--email", EMAIL])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::sleep(READING);
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    child.wait().unwrap().success()
}

#[test]
fn the_time_that_was_spent_on_reading_settings_is_gone() {
    let tenant = slow().start();
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let writer = write_late(&path, CLIENT_SECRET);
    let mut login = login_at(&tenant);
    login.args(LIMIT).arg("--client-secret-file").arg(&path);
    login.assert().code(7).stderr(says("within 2 s"));
    writer.join().unwrap().unwrap();
}

#[test]
fn the_time_that_a_password_in_a_pipe_took_does_not_count() {
    let tenant = slow().start();
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let writer = write_late(&path, USER_PASSWORD);
    let mut login = padlock_at(&tenant);
    login.args(["--email", EMAIL]).args(LIMIT);
    login.arg("--password-file").arg(&path).assert().code(0);
    writer.join().unwrap().unwrap();
    let arguments = [&["--password-stdin"], &LIMIT[..]].concat();
    assert!(succeeds_with_late_stdin(&tenant, &arguments, USER_PASSWORD));
}

#[test]
fn the_time_that_a_code_took_does_not_count() {
    let tenant = slow().factor(Factor::otp("1")).start();
    let command = ["--otp-command", "/bin/sleep 1.4; echo 1"];
    let mut login = login_at(&tenant);
    // The command begins after the password was sent.
    login.args(command).args(["--timeout", "3"]);
    login.assert().code(0);
    let code = ["--password", USER_PASSWORD, "--otp-stdin"];
    let arguments = [&code[..], &LIMIT].concat();
    assert!(succeeds_with_late_stdin(&tenant, &arguments, "1\n"));
    let keycloak = slow().keycloak().factor(Factor::otp("1")).start();
    let mut login = crate::program::login_at_issuer(&keycloak);
    login.args(LIMIT).args(command).assert().code(0);
}
