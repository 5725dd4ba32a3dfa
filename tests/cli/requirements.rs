//! Requirements: a valid token that does not meet one exits with 9, and every unmet one is named.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{access_token_of, error_of, login_at, padlock, says, verify_at};
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, Signing, Tenant, TenantOptions};

const ROLES: &str = "https://acme.example/roles";

/// A tenant whose access tokens have a scope, permissions, roles and a claim of their own.
fn with_grants() -> TenantOptions {
    let options = Tenant::builder().access_token_claim("scope", json!("openid read:orders"));
    let options = options.access_token_claim("permissions", json!(["read:orders"]));
    options
        .access_token_claim(ROLES, json!(["admin"]))
        .access_token_claim("tier", json!(5))
}

fn exit_code(tenant: &Tenant, flags: &[&str]) -> i32 {
    verify_at(tenant)
        .args(flags)
        .arg(access_token_of(tenant))
        .output()
        .unwrap()
        .status
        .code()
        .unwrap()
}

/// The requirements that a login does not meet.
pub(crate) fn unmet(tenant: &Tenant, flags: &[&str]) -> Vec<String> {
    let error = error_of(login_at(tenant).args(flags));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("claim_missing"), &json!(9)),
        "{error}"
    );
    error["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_token_that_meets_every_requirement_is_accepted() {
    let tenant = with_grants().start();
    let flags = [
        "--require-scope",
        "read:orders",
        "--require-scope",
        "openid",
        "--require-permission",
        "read:orders",
    ];
    let more = [
        "--require-role",
        "admin",
        "--roles-claim",
        ROLES,
        "--require-claim",
        "tier=5",
        "--require-claim",
        "iss",
    ];
    assert_eq!(exit_code(&tenant, &[&flags[..], &more].concat()), 0);
}

#[test]
fn part_of_a_word_is_not_a_scope_a_permission_or_a_role() {
    let tenant = with_grants().start();
    for flags in [
        ["--require-scope", "read:order"],
        ["--require-scope", "openid read:orders"],
        ["--require-permission", "read"],
        ["--require-role", "admin"],
        ["--require-claim", "tier=\"5\""],
        ["--require-claim", "tier=50"],
        ["--require-claim", "nope"],
    ] {
        assert_eq!(exit_code(&tenant, &flags), 9, "{flags:?}");
    }
    assert_eq!(
        exit_code(&tenant, &["--require-role", "adm", "--roles-claim", ROLES]),
        9
    );
}

#[test]
fn all_unmet_requirements_are_named_and_nothing_is_printed() {
    let tenant = with_grants().start();
    let flags = [
        "--require-scope",
        "s",
        "--require-permission",
        "p",
        "--require-role",
        "r",
        "--require-claim",
        "c=1",
    ];
    let error = error_of(verify_at(&tenant).args(flags).arg(access_token_of(&tenant)));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("claim_missing"), &json!(9))
    );
    let reasons: Vec<_> = error["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for (reason, word) in reasons.iter().zip([
        "scope \"s\"",
        "permission \"p\"",
        "role \"r\"",
        "claim \"c\"",
    ]) {
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn a_forged_token_exits_with_8_whatever_is_required() {
    let tenant = with_grants()
        .sign_access_token_with(Signing::unpublished_key())
        .start();
    assert_eq!(exit_code(&tenant, &["--require-scope", "openid"]), 8);
    assert_eq!(exit_code(&tenant, &["--require-scope", "nope"]), 8);
}

#[test]
fn flags_about_roles_need_a_required_role() {
    padlock()
        .args([
            "verify",
            "--any-audience",
            "--jwks",
            "x",
            "--roles-claim",
            "a",
            "t",
        ])
        .assert()
        .code(2);
    padlock()
        .args([
            "verify",
            "--any-audience",
            "--jwks",
            "x",
            "--roles-from-tenant",
            "t",
        ])
        .assert()
        .code(2);
}

#[test]
fn a_login_checks_claims_and_roles_in_the_id_token() {
    let tenant = Tenant::builder()
        .claim(ROLES, json!(["admin"]))
        .claim("tier", json!("gold"))
        .start();
    let flags = [
        "--require-role",
        "admin",
        "--roles-claim",
        ROLES,
        "--require-claim",
        "tier=gold",
    ];
    login_at(&tenant)
        .args(flags)
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    let reasons = unmet(
        &tenant,
        &[
            "--require-role",
            "root",
            "--roles-claim",
            ROLES,
            "--require-claim",
            "tier=iron",
        ],
    );
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}

#[test]
fn a_login_checks_scopes_and_permissions_in_the_verified_access_token() {
    let tenant = Tenant::start();
    let api = ["--audience", AUDIENCE];
    login_at(&tenant)
        .args(api)
        .args(["--require-permission", "read:messages"])
        .assert()
        .code(0);
    login_at(&tenant)
        .args(api)
        .args(["--require-scope", "openid"])
        .assert()
        .code(0);
    let reasons = unmet(
        &tenant,
        &[
            &api[..],
            &[
                "--require-permission",
                "write:messages",
                "--require-scope",
                "x",
            ],
        ]
        .concat(),
    );
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}

#[test]
fn a_login_with_a_forged_access_token_exits_with_8() {
    for options in [
        Tenant::builder().sign_access_token_with(Signing::unpublished_key()),
        Tenant::builder().sign_access_token_with(Signing::hs256(CLIENT_SECRET.as_bytes())),
        Tenant::builder().access_token_claim("aud", json!(CLIENT_ID)),
        Tenant::builder().access_token_claim("iss", json!("https://evil.test/")),
        Tenant::builder().access_token_claim("exp", json!(1)),
    ] {
        let tenant = options.start();
        let error = error_of(login_at(&tenant).args([
            "--audience",
            AUDIENCE,
            "--require-permission",
            "read:messages",
        ]));
        assert_eq!(
            (&error["exit"], &error["message"]),
            (&json!(8), &json!("the access token failed verification"))
        );
    }
}

#[test]
fn the_hint_for_an_hs256_access_token_names_the_setting_of_the_api() {
    let hs256 = Signing::hs256(CLIENT_SECRET.as_bytes());
    let tenant = Tenant::builder()
        .hs256()
        .sign_access_token_with(hs256)
        .start();
    let error = error_of(login_at(&tenant).args([
        "--audience",
        AUDIENCE,
        "--require-permission",
        "read:messages",
    ]));
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.starts_with("set the API to RS256")
            && hint.ends_with("only the API itself knows the secret for HS256"),
        "{hint}"
    );
}

#[test]
fn for_an_opaque_access_token_the_scope_of_the_response_counts() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--require-scope", "openid"])
        .assert()
        .code(0);
    assert_eq!(
        unmet(&tenant, &["--require-scope", "read:messages"]).len(),
        1
    );
    assert_eq!(
        unmet(&tenant, &["--require-permission", "read:messages"]).len(),
        1
    );
    let none = Tenant::builder().without_access_token().start();
    assert_eq!(unmet(&none, &["--require-scope", "openid"]).len(), 1);
}

#[test]
fn a_response_without_a_scope_grants_the_requested_one() {
    let tenant = Tenant::builder().without_member("scope").start();
    login_at(&tenant)
        .args(["--require-scope", "openid"])
        .assert()
        .code(0);
    assert_eq!(
        unmet(&tenant, &["--require-scope", "read:messages"]).len(),
        1
    );
}

#[test]
fn an_hs256_login_verifies_its_access_token_with_the_published_keys() {
    let tenant = Tenant::builder().hs256().start();
    let mut login = login_at(&tenant);
    login
        .args([
            "--audience",
            AUDIENCE,
            "--require-permission",
            "read:messages",
        ])
        .assert()
        .code(0);
}

#[test]
fn a_permission_in_an_encrypted_access_token_is_not_called_missing() {
    // Five parts: only the API can decrypt it.
    let tenant = Tenant::builder().access_token("e30..aXY.Y3Q.dGFn").start();
    let reasons = unmet(
        &tenant,
        &[
            "--audience",
            AUDIENCE,
            "--require-permission",
            "read:messages",
        ],
    );
    let reason = &reasons[0];
    assert!(
        reason.contains("encrypted for the API") && !reason.contains("not granted"),
        "{reason}"
    );
}

#[test]
fn scopes_are_text_or_a_list_in_scope_else_in_scp() {
    for (name, value) in [
        ("scope", json!("openid read:orders")),
        ("scope", json!(["openid", "read:orders"])),
        ("scp", json!("openid read:orders")),
        ("scp", json!(["openid", "read:orders"])),
    ] {
        let tenant = Tenant::builder()
            .without_access_token_claim("permissions")
            .without_access_token_claim("scope")
            .access_token_claim(name, value)
            .start();
        let token = access_token_of(&tenant);
        let require = |scope: &str| {
            let mut verify = verify_at(&tenant);
            verify.args(["--require-scope", scope, &token]);
            verify
        };
        require("read:orders").assert().code(0);
        require("orders").assert().code(9).stdout("");
        require("openid read:orders").assert().code(9).stdout("");
    }
}

#[test]
fn a_list_as_scope_of_an_auth0_token_counts_if_it_is_named() {
    let tenant = Tenant::builder()
        .access_token_claim("scope", json!(["read:orders"]))
        .start();
    let token = access_token_of(&tenant);
    let require = |flags: &[&str]| {
        let mut verify = verify_at(&tenant);
        verify
            .args(["--require-scope", "read:orders"])
            .args(flags)
            .arg(&token);
        verify
    };
    require(&[]).assert().code(9).stdout("");
    require(&["--scope-claim", "scope"]).assert().code(0);
}

#[test]
fn a_required_value_of_another_type_is_suggested_with_or_without_quotes() {
    let tenant = Tenant::builder()
        .access_token_claim("project_id", json!("22"))
        .access_token_claim("level", json!(3))
        .start();
    let token = access_token_of(&tenant);
    for (requirement, suggestion) in [
        (
            "project_id=22",
            "quote it: --require-claim 'project_id=\"22\"'",
        ),
        (
            "level=\"3\"",
            "leave out the quotes: --require-claim 'level=3'",
        ),
    ] {
        let mut verify = verify_at(&tenant);
        verify.args(["--require-claim", requirement, &token]);
        verify.assert().code(9).stdout("").stderr(says(suggestion));
    }
    let mut verify = verify_at(&tenant);
    verify.args(["--require-claim", "project_id=23", &token]);
    verify.assert().code(9).stderr(says("quote").not());
}

#[test]
fn a_number_that_no_token_can_have_is_a_mistake_and_text_of_digits_is_none() {
    let tenant = Tenant::builder()
        .claim("n", serde_json::json!("9".repeat(400)))
        .start();
    let digits = "9".repeat(400);
    for value in ["1e400", "[-1e999]", &digits] {
        login_at(&tenant)
            .args(["--require-claim", &format!("n={value}")])
            .assert()
            .code(2)
            .stderr(says("beyond the range of a double").and(says("double quotes")));
    }
    login_at(&tenant)
        .args(["--require-claim", &format!("n=\"{digits}\"")])
        .assert()
        .code(0);
}
