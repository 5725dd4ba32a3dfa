//! How tests run padlock: nothing comes from outside but what a test provides.

use std::path::Path;
use std::process::{Command as Process, Output};

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

use crate::tenant::{AUDIENCE, EMAIL, Tenant, USER_PASSWORD};

/// The program of this build, or the one that `PADLOCK_BIN` names, such as the one that ships.
pub(crate) fn program() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "PADLOCK_BIN is not a setting of padlock"
    )]
    let named = std::env::var_os("PADLOCK_BIN");
    let program = named.unwrap_or_else(|| env!("CARGO_BIN_EXE_padlock").into());
    program.into_string().expect("a path in UTF-8")
}

/// The program in an empty folder, with an empty environment and no standard input.
pub(crate) fn padlock() -> Command {
    let mut command = Command::new(program());
    // No folder can be created below a file, so that runs share a cache only if a test wants it.
    command
        .env_clear()
        .env("XDG_CACHE_HOME", "/dev/null")
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_STATE_HOME", "/dev/null")
        .current_dir(empty_folder());
    command
}

/// The same, with the settings for a tenant.
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

/// The same, at a provider that is found by discovery.
pub(crate) fn login_at_issuer(tenant: &Tenant) -> Command {
    let mut command = login_at(tenant);
    command
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    command
}

/// The same as [`padlock_at`], to run in a pseudo-terminal.
pub(crate) fn process_at(tenant: &Tenant, arguments: &[&str]) -> Process {
    let mut process = Process::new(program());
    process
        .env_clear()
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_STATE_HOME", "/dev/null")
        .current_dir(empty_folder())
        .envs(tenant.settings())
        .args(arguments);
    process
}

/// An access token that the tenant issues to the application.
pub(crate) fn access_token_of(tenant: &Tenant) -> String {
    let arguments = ["client-credentials", "--audience", AUDIENCE];
    printed(padlock_at(tenant).args(arguments))
        .trim_end()
        .to_owned()
}

/// An `id_token` that the tenant issues.
pub(crate) fn id_token_of(tenant: &Tenant) -> String {
    printed(login_at(tenant).args(["--output", "id-token"]))
        .trim_end()
        .to_owned()
}

/// `padlock verify`, trusting the tenant.
pub(crate) fn verify_at(tenant: &Tenant) -> Command {
    let mut command = padlock();
    command.args(["verify", "--any-audience", "--issuer", &tenant.issuer()]);
    command
}

/// What a successful run prints.
pub(crate) fn printed(command: &mut Command) -> String {
    String::from_utf8(command.assert().code(0).get_output().stdout.clone())
        .expect("stdout is UTF-8")
}

/// The error that a failed run writes to stderr as JSON.
pub(crate) fn error_of(command: &mut Command) -> Value {
    let output = command
        .args(["--error-format", "json"])
        .output()
        .expect("padlock starts");
    let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
    assert_eq!(
        stderr.lines().count(),
        1,
        "stderr must be one line of JSON: {stderr}"
    );
    let error: Value = serde_json::from_str(&stderr).expect("stderr is JSON");
    assert_eq!(
        error["error"]["exit"],
        output.status.code().unwrap(),
        "the exit code differs from the one in the JSON"
    );
    assert_eq!(output.stdout, b"", "a failed run must not print to stdout");
    error["error"].clone()
}

/// The file, which only its owner can read from now on.
pub(crate) fn private(file: &Path) -> &Path {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
        .expect("a file that can be changed");
    file
}

/// Whether the output contains a text.
pub(crate) fn says(text: &str) -> impl Predicate<str> + use<> {
    predicate::str::contains(text.to_owned())
}

/// The output of another program; None where it is not installed, except on CI.
#[expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    reason = "for tests"
)]
pub(crate) fn output_if_installed(process: &mut Process) -> Option<Output> {
    match process.output() {
        Ok(output) => Some(output),
        Err(_) if std::env::var_os("CI").is_none() => {
            eprintln!("skipped: {process:?} is not installed");
            None
        }
        Err(error) => panic!("{process:?}: {error}"),
    }
}

fn empty_folder() -> &'static Path {
    let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/empty"));
    std::fs::create_dir_all(folder).expect("a folder below target");
    folder
}
