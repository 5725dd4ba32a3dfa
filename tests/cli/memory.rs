//! What is left in padlock's memory when it exits: no secret but what was on its command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use serde_json::Value;
use tempfile::TempDir;

use crate::tenant::{
    AUTHENTICATORS, CLIENT_ID, CLIENT_SECRET, EMAIL, Factor, TOKEN, Tenant, TenantOptions,
};

const PASSWORD: &str = "hunter2-hunter2";

/// The memory of a padlock that has done everything but exit, and what it printed.
struct Exited {
    memory: Vec<u8>,
    stdout: String,
}

/// The files of each run.
const PASSWORD_FILE: [&str; 2] = ["--password-file", "password"];

/// Runs a login to its end in a debugger; `None` on a developer's machine without one.
fn run_to_exit(tenant: &Tenant, arguments: &[&str]) -> Option<Exited> {
    let folder = TempDir::new().unwrap();
    write_secret(&folder.path().join("password"), PASSWORD);
    write_secret(&folder.path().join("secret"), CLIENT_SECRET);
    let arguments = arguments.join(" ");
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "--quiet", "--readnever", "--nx"]);
    for command in [
        "set debuginfod enabled off",
        "catch syscall exit_group",
        &format!("run --email {EMAIL} --client-secret-file secret {arguments} >stdout"),
        // padlock's own memory is no longer readable for processes of the same user.
        "call (int)prctl(4, 1, 0, 0, 0)",
        "generate-core-file memory",
        "kill",
    ] {
        gdb.args(["-ex", command]);
    }
    gdb.arg(crate::program::program());
    let settings = tenant.settings().into_iter();
    gdb.env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("XDG_CACHE_HOME", "/dev/null")
        // Each thread would reserve 64 MiB, which gdb writes out.
        .env("MALLOC_ARENA_MAX", "1")
        .envs(settings.filter(|(name, _)| *name != "AUTH0_CLIENT_SECRET"))
        .current_dir(folder.path())
        .stdin(Stdio::null());
    #[expect(clippy::disallowed_methods, reason = "CI is not a setting of padlock")]
    let is_required = std::env::var_os("CI").is_some();
    let output = gdb.output();
    assert!(output.is_ok() || !is_required, "gdb is missing");
    let output = output.ok()?;
    let memory = fs::read(folder.path().join("memory"));
    Some(Exited {
        memory: memory.unwrap_or_else(|error| panic!("{error}: {output:?}")),
        stdout: fs::read_to_string(folder.path().join("stdout")).unwrap(),
    })
}

fn write_secret(path: &Path, secret: &str) {
    fs::write(path, secret).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// How often a text is in the memory.
fn count(exited: &Exited, text: &str) -> usize {
    memmem::find_iter(&exited.memory, text).count()
}

/// Signs in and fails if one of the secrets that this login has seen is still in memory.
fn assert_no_secret_remains(options: TenantOptions, arguments: &[&str]) {
    let tenant = options
        .first_user(|user| PASSWORD.clone_into(&mut user.password))
        .start();
    let arguments = [arguments, &PASSWORD_FILE, &["--output", "tokens"]].concat();
    let Some(exited) = run_to_exit(&tenant, &arguments) else {
        return;
    };
    let response: Value = serde_json::from_str(&exited.stdout).unwrap_or_default();
    let tokens = ["access_token", "id_token"].map(|name| response[name].as_str());
    let mut secrets = vec![PASSWORD.to_owned(), CLIENT_SECRET.to_owned()];
    secrets.push(STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    secrets.extend(tokens.into_iter().flatten().map(str::to_owned));
    for request in tenant.requests_to(TOKEN) {
        let fields = ["mfa_token", "client_assertion"];
        secrets.extend(fields.iter().filter_map(|name| request.field(name)));
    }
    for request in tenant.requests_to(AUTHENTICATORS) {
        secrets.extend(request.header("authorization").map(str::to_owned));
    }
    assert!(count(&exited, EMAIL) > 0, "the memory is not padlock's");
    for secret in secrets {
        assert_eq!(count(&exited, &secret), 0, "{secret} is in memory at exit");
    }
}

#[test]
fn no_secret_is_left_in_memory_after_a_login_over_http_1() {
    assert_no_secret_remains(Tenant::builder(), &[]);
    assert_no_secret_remains(Tenant::builder(), &["--client-auth", "client_secret_basic"]);
}

#[test]
fn no_secret_is_left_in_memory_after_a_login_over_http_2() {
    assert_no_secret_remains(Tenant::builder().tls(), &[]);
    let basic = ["--client-auth", "client_secret_basic"];
    assert_no_secret_remains(Tenant::builder().tls(), &basic);
}

#[test]
fn no_secret_is_left_in_memory_after_a_second_factor() {
    for options in [Tenant::builder(), Tenant::builder().tls()] {
        let options = options.factor(Factor::otp("123456"));
        assert_no_secret_remains(options, &["--otp", "123456"]);
    }
}

#[test]
fn no_secret_is_left_in_memory_after_a_refused_login() {
    for options in [Tenant::builder(), Tenant::builder().tls()] {
        assert_no_secret_remains(options.blocked(), &[]);
    }
}

#[test]
fn a_password_on_the_command_line_is_left_there_alone() {
    let tenant = Tenant::builder().tls().start();
    let arguments = ["--password", PASSWORD];
    let Some(exited) = run_to_exit(&tenant, &arguments) else {
        return;
    };
    // The system's copy of the arguments, between two others, on the stack and in the core's note.
    let argument = format!("--password\0{PASSWORD}\0");
    let note = format!("--password {PASSWORD}");
    assert_eq!(count(&exited, &argument), 1);
    assert_eq!(count(&exited, PASSWORD), 1 + count(&exited, &note));
}
