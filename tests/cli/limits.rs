//! What becomes of a run where the machine refuses a thread, a file or a usable clock.

use std::fs;
use std::process::{Command as Process, Stdio};

use serde_json::Value;

use crate::program::{
    access_token_of, error_of, login_at, padlock, padlock_at, program, verify_at,
};
use crate::tenant::{EMAIL, JWKS, Tenant, USER_PASSWORD};

/// A stack that no machine has room for, so that no thread can be started.
const NO_THREADS: (&str, &str) = ("RUST_MIN_STACK", "1152921504606846976");

fn assert_no_thread(command: &mut assert_cmd::Command) {
    let error = error_of(command.env(NO_THREADS.0, NO_THREADS.1));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&"internal".into(), &1.into())
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("no thread could be started: "),
        "{message}"
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("ulimit -u"), "{hint}");
}

#[test]
fn a_thread_that_cannot_be_started_ends_the_run_in_plain_words() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    assert_no_thread(&mut login_at(&tenant));
    assert_no_thread(
        login_at(&tenant)
            .args(["--issuer", &tenant.issuer()])
            .env_remove("AUTH0_DOMAIN"),
    );
    let stdin = ["--email", EMAIL, "--password-stdin"];
    assert_no_thread(padlock_at(&tenant).args(stdin).write_stdin(USER_PASSWORD));
    assert_no_thread(
        padlock_at(&tenant)
            .args(["client-credentials", "--client-secret-file", "-"])
            .write_stdin("x"),
    );
    assert_no_thread(verify_at(&tenant).arg(&token));
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tenant/keys/jwks.json");
    let mut many = padlock();
    many.args(["verify", "--any-audience", "--jwks", keys]);
    assert_no_thread(many.write_stdin(format!("{token}\n{token}\n")));
    let mut ca_file = verify_at(&tenant);
    assert_no_thread(
        ca_file
            .args([&token, "--ca-file", "/dev/stdin"])
            .write_stdin("x"),
    );
    let mut secret_file = padlock();
    secret_file.args(["verify", "--any-audience", "--secret-file", "/dev/stdin"]);
    assert_no_thread(secret_file.arg(&token).write_stdin("x"));
    assert_eq!(tenant.requests().len(), 0);
}

/// Runs the program in a shell that allows no file to be written to.
fn without_files(script: &str, arguments: &[&str]) -> Process {
    let mut shell = Process::new("sh");
    shell
        .args(["-c", &format!("ulimit -f 0; {script}"), "sh"])
        .arg(program())
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("XDG_CONFIG_HOME", "/dev/null")
        .stdin(Stdio::null());
    shell
}

#[test]
fn a_file_size_limit_ends_no_run_for_a_mere_cache() {
    let (tenant, folder) = (Tenant::start(), tempfile::tempdir().unwrap());
    let token = access_token_of(&tenant);
    let issuer = tenant.issuer();
    let arguments = ["verify", "--any-audience", "--issuer", &issuer, &token];
    for runs in 1..=2 {
        let output = without_files("exec \"$@\"", &arguments)
            .env("XDG_CACHE_HOME", folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(&issuer));
        assert_eq!(tenant.requests_to(JWKS).len(), runs);
    }
}

#[test]
fn a_result_that_a_file_size_limit_cuts_off_exits_with_1() {
    let (tenant, folder) = (Tenant::start(), tempfile::tempdir().unwrap());
    let token = access_token_of(&tenant);
    let issuer = tenant.issuer();
    let arguments = [
        "verify",
        "--any-audience",
        "--issuer",
        &issuer,
        &token,
        "--error-format",
        "json",
    ];
    let result = folder.path().join("result");
    let output = without_files(&format!("exec \"$@\" >{}", result.display()), &arguments)
        .env("XDG_CACHE_HOME", "/dev/null")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["class"], "internal");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the result could not be written: "),
        "{message}"
    );
    assert_eq!(fs::read(result).unwrap(), b"");
}
