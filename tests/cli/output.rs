//! What is printed to stdout.

use std::fs::File;

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{id_token_of, login_at, padlock, program, says, verify_at};
use crate::tenant::{AUDIENCE, Tenant, TenantOptions};

pub(crate) fn stdout(command: &mut assert_cmd::Command) -> String {
    String::from_utf8(command.assert().code(0).get_output().stdout.clone()).unwrap()
}

#[test]
fn json_is_the_verified_claims_as_one_object() {
    let text = stdout(login_at(&Tenant::start()).args(["--output", "json"]));
    let claims: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&claims["email"], &claims["aud"]),
        (&json!("robin@percy.test"), &json!("padlock-cli"))
    );
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn tokens_can_be_printed_bare_as_a_header_for_curl_and_as_the_whole_response() {
    let tenant = Tenant::builder().access_token("at.at.at").start();
    let output =
        |format: &str| stdout(login_at(&tenant).args(["--audience", AUDIENCE, "--output", format]));
    assert_eq!(output("access-token"), "at.at.at\n");
    assert_eq!(output("header"), "Authorization: Bearer at.at.at\n");
    assert_eq!(
        output("curl"),
        "header = \"Authorization: Bearer at.at.at\"\n"
    );
    assert_eq!(output("id-token").split('.').count(), 3);
    let response: Value = serde_json::from_str(&output("tokens")).unwrap();
    assert_eq!(
        (&response["access_token"], &response["token_type"]),
        (&json!("at.at.at"), &json!("Bearer"))
    );
    assert!(response["id_token"].is_string() && response["expires_in"].is_number());
}

#[test]
fn lines_for_programs_have_no_character_that_could_end_them() {
    let odd = "a\u{85}b\u{2028}c\u{2029}d";
    let tenant = Tenant::builder()
        .claim("odd", json!(odd))
        .member("odd", json!(odd))
        .start();
    for format in ["json", "tokens"] {
        let text = stdout(login_at(&tenant).args(["--output", format]));
        assert!(!text.contains(['\u{85}', '\u{2028}', '\u{2029}']), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["odd"], odd);
    }
    let tokens = format!("{0}\n{0}\n", id_token_of(&tenant));
    let mut verify = verify_at(&tenant);
    verify.args(["--kind", "id-token", "--audience", "padlock-cli"]);
    let verdicts = stdout(verify.write_stdin(tokens));
    assert_eq!(
        verdicts.matches("a\\u0085b\\u2028c\\u2029d").count(),
        2,
        "{verdicts}"
    );
}

#[test]
fn all_claims_are_printed_in_a_second_table_with_readable_times() {
    let tenant = Tenant::builder().claim("iat", json!(1_700_000_000)).start();
    let text = stdout(login_at(&tenant).arg("--all-claims"));
    assert!(
        text.contains("Robin Percy") && text.contains("| email_verified | true"),
        "{text}"
    );
    assert!(
        text.contains("2023-11-14T22:13:20Z (") && text.contains(" ago)"),
        "{text}"
    );
}

#[test]
fn every_claim_that_is_a_time_is_readable_in_the_table_of_all_claims() {
    let times = ["iat", "nbf", "auth_time", "updated_at"];
    let tenant = Tenant::builder().claim("other", json!(1_700_000_000));
    let claim = |tenant: TenantOptions, name: &&str| tenant.claim(name, json!(1_700_000_000));
    let tenant = times.iter().fold(tenant, claim).start();
    let text = stdout(login_at(&tenant).arg("--all-claims"));
    let row = |name: &str| {
        let row = text
            .lines()
            .find(|line| line.contains(&format!("| {name} ")));
        row.unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
    };
    for name in times {
        assert!(row(name).contains("2023-11-14T22:13:20Z ("), "{text}");
    }
    assert!(row("exp").contains("Z (in "), "{text}");
    assert!(!row("other").contains("2023"), "{text}");
}

#[test]
fn nothing_is_truncated_if_stdout_is_not_a_terminal() {
    let name = "n".repeat(2000);
    let text = stdout(&mut login_at(
        &Tenant::builder().claim("nickname", json!(name)).start(),
    ));
    assert!(text.contains(&name));
}

#[test]
fn wide_characters_do_not_break_the_alignment_of_the_table() {
    let tenant = Tenant::builder()
        .claim("nickname", json!("李小龍"))
        .claim("name", json!("李小龍 🔒"))
        .start();
    let text = stdout(&mut login_at(&tenant));
    let widths: Vec<_> = text
        .lines()
        .map(unicode_width::UnicodeWidthStr::width)
        .collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
}

#[test]
fn control_characters_in_claims_are_escaped_in_the_table() {
    let tenant = Tenant::builder()
        .claim("name", json!("a\u{1b}[2J\nb\u{202e}\u{200b}"))
        .start();
    let text = stdout(&mut login_at(&tenant));
    assert!(text.contains("a\\u{1b}[2J\\nb\\u{202e}\\u{200b}"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{200b}']));
}

#[test]
fn a_title_wider_than_the_table_widens_it() {
    let tenant = Tenant::builder()
        .claim("name", json!("N".repeat(100)))
        .start();
    let text = stdout(&mut login_at(&tenant));
    let widths: Vec<_> = text.lines().map(str::len).collect();
    assert_eq!(
        (widths[0], widths.iter().all(|width| *width == widths[0])),
        (104, true),
        "{text}"
    );
}

#[test]
fn an_access_token_that_could_break_out_of_its_line_is_refused() {
    for token in ["a\nurl = \"http://evil.test\"", "a\"b", "a b", "a\r\nX: y"] {
        let tenant = Tenant::builder().access_token(token).start();
        login_at(&tenant)
            .args(["--output", "curl"])
            .assert()
            .code(7)
            .stdout("");
    }
}

#[test]
fn an_access_token_of_another_type_is_not_printed_as_a_bearer_token() {
    let tenant = Tenant::builder()
        .member("token_type", json!("DPoP"))
        .start();
    login_at(&tenant)
        .args(["--output", "header"])
        .assert()
        .code(7)
        .stdout("")
        .stderr(says("its token_type is not Bearer"));
    login_at(&tenant).assert().code(0);
}

#[test]
fn a_warning_about_an_opaque_access_token_is_printed_to_stderr() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--output", "access-token"])
        .assert()
        .code(0)
        .stderr(says("opaque"));
    let mut login = login_at(&tenant);
    login
        .args(["--output", "access-token", "--audience", AUDIENCE])
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn a_failed_write_to_stdout_exits_with_1() {
    let tenant = Tenant::start();
    for arguments in [
        &["--email", "robin@percy.test", "--password", "pa55word"][..],
        &["--help"],
    ] {
        let mut padlock = std::process::Command::new(program());
        padlock.env_clear().envs(tenant.settings()).args(arguments);
        let output = padlock
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("could not be written")
        );
    }
}

#[test]
fn a_closed_stdout_exits_with_1_and_dev_null_does_not() {
    let tenant = Tenant::start();
    let run = |script: &str| {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.env_clear().envs(tenant.settings());
        shell.args(["-c", script, &program()]);
        shell.output().unwrap()
    };
    let token = id_token_of(&tenant);
    let verify = format!(
        "verify --issuer {} --kind id-token --any-audience",
        tenant.issuer()
    );
    for command in [
        "\"$0\" --email robin@percy.test --password pa55word".to_owned(),
        "\"$0\" --help".to_owned(),
        "\"$0\" version".to_owned(),
        format!("echo '{token}' | \"$0\" {verify}"),
        format!("printf '%s\\n' '{token}' '{token}' | \"$0\" {verify}"),
    ] {
        let closed = run(&format!("{command} >&-"));
        assert_eq!(closed.status.code(), Some(1), "{command}: {closed:?}");
        assert!(
            String::from_utf8_lossy(&closed.stderr).contains("could not be written"),
            "{closed:?}"
        );
        for null in [">/dev/null", "1<>/dev/null"] {
            assert_eq!(run(&format!("{command} {null}")).status.code(), Some(0));
        }
    }
    let quiet = run(&format!("echo '{token}' | \"$0\" {verify} -q >&-"));
    assert_eq!(
        quiet.status.code(),
        Some(0),
        "nothing is printed: {quiet:?}"
    );
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let tenant = Tenant::start();
    let mut login = std::process::Command::new(program());
    login.env_clear().envs(tenant.settings()).args([
        "--email",
        "robin@percy.test",
        "--password",
        "pa55word",
    ]);
    let mut child = login
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}

#[test]
fn colors_follow_no_color_and_clicolor_force() {
    padlock().assert().code(2).stderr(says("\u{1b}").not());
    padlock()
        .env("CLICOLOR_FORCE", "1")
        .assert()
        .code(2)
        .stderr(says("\u{1b}[1m"));
    padlock()
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .assert()
        .code(2)
        .stderr(says("\u{1b}").not());
}
