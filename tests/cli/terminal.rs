//! What a terminal shows: tables and lists that fit, escaped text, wrapped messages.

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::program::{login_at, printed, process_at};
use crate::tenant::{EMAIL, Factor, Tenant, USER_PASSWORD};

const LOGIN: [&str; 4] = ["--email", EMAIL, "--password", USER_PASSWORD];

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

/// Asserts that the program died of this signal, as a shell sees it.
pub(crate) fn assert_died(session: &PtySession, signal: &str) {
    let status = format!("{:?}", session.process().wait().expect("the program ends"));
    assert!(
        status.starts_with("Signaled(") && status.contains(signal),
        "{status}"
    );
}

fn is_bordered(shown: &str) -> bool {
    let mut lines = shown.lines().filter(|line| !line.is_empty());
    lines.all(|line| line.starts_with(['+', '|']) && line.ends_with(['+', '|']))
}

#[test]
fn a_table_that_does_not_fit_becomes_lines_with_unbroken_identifiers() {
    let tenant = Tenant::builder()
        .claim("nickname", json!("a rather long nickname, 李小龍"))
        .start();
    for (columns, is_table) in [
        (40, false),
        (60, false),
        (80, false),
        (87, true),
        (200, true),
    ] {
        let shown = shown_at(columns, &tenant, &LOGIN);
        assert_eq!(is_bordered(&shown), is_table, "at {columns}:\n{shown}");
        assert!(shown.contains("auth0|65f1c0de8a1b2c3d4e5f0001"), "{shown}");
    }
    assert_eq!(
        shown_at(40, &tenant, &LOGIN),
        "Robin Percy\n\
         Email Address  robin@percy.test\n\
         Nickname       a rather long nickname, 李小龍\n\
         ID             auth0|65f1c0de8a1b2c3d4e5f0001\n"
    );
}

#[test]
fn each_table_fits_by_itself() {
    let tenant = Tenant::builder()
        .claim("odd", json!("x".repeat(100)))
        .start();
    let shown = shown_at(80, &tenant, &[&LOGIN[..], &["--all-claims"]].concat());
    let (user, claims) = shown.split_once("\n\n").expect("two tables");
    assert!(is_bordered(user) && user.contains("Robin Percy"), "{shown}");
    assert!(
        claims.lines().any(|line| line.starts_with("exp ")),
        "{shown}"
    );
    assert!(claims.contains(&"x".repeat(100)), "{shown}");
}

#[test]
fn a_long_value_is_shortened_on_a_terminal_only_and_the_flag_that_shows_it_is_named() {
    let value = "v".repeat(3000);
    let tenant = Tenant::builder().claim("odd", json!(value)).start();
    let arguments = [&LOGIN[..], &["--all-claims"]].concat();
    for columns in [40, 80, 200] {
        let shown = shown_at(columns, &tenant, &arguments);
        assert!(
            shown.contains("v… (3000 characters; whole with --output json)"),
            "{shown}"
        );
        assert!(shown.lines().all(|line| line.width() < 250), "{shown}");
    }
    let arguments = [&LOGIN[..], &["--output", "json"]].concat();
    assert!(shown_at(80, &tenant, &arguments).contains(&value));
    assert!(printed(login_at(&tenant).arg("--all-claims")).contains(&value));
}

#[test]
fn every_json_output_is_indented_on_a_terminal_without_raw_control_characters() {
    let response = "{\"access_token\":\r\t\"abc\",\r\n\t\"expires_in\": 1.50e3}";
    let tenant = Tenant::builder().token_response(200, &[], response).start();
    for output in ["json", "tokens"] {
        let arguments = ["client-credentials", "--audience", "a", "--output", output];
        let shown = at_columns(80, &tenant, &arguments).exp_eof().unwrap();
        let lines: Vec<_> = shown.split("\r\n").collect();
        assert_eq!(
            &lines[..2],
            ["{", "  \"access_token\": \"abc\","],
            "{shown:?}"
        );
        assert!(
            lines.iter().all(|line| !line.contains(['\r', '\t'])),
            "{shown:?}"
        );
    }
    let arguments = [
        "client-credentials",
        "--audience",
        "a",
        "--output",
        "tokens",
    ];
    let piped = process_at(&tenant, &arguments).output().unwrap().stdout;
    assert_eq!(
        String::from_utf8(piped).unwrap(),
        "{\"access_token\":\"abc\",\"expires_in\":1.50e3}\n"
    );
}

#[test]
fn joined_words_and_emoji_are_shown_as_they_are_and_piles_of_marks_are_cut() {
    let name = "👩🏽\u{200d}🚀 می\u{200c}خواهم";
    let tenant = Tenant::builder()
        .claim("name", json!(name))
        .claim("nickname", json!(format!("e{}", "\u{301}".repeat(100))))
        .start();
    let shown = shown_at(200, &tenant, &LOGIN);
    assert!(shown.contains(name), "{shown}");
    assert!(
        shown.contains("\u{301}…") && shown.matches('\u{301}').count() < 10,
        "{shown}"
    );
    let piped = printed(&mut login_at(&tenant));
    assert!(
        piped.contains(name) && piped.matches("\\u{301}").count() > 90,
        "{piped}"
    );
}

#[test]
fn messages_and_hints_wrap_at_words() {
    let tenant = Tenant::start();
    for columns in [40, 60] {
        let arguments = ["--email", EMAIL, "--password", "wrong"];
        let shown = shown_at(columns, &tenant, &arguments);
        let plain = shown
            .replace("\u{1b}[1m", "")
            .replace("\u{1b}[31m", "")
            .replace("\u{1b}[36m", "")
            .replace("\u{1b}[0m", "");
        assert!(
            plain.lines().all(|line| line.width() <= columns.into()),
            "{plain:?}"
        );
        let words: Vec<_> = plain.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "padlock: the e-mail address or the password is wrong \
             hint: check both; too many failed attempts block the account"
        );
    }
}

#[test]
fn a_menu_wraps_at_words() {
    let tenant = Tenant::builder()
        .factor(Factor::otp("1"))
        .factor(Factor::sms("XXXXXXXXX9167", "2"))
        .start();
    let mut session = at_columns(40, &tenant, &LOGIN);
    let menu = session.exp_string("Which one? [1] ").unwrap();
    let lines: Vec<_> = menu.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "The account has several second factors:",
            "  1  otp  code from an authenticator app",
            "  2  sms  code by text message to",
            "          XXXXXXXXX9167",
            ""
        ]
    );
}

#[test]
fn a_recovery_code_is_escaped_whatever_reads_stderr() {
    let tenant = Tenant::builder()
        .factor(Factor::recovery_code("OLD"))
        .member("recovery_code", json!("N\u{9b}EW\u{202e}\u{2028}"))
        .start();
    let output = login_at(&tenant)
        .args(["--otp", "OLD", "--factor", "recovery-code"])
        .args(["--error-format", "json"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let shown: Value = serde_json::from_str(stderr.lines().next().unwrap()).unwrap();
    assert_eq!(shown["recovery_code"], "N\u{9b}EW\u{202e}\u{2028}");
    assert!(stderr.is_ascii(), "{stderr}");
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
        .claim("odd", json!("a\u{1b}[2J\u{202e}"))
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
