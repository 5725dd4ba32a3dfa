//! What a value may contain, whatever its source.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{error_of, login_at, padlock, padlock_at, says, verify_at};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, EMAIL, Factor, Tenant, USER_PASSWORD};

/// Variables that hold names and identifiers.
const IDENTIFIERS: [&str; 10] = [
    "AUTH0_DOMAIN",
    "AUTH0_ISSUER",
    "AUTH0_CLIENT_ID",
    "AUTH0_CLIENT_AUTH",
    "AUTH0_AUDIENCE",
    "AUTH0_SCOPE",
    "AUTH0_REALM",
    "AUTH0_ALGORITHM",
    "AUTH0_FORWARDED_FOR",
    "PADLOCK_EMAIL",
];

/// A file with these bytes, and its folder.
fn file_with(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, bytes).unwrap();
    (folder, file)
}

/// Text as UTF-16, little-endian, with a byte order mark where one is given.
fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_identifier_with_a_control_character_is_refused_by_the_name_of_its_setting() {
    let tenant = Tenant::start();
    for variable in IDENTIFIERS {
        for character in ['\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}'] {
            let mut login = login_at(&tenant);
            if variable == "AUTH0_ISSUER" {
                login.env_remove("AUTH0_DOMAIN");
            }
            if variable == "PADLOCK_EMAIL" {
                login = padlock_at(&tenant);
                login.args(["--password", USER_PASSWORD]);
            }
            let value = match variable {
                "AUTH0_DOMAIN" | "AUTH0_ISSUER" => tenant.issuer(),
                _ => "RS256".to_owned(),
            };
            let error = error_of(login.env(variable, format!("{value}{character}")));
            assert_eq!(error["exit"], 2, "{variable} {character:?}: {error}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(variable), "{variable}: {message}");
            assert!(
                message.contains("control character"),
                "{variable}: {message}"
            );
        }
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_identifier_flag_with_a_control_character_is_refused_by_its_name() {
    let tenant = Tenant::start();
    for flag in [
        "--domain",
        "--issuer",
        "--client-id",
        "--client-key-id",
        "--audience",
        "--scope",
        "--realm",
        "--email",
        "--require-scope",
        "--require-claim",
    ] {
        let mut login = padlock_at(&tenant);
        login.args(["--password", USER_PASSWORD, flag, "a\nb"]);
        let message = format!("invalid value for {flag}: it contains a control character");
        login.assert().code(2).stderr(says(&message));
    }
    for flag in [
        "--issuer",
        "--jwks",
        "--expect-issuer",
        "--audience",
        "--nonce",
        "--organization",
    ] {
        let mut verify = padlock();
        verify.args(["verify", flag, "https://a.test/\u{0}"].map(|one| one.replace('\0', "\r")));
        let message = format!("invalid value for {flag}: it contains a control character");
        verify.assert().code(2).stderr(says(&message));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_empty_value_of_a_flag_that_decides_trust_is_refused() {
    let tenant = Tenant::start();
    for flag in ["--audience", "--issuer", "--client-id"] {
        let refused = login_at(&tenant).args([flag, ""]).assert().code(2);
        refused.stderr(says(&format!("{flag} requires a value")));
    }
    for flag in [
        "--audience",
        "--expect-issuer",
        "--nonce",
        "--require-claim",
    ] {
        let mut verify = verify_at(&tenant);
        verify.args([flag, "", "e30.e30.AA"]);
        verify
            .assert()
            .code(2)
            .stderr(says(&format!("{flag} requires a value")));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_secret_loses_a_byte_order_mark_and_one_line_ending_whatever_its_source() {
    let tenant = Tenant::start();
    let secret = format!("\u{feff}{CLIENT_SECRET}\r\n");
    let password = format!("\u{feff}{USER_PASSWORD}\n");
    let (_folder, file) = file_with(secret.as_bytes());
    let login = || {
        let mut login = padlock_at(&tenant);
        login.args(["--email", EMAIL]);
        login
    };
    let mut from_flags = login();
    from_flags
        .env_remove("AUTH0_CLIENT_SECRET")
        .args(["--password", &password, "--client-secret-file"])
        .arg(&file);
    from_flags.assert().code(0);
    let mut from_environment = login();
    from_environment
        .env("AUTH0_CLIENT_SECRET", &secret)
        .env("PADLOCK_PASSWORD", &password);
    from_environment.assert().code(0);
    let settings = format!("PADLOCK_PASSWORD=\"\u{feff}{USER_PASSWORD}\\n\"\n");
    let (_other_folder, settings) = file_with(settings.as_bytes());
    let mut from_file = login();
    from_file.arg("--env-file").arg(&settings);
    from_file.assert().code(0);
    let mut from_stdin = login();
    from_stdin
        .arg("--password-stdin")
        .write_stdin(password.clone());
    from_stdin.assert().code(0);
}

#[test]
fn a_secret_with_a_control_character_is_refused_before_anything_is_sent() {
    let tenant = Tenant::start();
    for control in ["\n\n", "\r", "\nb", "\u{1b}", "\u{7f}", "\u{9b}"] {
        let secret = format!("hunter2{control}");
        let (_folder, file) = file_with(secret.as_bytes());
        let login = || {
            let mut login = padlock_at(&tenant);
            login.args(["--email", EMAIL]);
            login
        };
        let mut runs = vec![];
        for flag in ["--password-file", "--client-secret-file"] {
            let mut run = login();
            run.env("PADLOCK_PASSWORD", USER_PASSWORD)
                .arg(flag)
                .arg(&file);
            runs.push(run);
        }
        for variable in ["AUTH0_CLIENT_SECRET", "PADLOCK_OTP", "PADLOCK_PASSWORD"] {
            let mut run = login();
            run.env("PADLOCK_PASSWORD", USER_PASSWORD)
                .env(variable, &secret);
            runs.push(run);
        }
        for flag in ["--password", "--otp"] {
            let mut run = login();
            if flag == "--otp" {
                run.args(["--password", USER_PASSWORD]);
            }
            run.args([flag, &secret]);
            runs.push(run);
        }
        let mut piped = login();
        piped.arg("--password-stdin").write_stdin(secret.clone());
        runs.push(piped);
        for mut run in runs {
            let refused = run.assert().code(2);
            refused.stderr(says("is not valid: it contains a ").and(says("hunter2").not()));
        }
    }
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn utf_16_is_refused_with_its_name() {
    let tenant = Tenant::start();
    for text in ["\u{feff}hunter2\r\n", "hunter2\r\n"] {
        let (_folder, file) = file_with(&utf_16(text));
        for flag in ["--password-file", "--client-secret-file", "--env-file"] {
            let mut login = padlock_at(&tenant);
            login.env("PADLOCK_PASSWORD", USER_PASSWORD);
            login.args(["--email", EMAIL, flag]).arg(&file);
            login.assert().code(2).stderr(says("UTF-16"));
        }
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn spaces_and_hyphens_are_removed_from_a_numeric_code_whatever_its_source() {
    let tenant = Tenant::builder().factor(Factor::otp("123456")).start();
    for code in ["123 456", "123-456", " 123456 ", "123456\n", "12 34-56"] {
        login_at(&tenant).args(["--otp", code]).assert().code(0);
        login_at(&tenant).env("PADLOCK_OTP", code).assert().code(0);
        login_at(&tenant)
            .arg("--otp-stdin")
            .write_stdin(code)
            .assert()
            .code(0);
        login_at(&tenant)
            .args(["--otp-command", &format!("printf '%s' '{code}'")])
            .assert()
            .code(0);
        padlock_at(&tenant)
            .args(["--email", EMAIL, "--password-stdin", "--otp-stdin"])
            .write_stdin(format!("{USER_PASSWORD}\n{code}"))
            .assert()
            .code(0);
    }
}

#[test]
fn a_recovery_code_keeps_its_spaces_and_hyphens() {
    for code in ["1234-5678", "1234 5678", "K6LG-LV3R"] {
        let tenant = Tenant::builder()
            .factor(Factor::recovery_code(code))
            .start();
        login_at(&tenant)
            .args(["--factor", "recovery-code", "--otp", code])
            .assert()
            .code(0);
    }
}

#[test]
fn an_empty_client_secret_that_is_set_is_sent() {
    let tenant = Tenant::builder().client_secret("").start();
    let sent = |method: &str| {
        tenant.clear_requests();
        let mut login = login_at(&tenant);
        login.env("AUTH0_CLIENT_SECRET", "");
        login.args(["--client-auth", method]).output().unwrap();
        tenant.requests_to("/oauth/token").remove(0)
    };
    let post = sent("client_secret_post");
    assert_eq!(post.field("client_secret"), Some(String::new()));
    let basic = sent("client_secret_basic");
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:")));
    assert_eq!(basic.header("authorization"), Some(expected.as_str()));
}

#[test]
fn the_name_of_an_algorithm_may_have_any_letter_case() {
    let tenant = Tenant::start();
    for name in ["rs256", "Rs256,es256", "eddsa,rs256"] {
        login_at(&tenant)
            .args(["--algorithm", name])
            .assert()
            .code(0);
        login_at(&tenant)
            .env("AUTH0_ALGORITHM", name)
            .assert()
            .code(0);
        verify_at(&tenant)
            .args(["--kind", "id-token", "--algorithm", name])
            .arg(crate::program::id_token_of(&tenant))
            .assert()
            .code(0);
    }
    login_at(&tenant)
        .args(["--algorithm", "none"])
        .assert()
        .code(2);
}
