//! What the browser returns with, and the id_token for it: each check of OpenID Connect and OAuth.

use serde_json::{Value, json};

use crate::browsing::{Ended, begin, begin_at_issuer, tenant, visit};
use crate::tenant::{TOKEN, TenantOptions};

/// A login whose return has more parameters than the tenant's own.
fn returned_with(options: TenantOptions, parameters: &[(&str, &str)]) -> (Ended, usize) {
    let tenant = options.start();
    let login = begin_at_issuer(&tenant, &["--error-format", "json"]);
    let mut target = login.sign_in();
    target.query_pairs_mut().extend_pairs(parameters);
    visit(&target);
    (login.end(), tenant.requests_to(TOKEN).len())
}

#[test]
fn a_response_of_another_issuer_is_refused_and_its_code_sent_to_none() {
    // The issuer in these tests is the tenant's own address.
    for other in [
        "https://evil.test/",
        "https://percy.test",
        "HTTPS://percy.test/",
    ] {
        let (ended, requests) = returned_with(tenant().plain_provider(), &[("iss", other)]);
        let error = ended.error();
        assert_eq!(
            (&error["class"], requests),
            (&json!("bad_answer"), 0),
            "{other}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(other), "{message}");
    }
}

#[test]
fn a_response_that_names_the_issuer_is_accepted_and_one_that_does_not_where_it_must_is_refused() {
    let announced = || {
        let name = "authorization_response_iss_parameter_supported";
        tenant()
            .plain_provider()
            .discovery_member(name, json!(true))
    };
    let (ended, requests) = returned_with(announced(), &[]);
    assert_eq!(
        (&ended.error()["class"], requests),
        (&json!("bad_answer"), 0)
    );
    for options in [announced(), tenant().plain_provider()] {
        let tenant = options.start();
        let login = begin_at_issuer(&tenant, &[]);
        let mut target = login.sign_in();
        target
            .query_pairs_mut()
            .append_pair("iss", &tenant.issuer());
        visit(&target);
        assert_eq!(login.end().code, Some(0));
    }
}

#[test]
fn an_error_of_another_issuer_is_not_shown_as_this_ones() {
    let tenant = tenant().start();
    let login = begin(&tenant, &["--error-format", "json"]);
    let parameters = [("error", "access_denied"), ("iss", "https://evil.test/")];
    visit(&login.return_with(&parameters));
    let error = login.end().error();
    assert_eq!(error["class"], "bad_answer");
    assert!(
        error["message"].as_str().unwrap().contains("evil.test"),
        "{error}"
    );
}

#[test]
fn a_parameter_that_is_given_twice_makes_the_response_invalid() {
    for name in ["code", "iss", "error"] {
        let tenant = tenant().start();
        let login = begin(&tenant, &["--error-format", "json"]);
        let parameters = [(name, "a"), (name, "b")];
        let page = visit(&login.return_with(&parameters));
        assert_eq!(page.status, 200);
        assert_eq!(login.end().error()["class"], "bad_answer", "{name}");
        assert_eq!(tenant.requests_to(TOKEN).len(), 0);
    }
    let tenant = tenant().start();
    let login = begin(&tenant, &["--error-format", "json"]);
    visit(&login.return_with(&[]));
    assert_eq!(login.end().error()["class"], "bad_answer");
}

#[test]
fn each_refusal_of_the_login_page_has_its_class_and_its_hint() {
    for (code, words, exit, message, hint) in [
        (
            "access_denied",
            "User did not authorize the request",
            3,
            "cancelled",
            "sign in again",
        ),
        (
            "access_denied",
            "End-User aborted interaction",
            3,
            "cancelled",
            "sign in again",
        ),
        (
            "access_denied",
            "not on the list",
            5,
            "not on the list",
            "administrator",
        ),
        (
            "access_denied",
            "",
            5,
            "cancelled or refused",
            "administrator",
        ),
        (
            "login_required",
            "",
            5,
            "--prompt none",
            "without --prompt none",
        ),
        (
            "unauthorized_client",
            "Grant type 'authorization_code' not allowed",
            5,
            "browser",
            "Authorization Code",
        ),
        (
            "invalid_scope",
            "no such scope",
            5,
            "no such scope",
            "--scope",
        ),
        ("server_error", "oops", 7, "oops", "try again"),
        (
            "temporarily_unavailable",
            "",
            7,
            "temporarily unavailable",
            "try again",
        ),
        ("strange", "the moon is full", 5, "the moon is full", "Logs"),
    ] {
        let tenant = tenant().start();
        let login = begin(&tenant, &["--error-format", "json"]);
        let page = visit(&login.return_with(&[("error", code), ("error_description", words)]));
        assert!(!page.body.contains(words) || words.is_empty(), "{page:?}");
        let error = login.end().error();
        let shown = |name: &str| error[name].as_str().unwrap().to_owned();
        assert_eq!(error["exit"], exit, "{error}");
        assert!(
            shown("message").contains(message) && shown("hint").contains(hint),
            "{error}"
        );
    }
}

/// Asserts that a login at this tenant fails verification, with this in the list of reasons.
fn assert_untrusted(name: &str, options: TenantOptions, reason: &str) {
    let tenant = options.start();
    let login = begin(
        &tenant,
        &[
            "--error-format",
            "json",
            "--audience",
            crate::tenant::AUDIENCE,
        ],
    );
    visit(&login.sign_in());
    let error = login.end().error();
    assert_eq!(error["class"], "untrusted_token", "{name}: {error}");
    assert!(
        error["reasons"].to_string().contains(reason),
        "{name}: {error}"
    );
}

#[test]
fn the_nonce_of_the_login_must_be_in_the_id_token() {
    assert_untrusted(
        "missing",
        tenant().without_claim("nonce"),
        "nonce is missing",
    );
    assert_untrusted(
        "another",
        tenant().claim("nonce", json!("other")),
        "nonce is",
    );
    assert_untrusted("a list", tenant().claim("nonce", json!(["a"])), "nonce is");
}

#[test]
fn the_state_and_the_nonce_of_the_login_are_hidden_in_messages() {
    let tenant = tenant().claim("nonce", json!("other")).start();
    let login = begin(&tenant, &[]);
    let nonce = login.parameter("nonce").unwrap();
    visit(&login.sign_in());
    let ended = login.end();
    assert!(
        ended
            .stderr
            .contains("nonce is \"other\", expected \"[hidden]\""),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains(&nonce), "{ended:?}");
    let login = begin(&tenant, &[]);
    let state = login.state();
    let description = format!("no session for {state}");
    visit(&login.return_with(&[
        ("error", "access_denied"),
        ("error_description", &description),
    ]));
    let ended = login.end();
    assert!(
        ended.stderr.contains("no session for [hidden]"),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains(&state), "{ended:?}");
}

#[test]
fn hashes_of_code_and_access_token_must_be_right_where_they_are() {
    assert_untrusted("c_hash", tenant().claim("c_hash", json!("AAAA")), "c_hash");
    assert_untrusted(
        "at_hash",
        tenant().claim("at_hash", json!("AAAA")),
        "at_hash",
    );
}

/// The basic tests of the OpenID Foundation for relying parties with the code flow, by name.
#[test]
fn the_basic_rp_tests_of_the_openid_foundation_pass() {
    use crate::tenant::Signing;
    let now = crate::tenant::now();
    let refused = [
        (
            "oidcc-client-test-nonce-invalid",
            tenant().claim("nonce", json!("x")),
            "nonce",
        ),
        (
            "oidcc-client-test-invalid-iss",
            tenant().claim("iss", json!("https://x.test/")),
            "iss",
        ),
        (
            "oidcc-client-test-missing-sub",
            tenant().without_claim("sub"),
            "sub",
        ),
        (
            "oidcc-client-test-invalid-aud",
            tenant().claim("aud", json!("other")),
            "aud",
        ),
        (
            "oidcc-client-test-missing-aud",
            tenant().without_claim("aud"),
            "aud",
        ),
        (
            "oidcc-client-test-missing-iat",
            tenant().without_claim("iat"),
            "iat",
        ),
        (
            "oidcc-client-test-idtoken-sig-none",
            tenant().sign_with(Signing::none()),
            "alg",
        ),
        (
            "oidcc-client-test-invalid-sig-rs256",
            tenant().sign_with(Signing::unpublished_key()),
            "signature",
        ),
        ("expired", tenant().claim("exp", json!(now - 100)), "exp"),
    ];
    for (name, options, reason) in refused {
        assert_untrusted(name, options, reason);
    }
    let accepted = [
        ("oidcc-client-test", tenant(), &[][..]),
        (
            "oidcc-client-test-kid-absent-single-jwks",
            single_key(),
            &[],
        ),
        (
            "oidcc-client-test-client-secret-basic",
            tenant(),
            &["--client-auth", "client_secret_basic"],
        ),
        (
            "oidcc-client-test-scope-userinfo-claims",
            tenant(),
            &["--userinfo"],
        ),
    ];
    for (name, options, arguments) in accepted {
        let tenant = options.start();
        let ended = begin(&tenant, arguments).finish();
        assert_eq!(ended.code, Some(0), "{name}: {ended:?}");
    }
    let tenant = tenant().userinfo_claim("sub", json!("mallory")).start();
    let ended = begin(&tenant, &["--userinfo"]).finish();
    assert_eq!(
        ended.code,
        Some(8),
        "oidcc-client-test-userinfo-invalid-sub: {ended:?}"
    );
}

/// A key set with one key for RS256, and a token that names none.
fn single_key() -> TenantOptions {
    let published = tenant().start();
    let url = format!("{}.well-known/jwks.json", published.url());
    let keys: Value = reqwest::blocking::get(url).unwrap().json().unwrap();
    tenant()
        .without_id_token_header("kid")
        .jwks(json!({ "keys": [keys["keys"][0]] }))
}
