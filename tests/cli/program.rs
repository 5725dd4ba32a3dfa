//! A padlock to run, with nothing around it but what a test gives it.

use std::path::Path;
use std::process::Command as Process;

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

use crate::tenant::{EMAIL, Tenant, USER_PASSWORD};

/// The program in an empty folder, with an empty environment and no standard input.
pub(crate) fn padlock() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_padlock"));
    command.env_clear().current_dir(empty_folder());
    command
}

/// The same, with the settings that point it at a tenant.
pub(crate) fn padlock_at(tenant: &Tenant) -> Command {
    let mut command = padlock();
    command.envs(tenant.settings());
    command
}

/// A login with the right password.
pub(crate) fn login_at(tenant: &Tenant) -> Command {
    let mut command = padlock_at(tenant);
    command.args(["--email", EMAIL, "--password", USER_PASSWORD]);
    command
}

/// The same as [`padlock_at`], for a pseudo-terminal.
pub(crate) fn process_at(tenant: &Tenant, arguments: &[&str]) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_padlock"));
    process.env_clear().current_dir(empty_folder()).envs(tenant.settings()).args(arguments);
    process
}

/// What a failed run wrote to stderr as JSON.
pub(crate) fn error_of(command: &mut Command) -> Value {
    let output = command.args(["--error-format", "json"]).output().expect("padlock starts");
    let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
    assert_eq!(stderr.lines().count(), 1, "one line of JSON is promised: {stderr}");
    let error: Value = serde_json::from_str(&stderr).expect("stderr is JSON");
    assert_eq!(error["error"]["exit"], output.status.code().unwrap(), "the exit code and the JSON agree");
    assert_eq!(output.stdout, b"", "stdout carries results alone");
    error["error"].clone()
}

/// A predicate on text, shorter to write.
pub(crate) fn says(text: &str) -> impl Predicate<str> + use<> {
    predicate::str::contains(text.to_owned())
}

fn empty_folder() -> &'static Path {
    let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/empty"));
    std::fs::create_dir_all(folder).expect("a folder below target");
    folder
}
