//! `padlock run`: a command with a token in its environment.

use super::{Home, refreshes, rotating};
use crate::program::{printed, says};
use crate::tenant::{AUDIENCE, CLIENT_SECRET, Tenant};

fn signed_in() -> (Tenant, Home) {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    (tenant, home)
}

#[test]
fn the_command_gets_the_token_in_its_environment_and_not_on_its_argument_list() {
    let (tenant, home) = signed_in();
    let token = home.token(&tenant);
    let script = "printf %s \"$PADLOCK_ACCESS_TOKEN\"; tr '\\0' ' ' </proc/$$/cmdline >&2";
    let mut run = home.run(
        &tenant,
        &["run", "--", "/bin/sh", "-c", script, "a b", "--c"],
    );
    let output = run.assert().code(0).stdout(token.clone());
    let arguments = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(
        arguments.contains(" a b --c") && !arguments.contains(&token),
        "{arguments}"
    );
}

#[test]
fn a_token_that_has_run_out_is_renewed_for_the_command() {
    let (tenant, home) = signed_in();
    home.let_tokens_expire();
    let script = "printf %s \"$MY_TOKEN\"";
    let arguments = [
        "run",
        "--token-env",
        "MY_TOKEN",
        "--",
        "/bin/sh",
        "-c",
        script,
    ];
    let given = printed(&mut home.run(&tenant, &arguments));
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_eq!(given, home.token(&tenant));
}

#[test]
fn claims_of_the_id_token_become_variables() {
    let (tenant, home) = signed_in();
    let arguments = [
        "run",
        "--claim-env",
        "WHO=email",
        "--claim-env",
        "AUD=aud",
        "--claim-env",
        "N=iat",
        "--",
        "/bin/sh",
        "-c",
        "printf '%s %s %s' \"$WHO\" \"$AUD\" \"$N\"",
    ];
    let given = printed(&mut home.run(&tenant, &arguments));
    assert!(
        given.starts_with("robin@percy.test padlock-cli 1"),
        "{given}"
    );
    let arguments = ["run", "--claim-env", "X=missing", "--", "true"];
    home.run(&tenant, &arguments).assert().code(9);
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn padlock_s_own_secrets_are_taken_out_of_the_environment_unless_they_are_to_stay() {
    let (tenant, home) = signed_in();
    for (flags, expected) in [(&[][..], "||||"), (&["--keep-env"], "x|y|z")] {
        let script = "printf '%s|%s|%s|%s|' \"$PADLOCK_PASSWORD\" \"$PADLOCK_OTP\" \
                      \"$AUTH0_CLIENT_SECRET\" ''";
        let mut run = home.run(&tenant, &["run"]);
        run.args(flags).args(["--", "/bin/sh", "-c", script]);
        run.env("PADLOCK_PASSWORD", "x").env("PADLOCK_OTP", "y");
        let given = printed(run.env("AUTH0_CLIENT_SECRET", "z").env("OTHER", "kept"));
        assert!(given.starts_with(expected), "{given}");
        let mut run = home.run(&tenant, &["run"]);
        run.args(flags).args([
            "--",
            "/bin/sh",
            "-c",
            "printf %s \"$OTHER$AUTH0_CLIENT_ID\"",
        ]);
        assert_eq!(printed(run.env("OTHER", "kept")), "keptpadlock-cli");
    }
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let (tenant, home) = signed_in();
    for code in [0, 1, 3, 42, 255] {
        let script = format!("exit {code}");
        let mut run = home.run(&tenant, &["run", "--", "/bin/sh", "-c", &script]);
        run.assert().code(code).stderr("");
    }
}

#[test]
fn a_signal_that_ends_the_command_ends_the_run() {
    use std::os::unix::process::ExitStatusExt;
    let (tenant, home) = signed_in();
    let mut run = home.run(&tenant, &["run", "--", "/bin/sh", "-c", "kill -TERM $$"]);
    assert_eq!(run.output().unwrap().status.signal(), Some(15));
}

#[test]
fn a_command_that_cannot_be_run_exits_with_127_or_126() {
    let (tenant, home) = signed_in();
    let mut run = home.run(&tenant, &["run", "--", "no-such-command-here"]);
    run.assert().code(127).stderr(says("no-such-command-here"));
    tenant.clear_requests();
    let mut run = home.run(&tenant, &["run", "--", "", "x"]);
    run.assert()
        .code(127)
        .stderr(says("the command's name is empty"));
    assert_eq!(tenant.requests().len(), 0);
    let file = home.session_file().display().to_string();
    let mut run = home.run(&tenant, &["run", "--", &file]);
    run.assert().code(126).stderr(says("executable file"));
    home.run(&tenant, &["run"]).assert().code(2);
}

#[test]
fn limits_on_core_dumps_are_those_that_padlock_was_started_with() {
    let (tenant, home) = signed_in();
    let script = "ulimit -S -c";
    let without = std::process::Command::new("/bin/sh")
        .args(["-c", script])
        .output()
        .unwrap();
    let given = printed(&mut home.run(&tenant, &["run", "--", "/bin/sh", "-c", script]));
    assert_eq!(given.as_bytes(), without.stdout);
    let readable = "cat /proc/$$/environ >/dev/null && echo yes";
    let given = printed(&mut home.run(&tenant, &["run", "--", "/bin/sh", "-c", readable]));
    assert_eq!(given, "yes\n");
}

#[test]
fn a_token_for_the_application_itself_needs_no_session() {
    let (tenant, home) = (Tenant::start(), Home::new());
    let script = "printf %s \"$PADLOCK_ACCESS_TOKEN\"";
    let arguments = [
        "run",
        "--with",
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--",
    ];
    let mut run = home.run(&tenant, &arguments);
    let given = printed(run.args(["/bin/sh", "-c", script]));
    assert_eq!(given.split('.').count(), 3);
    let sent = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(sent.field("client_secret").as_deref(), Some(CLIENT_SECRET));
}

#[test]
fn the_names_of_variables_are_checked() {
    let (tenant, home) = signed_in();
    for name in ["", "A=B", "1A", "A B", "Ä"] {
        let mut run = home.run(&tenant, &["run", "--token-env", name, "--", "true"]);
        run.assert().code(2);
    }
    for pair in ["A", "=email", "A=", "1=email"] {
        let mut run = home.run(&tenant, &["run", "--claim-env", pair, "--", "true"]);
        run.assert().code(2);
    }
}
