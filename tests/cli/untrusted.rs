//! An id_token that fails verification: exit 8, the violations on stderr, nothing on stdout.

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{error_of, login_at, says};
use crate::tenant::{CLIENT_SECRET, Signing, Tenant, TenantOptions, now};

/// Why a login is refused.
fn reasons(options: TenantOptions) -> String {
    let error = error_of(&mut login_at(&options.start()));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("untrusted_token"), &json!(8)),
        "{error}"
    );
    error["reasons"].to_string()
}

#[test]
fn a_token_from_another_issuer_is_refused() {
    for issuer in ["https://evil.test/", "", "HTTP://127.0.0.1/"] {
        assert!(reasons(Tenant::builder().claim("iss", json!(issuer))).contains("iss"));
    }
    assert!(reasons(Tenant::builder().without_claim("iss")).contains("iss"));
}

#[test]
fn a_token_for_another_audience_is_refused() {
    assert!(reasons(Tenant::builder().claim("aud", json!("other"))).contains("aud"));
    assert!(reasons(Tenant::builder().without_claim("aud")).contains("aud"));
}

#[test]
fn several_audiences_require_an_azp_that_is_the_client() {
    let both = json!(["padlock-cli", "https://api.percy.test/"]);
    assert!(reasons(Tenant::builder().claim("aud", both.clone())).contains("azp"));
    assert!(
        reasons(
            Tenant::builder()
                .claim("aud", both.clone())
                .claim("azp", json!("other"))
        )
        .contains("azp")
    );
    let valid = Tenant::builder()
        .claim("aud", both)
        .claim("azp", json!("padlock-cli"))
        .start();
    login_at(&valid).assert().code(0);
}

#[test]
fn an_expired_token_is_refused_after_the_leeway() {
    assert!(reasons(Tenant::builder().claim("exp", json!(now() - 100))).contains("exp"));
    assert!(reasons(Tenant::builder().without_claim("exp")).contains("exp"));
    let tenant = Tenant::builder().claim("exp", json!(now() - 30)).start();
    login_at(&tenant).assert().code(0);
    login_at(&tenant).args(["--leeway", "0"]).assert().code(8);
    login_at(&Tenant::builder().claim("exp", json!(now() - 100)).start())
        .args(["--leeway", "300"])
        .assert()
        .code(0);
}

#[test]
fn a_token_from_the_future_is_refused() {
    assert!(reasons(Tenant::builder().claim("iat", json!(now() + 1000))).contains("iat"));
    assert!(reasons(Tenant::builder().claim("nbf", json!(now() + 1000))).contains("nbf"));
    assert!(reasons(Tenant::builder().without_claim("iat")).contains("iat"));
}

#[test]
fn a_token_without_a_subject_is_refused() {
    assert!(reasons(Tenant::builder().without_claim("sub")).contains("sub"));
    assert!(reasons(Tenant::builder().claim("sub", json!(""))).contains("sub"));
}

#[test]
fn a_token_signed_by_another_key_is_refused() {
    reasons(Tenant::builder().sign_with(Signing::unpublished_key()));
    reasons(Tenant::builder().sign_with(Signing::unknown_kid()));
    reasons(
        Tenant::builder()
            .hs256()
            .sign_with(Signing::hs256(b"another secret, 32 bytes or more!!!")),
    );
}

#[test]
fn the_token_never_chooses_its_algorithm() {
    reasons(Tenant::builder().sign_with(Signing::none()));
    reasons(Tenant::builder().sign_with(Signing::es256()));
    let hs256 = Tenant::builder()
        .sign_with(Signing::hs256(CLIENT_SECRET.as_bytes()))
        .start();
    login_at(&hs256)
        .env_remove("AUTH0_ALGORITHM")
        .assert()
        .code(8);
    let rs256 = Tenant::start();
    login_at(&rs256)
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(8)
        .stderr(says("AUTH0_ALGORITHM"));
    login_at(&rs256)
        .env("AUTH0_ALGORITHM", "HS256,RS256")
        .assert()
        .code(0);
}

#[test]
fn all_violations_are_reported_at_once() {
    let tenant = Tenant::builder()
        .claim("iss", json!("https://evil.test/"))
        .claim("aud", json!("other"));
    let tenant = tenant.claim("exp", json!(now() - 7200)).start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(error["reasons"].as_array().unwrap().len(), 3, "{error}");
    login_at(&tenant)
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("iss").and(says("aud")).and(says("exp")));
}

#[test]
fn a_sign_in_older_than_max_age_is_refused() {
    let tenant = Tenant::builder()
        .claim("auth_time", json!(now() - 1000))
        .start();
    login_at(&tenant)
        .args(["--max-age", "300"])
        .assert()
        .code(8)
        .stderr(says("auth_time"));
    login_at(&tenant)
        .args(["--max-age", "3000"])
        .assert()
        .code(0);
    login_at(&Tenant::start())
        .args(["--max-age", "3000"])
        .assert()
        .code(8)
        .stderr(says("auth_time"));
}

#[test]
fn an_at_hash_for_another_access_token_is_refused() {
    assert!(
        reasons(Tenant::builder().claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")))
            .contains("at_hash")
    );
}

#[test]
fn no_output_shows_any_of_a_token_that_fails_verification() {
    let tenant = Tenant::builder().claim("aud", json!("other")).start();
    for output in [
        "table",
        "json",
        "id-token",
        "access-token",
        "tokens",
        "header",
        "curl",
    ] {
        login_at(&tenant)
            .args(["--output", output])
            .assert()
            .code(8)
            .stdout("");
    }
    login_at(&tenant)
        .args(["--claim", "email"])
        .assert()
        .code(8)
        .stdout("");
}

#[test]
fn control_characters_in_a_violation_are_escaped() {
    let tenant = Tenant::builder()
        .claim("iss", json!("https://evil.test/\u{1b}[2J\u{202e}"))
        .start();
    login_at(&tenant)
        .assert()
        .code(8)
        .stderr(says("\u{1b}").not().and(says("\u{202e}").not()));
}
