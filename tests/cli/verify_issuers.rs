//! Who a token's issuer may be: other spellings, Entra's tenants, addresses that are no issuer.

use std::fs;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{access_token_of, login_at_issuer, padlock, says, verify_at};
use crate::tenant::{Tenant, TenantOptions, jwks};

const TENANT_ID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

fn entra(tid: &str) -> TenantOptions {
    let iss = TEMPLATE.replace("{tenantid}", tid);
    let builder = Tenant::builder().access_token_claim("iss", json!(iss));
    builder.access_token_claim("tid", json!(tid))
}

/// A verification with the tenant's keys, each with this `issuer` member if there is one.
fn with_keys(issuer: Option<&str>, flags: &[&str], token: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks");
    let mut set = jwks();
    for key in set["keys"].as_array_mut().unwrap() {
        let issuer = issuer.map(Value::from);
        key.as_object_mut()
            .unwrap()
            .extend(issuer.map(|issuer| ("issuer".to_owned(), issuer)));
    }
    fs::write(&path, set.to_string()).unwrap();
    let mut verify = padlock();
    verify
        .args(["verify", "--any-audience", "--jwks"])
        .arg(&path)
        .args(flags)
        .arg(token);
    (folder, verify)
}

#[test]
fn expect_issuer_adds_a_spelling_to_one_issuer() {
    let tenant = Tenant::start();
    let spelling = tenant.issuer().trim_start_matches("http://").to_owned();
    tenant.change(|options| options.access_token_claim("iss", json!(spelling)));
    let token = access_token_of(&tenant);
    let refused = verify_at(&tenant).arg(&token).assert().code(8).stdout("");
    refused.stderr(says("iss is").and(says("--expect-issuer")));
    let mut both = verify_at(&tenant);
    both.args(["--expect-issuer", "x.test", "--expect-issuer", &spelling]);
    both.arg(&token).assert().code(0).stderr("");
    let issuer = tenant.issuer();
    tenant.change(|options| options.access_token_claim("iss", json!(issuer)));
    both = verify_at(&tenant);
    both.args(["--expect-issuer", &spelling])
        .arg(access_token_of(&tenant))
        .assert()
        .code(0);
    let mut two = verify_at(&tenant);
    two.args(["--issuer", "https://a.test/", "--expect-issuer", &spelling]);
    two.arg(&token)
        .assert()
        .code(2)
        .stderr(says("exactly one --issuer"));
}

#[test]
fn any_one_of_the_expected_issuers_is_enough() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let flags = [
        "--expect-issuer",
        "https://a.test",
        "--expect-issuer",
        &tenant.issuer(),
    ];
    with_keys(None, &flags, &token).1.assert().code(0);
    with_keys(None, &flags[..2], &token)
        .1
        .assert()
        .code(8)
        .stderr(says("iss is"));
}

#[test]
fn the_tenant_of_an_entra_issuer_is_the_tid_if_that_is_a_uuid() {
    let expecting = |token: &str, more: &[&str]| {
        let flags = [&["--expect-issuer", TEMPLATE][..], more].concat();
        with_keys(None, &flags, token)
    };
    let token = access_token_of(&entra(TENANT_ID).start());
    let accepted = expecting(&token, &[]).1.assert().code(0);
    accepted.stderr(says("tokens of every Entra tenant").and(says("--require-claim tid=")));
    let required = format!("tid={TENANT_ID}");
    expecting(&token, &["--require-claim", &required])
        .1
        .assert()
        .code(0)
        .stderr("");
    let other = "tid=11111111-86f1-41af-91ab-2d7cd011db47";
    expecting(&token, &["--require-claim", other])
        .1
        .assert()
        .code(9)
        .stdout("");
    for tid in ["common", "72f988bf-86f1-41af-91ab-2d7cd011db4", "../x", ""] {
        let token = access_token_of(&entra(tid).start());
        expecting(&token, &[])
            .1
            .assert()
            .code(8)
            .stdout("")
            .stderr(says("a UUID"));
    }
    let another = entra(TENANT_ID)
        .access_token_claim("tid", json!(&other[4..]))
        .start();
    expecting(&access_token_of(&another), &[])
        .1
        .assert()
        .code(8)
        .stdout("");
}

#[test]
fn a_key_with_an_issuer_verifies_only_tokens_of_that_issuer() {
    let token = access_token_of(&entra(TENANT_ID).start());
    let expecting = ["--expect-issuer", TEMPLATE, "--require-claim", "tid"];
    with_keys(Some(TEMPLATE), &expecting, &token)
        .1
        .assert()
        .code(0);
    let of_tenant = TEMPLATE.replace("{tenantid}", TENANT_ID);
    with_keys(Some(&of_tenant), &expecting, &token)
        .1
        .assert()
        .code(0);
    for issuer in [
        "https://sts.windows.net/{tenantid}/",
        "https://login.microsoftonline.com/x/v2.0",
    ] {
        let refused = with_keys(Some(issuer), &expecting, &token)
            .1
            .assert()
            .code(8)
            .stdout("");
        refused.stderr(says("its key is only for"));
    }
    let refused = with_keys(Some("https://a.test"), &[], &token)
        .1
        .assert()
        .code(8)
        .stdout("");
    refused.stderr(says("its key is only for"));
}

#[test]
fn an_issuer_that_is_the_address_of_its_document_is_cut_off_in_the_hint() {
    let tenant = Tenant::start();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let issuer = tenant.issuer();
        let issuer = issuer.trim_end_matches('/');
        let address = format!("{issuer}{path}");
        let mut verify = padlock();
        verify.args(["verify", "--any-audience", "--issuer", &address, "a.b.c"]);
        let refused = verify.assert().code(2).stdout("");
        refused.stderr(says(&format!("cut off {path}: give {issuer}")));
        let mut login = login_at_issuer(&tenant);
        login
            .env("AUTH0_ISSUER", &address)
            .assert()
            .code(2)
            .stderr(says("cut off"));
    }
    assert!(tenant.requests().is_empty());
}

#[test]
fn a_document_that_names_a_template_leads_to_the_tenants_own_id() {
    let tenant = Tenant::builder()
        .plain_provider()
        .discovery_member("issuer", json!(TEMPLATE))
        .start();
    let refused = verify_at(&tenant).arg("a.b.c").assert().code(7).stdout("");
    let hint = says("login.microsoftonline.com/TENANT-ID/v2.0").and(says("--expect-issuer"));
    refused.stderr(hint);
    login_at_issuer(&tenant)
        .assert()
        .code(7)
        .stderr(says("TENANT-ID"));
}

#[test]
fn a_document_of_another_issuer_leads_to_its_keys_and_the_expected_issuer() {
    let tenant = Tenant::builder()
        .discovery_member("issuer", json!("https://public.test/"))
        .start();
    let refused = verify_at(&tenant).arg("a.b.c").assert().code(7).stdout("");
    refused.stderr(
        says("calls itself")
            .and(says("--jwks"))
            .and(says("--expect-issuer")),
    );
}
