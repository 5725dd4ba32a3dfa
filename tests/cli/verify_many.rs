//! `padlock verify` with many tokens: one verdict per line, in order.

use std::io::Write;
use std::process::{Command, Stdio};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{access_token_of, padlock, printed, program, says, verify_at};
use crate::tenant::{Signing, Tenant};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tenant/keys/jwks.json");

/// A process that trusts the tenants' keys, with piped input and output.
pub(crate) fn process() -> Command {
    let mut process = Command::new(program());
    process
        .env_clear()
        .args(["verify", "--any-audience", "--jwks", KEYS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    process
}

/// Runs it on these bytes; the exit code, and each line of stdout as JSON.
pub(crate) fn verdicts(flags: &[&str], input: Vec<u8>) -> (i32, Vec<Value>) {
    let mut child = process().args(flags).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (
        output.status.code().unwrap(),
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

pub(crate) fn token() -> String {
    access_token_of(&Tenant::start())
}

#[test]
fn each_line_gets_its_verdict_in_order() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let text = format!("{token}\nopaque\n{token}\r\n\na.b.c.d.e\n {token}\n{token}");
    let mut verify = verify_at(&tenant);
    let output = verify
        .write_stdin(text)
        .assert()
        .code(8)
        .stderr(says("4 of 7 tokens failed verification"));
    let lines = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let verdicts: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        verdicts
            .iter()
            .map(|verdict| verdict["line"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7]
    );
    let valid: Vec<bool> = verdicts
        .iter()
        .map(|verdict| verdict["valid"] == true)
        .collect();
    assert_eq!(valid, [true, false, true, false, false, false, true]);
    assert_eq!(verdicts[0]["claims"]["iss"], tenant.issuer());
    for (line, word) in [
        (1, "opaque"),
        (3, "empty"),
        (4, "encrypted"),
        (5, "whitespace"),
    ] {
        let verdict = &verdicts[line];
        assert_eq!(verdict["class"], "untrusted_token");
        assert!(
            verdict["reasons"][0].as_str().unwrap().contains(word),
            "{verdict}"
        );
    }
    assert!(
        lines.starts_with("{\"line\":1,\"valid\":true,\"claims\":{"),
        "{lines}"
    );
}

#[test]
fn all_valid_exits_with_0_one_invalid_with_8_and_an_unmet_requirement_with_9() {
    let token = token();
    let exit = |flags: &[&str], lines: &[&str]| verdicts(flags, lines.join("\n").into_bytes()).0;
    assert_eq!(exit(&[], &[&token, &token]), 0);
    assert_eq!(exit(&[], &[&token, "x"]), 8);
    assert_eq!(exit(&["--require-scope", "nope"], &[&token, &token]), 9);
    assert_eq!(exit(&["--require-scope", "nope"], &[&token, "x"]), 8);
    let (_, lines) = verdicts(
        &["--require-scope", "nope"],
        format!("{token}\n{token}").into(),
    );
    assert_eq!(
        (&lines[1]["valid"], &lines[1]["class"]),
        (&json!(false), &json!("claim_missing"))
    );
    assert!(lines[1]["reasons"][0].as_str().unwrap().contains("nope"));
}

#[test]
fn with_quiet_the_exit_code_is_the_only_result() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .arg("--quiet")
        .write_stdin(format!("{token}\n{token}\n"))
        .assert()
        .code(0)
        .stdout("")
        .stderr("");
    verify_at(&tenant)
        .arg("--quiet")
        .write_stdin(format!("{token}\nx\n"))
        .assert()
        .code(8)
        .stdout("")
        .stderr("");
}

#[test]
fn failures_are_counted_on_stderr_as_json_if_requested() {
    let mut child = process()
        .args(["--error-format", "json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"x\ny\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(
        (&error["error"]["class"], &error["error"]["exit"]),
        (&json!("untrusted_token"), &json!(8))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_for_one_token_is_refused_for_many() {
    let tenant = Tenant::start();
    for flags in [["--claim", "sub"], ["--output", "table"]] {
        let mut verify = verify_at(&tenant);
        verify
            .args(flags)
            .write_stdin("a\nb\n")
            .assert()
            .code(2)
            .stdout("")
            .stderr(says("standard input has several"));
    }
}

#[test]
fn each_issuers_keys_verify_its_own_tokens_and_are_fetched_once() {
    let (one, two, other) = (Tenant::start(), Tenant::start(), Tenant::start());
    let tokens = [&one, &two, &other].map(access_token_of);
    one.clear_requests();
    let mut verify = verify_at(&one);
    let text = [&tokens[0], &tokens[1], &tokens[2], &tokens[0], &tokens[1]]
        .map(String::as_str)
        .join("\n");
    let output = verify
        .args(["--issuer", &two.issuer()])
        .write_stdin(text)
        .assert()
        .code(8);
    let lines = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let valid: Vec<bool> = lines
        .lines()
        .map(|line| line.contains("\"valid\":true"))
        .collect();
    assert_eq!(valid, [true, true, false, true, true]);
    assert_eq!(one.requests().len(), 2, "discovery and keys");
}

#[test]
fn claims_are_written_to_a_pipe_byte_for_byte() {
    let odd = json!("\u{1b}[2J\u{202e}\u{200b}");
    let tenant = Tenant::builder()
        .access_token_claim("odd", odd.clone())
        .start();
    let token = access_token_of(&tenant);
    let lines = printed(verify_at(&tenant).write_stdin(format!("{token}\n{token}")));
    let verdict: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(verdict["claims"]["odd"] == odd && lines.contains('\u{202e}'));
}

/// A token with any payload, signed with the secret "s".
fn token_with(payload: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"s"), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

#[test]
fn claims_keep_the_issuers_json_and_stay_on_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s").unwrap();
    let exact = r#"{"n":123456789012345678901234567890,"f":1.0,"s":"\u0041\/"}"#;
    let verify = |tokens: &[String]| {
        let mut verify = padlock();
        verify
            .args([
                "verify",
                "--any-audience",
                "--kind",
                "jwt",
                "--allow-short-secret",
                "--secret-file",
            ])
            .arg(&secret);
        printed(verify.write_stdin(tokens.join("\n")))
    };
    assert_eq!(verify(&[token_with(exact)]), format!("{exact}\n"));
    let lines = verify(&[token_with(exact), token_with("\r\n{ \"a\":\n1}\r")]);
    let expected = [
        format!("{{\"line\":1,\"valid\":true,\"claims\":{exact}}}\n"),
        "{\"line\":2,\"valid\":true,\"claims\":{\"a\":1}}\n".to_owned(),
    ];
    assert_eq!(lines, expected.concat());
    assert_eq!(verify(&[token_with("{\n\"a\":1}")]), "{\"a\":1}\n");
}

#[test]
fn control_characters_in_a_verdict_are_escaped() {
    let tenant = Tenant::builder()
        .access_token_claim("aud", json!("\u{1b}[2J\u{202e}"))
        .start();
    let token = access_token_of(&tenant);
    let mut verify = verify_at(&tenant);
    verify
        .args(["--audience", "a"])
        .write_stdin(format!("{token}\n{token}"));
    verify
        .assert()
        .code(8)
        .stdout(says("\u{202e}").not().and(says("\u{1b}").not()));
}

#[test]
fn a_forged_token_among_valid_ones_is_found() {
    let valid = token();
    let forged = access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unpublished_key())
            .start(),
    );
    let (exit, verdicts) = verdicts(&[], format!("{valid}\n{forged}\n{valid}").into());
    assert_eq!(exit, 8);
    assert!(
        verdicts[1]["reasons"][0]
            .as_str()
            .unwrap()
            .contains("signature"),
        "{}",
        verdicts[1]
    );
}

#[test]
fn a_token_that_means_the_same_as_a_known_one_is_judged_by_its_own_text() {
    let token = token();
    // The last character of 342 has four bits that mean nothing and must be 0 (RFC 4648 §3.5).
    let (start, last) = token.split_at(token.len() - 1);
    let other = ["BCDE", "RSTU", "hijk", "xyz0"];
    let index = ["A", "Q", "g", "w"].iter().position(|one| *one == last);
    let other = other[index.unwrap()].chars();
    let variants = other.map(|last| format!("{start}{last}"));
    let variants = variants.chain([format!("{token}="), format!("{token}A"), start.to_owned()]);
    let mut lines = vec![token.clone(); 10];
    for variant in variants {
        lines.extend([variant.clone(), token.clone(), variant]);
    }
    let (exit, verdicts) = verdicts(&[], (lines.join("\n") + "\n").into_bytes());
    assert_eq!(exit, 8);
    for (line, verdict) in lines.iter().zip(&verdicts) {
        assert_eq!(verdict["valid"], *line == token, "{line}: {verdict}");
    }
    assert_eq!(verdicts.len(), lines.len());
}

#[test]
fn verdicts_on_a_terminal_are_escaped_and_still_json() {
    let tenant = Tenant::builder()
        .access_token_claim("odd", json!("a\u{1b}[2J\u{202e}b"))
        .start();
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    let token = access_token_of(&tenant);
    std::fs::write(&tokens, format!("{token}\n{token}\n")).unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().args([
        "-c",
        "exec \"$0\" verify --any-audience --jwks \"$1\" < \"$2\"",
        &program(),
        KEYS,
    ]);
    shell.arg(&tokens);
    let mut session = rexpect::session::spawn_command(shell, Some(10_000)).unwrap();
    let shown = session.exp_eof().unwrap();
    let bytes: Vec<u8> = shown.chars().filter_map(|c| u8::try_from(c).ok()).collect();
    let shown = String::from_utf8(bytes).unwrap();
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    let verdict: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    assert_eq!(verdict["claims"]["odd"], "a\u{1b}[2J\u{202e}b");
}
