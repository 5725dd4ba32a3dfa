//! A new recovery code is sent only once and must never be lost.

use serde_json::json;

use crate::program::login_at;
use crate::tenant::{Factor, MFA_RECOVERY_CODE, Tenant, TenantOptions};

const RECOVERY: &str = "K6LGLV3RSH3VERMKET8L7QKU";

fn with_factor(factor: Factor) -> TenantOptions {
    Tenant::builder().factor(factor)
}

fn last_grant(tenant: &Tenant) -> Option<String> {
    tenant
        .requests_to("/oauth/token")
        .last()
        .and_then(|request| request.field("grant_type"))
}

#[test]
fn a_new_recovery_code_is_shown_with_the_request_to_keep_it() {
    let tenant = with_factor(Factor::recovery_code(RECOVERY)).start();
    let output = login_at(&tenant)
        .args(["--factor", "recovery-code", "--otp", RECOVERY])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && stderr.contains("keep the new one"),
        "{stderr}"
    );
    assert_eq!(last_grant(&tenant), Some(MFA_RECOVERY_CODE.into()));
    let new = stderr.trim().rsplit(' ').next().unwrap();
    login_at(&tenant)
        .args(["--factor", "recovery-code", "--otp", new])
        .assert()
        .code(0);
}

#[test]
fn a_new_recovery_code_is_shown_even_if_the_login_fails_later() {
    let tenant = with_factor(Factor::recovery_code(RECOVERY))
        .claim("exp", json!(1))
        .start();
    let login = |format: &str| {
        let mut login = login_at(&tenant);
        login.args([
            "--factor",
            "recovery-code",
            "--otp",
            RECOVERY,
            "--error-format",
            format,
            "--output",
            "tokens",
        ]);
        login.output().unwrap()
    };
    let output = login("json");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<serde_json::Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(output.status.code(), Some(8));
    assert!(
        lines[0]["recovery_code"]
            .as_str()
            .is_some_and(|code| code.len() == 24),
        "{stderr}"
    );
    assert_eq!(lines[1]["error"]["exit"], 8);
}

#[test]
fn a_new_recovery_code_as_json_holds_no_character_that_steers_a_terminal() {
    let code = "K6LG\u{9b}31m\u{202e}\u{85}\u{2028}";
    let tenant = with_factor(Factor::recovery_code(RECOVERY))
        .member("recovery_code", json!(code))
        .start();
    let mut login = login_at(&tenant);
    login.args(["--factor", "recovery-code", "--otp", RECOVERY]);
    let output = login.args(["--error-format", "json"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.is_ascii(), "{stderr:?}");
    let object: serde_json::Value = serde_json::from_str(&stderr).unwrap();
    assert_eq!(object, json!({ "recovery_code": code }));
}

#[test]
fn the_whole_response_contains_the_new_recovery_code() {
    let tenant = with_factor(Factor::recovery_code(RECOVERY)).start();
    let mut login = login_at(&tenant);
    let output = login
        .args([
            "--factor",
            "recovery-code",
            "--otp",
            RECOVERY,
            "--output",
            "tokens",
        ])
        .output()
        .unwrap();
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(response["recovery_code"].is_string());
}

#[test]
fn a_new_recovery_code_is_shown_even_if_the_response_is_otherwise_unusable() {
    let options = || with_factor(Factor::recovery_code(RECOVERY));
    for options in [
        options().member("id_token", json!([])),
        options().member("id_token", json!("a b")),
    ] {
        let tenant = options.start();
        let output = login_at(&tenant)
            .args(["--factor", "recovery-code", "--otp", RECOVERY])
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(7), "{stderr}");
        assert!(stderr.contains("keep the new one"), "{stderr}");
    }
}
