//! `--userinfo`: the userinfo response, printed separately from the verified claims.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{error_of, login_at, printed, says};
use crate::tenant::{DISCOVERY, Response, Signing, Tenant, error_responses};

const USERINFO: &str = "/userinfo";

#[test]
fn userinfo_has_a_table_of_its_own() {
    let tenant = Tenant::builder()
        .userinfo_claim("locale", json!("de\u{202e}"))
        .start();
    let shown = login_at(&tenant)
        .args(["--userinfo"])
        .assert()
        .code(0)
        .stdout(says("| Userinfo").and(says("de\\u{202e}")));
    let stdout = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(stdout.find("Nickname").unwrap() < stdout.find("Userinfo").unwrap());
    let request = &tenant.requests_to(USERINFO)[0];
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
}

#[test]
fn userinfo_is_a_json_object_of_its_own_and_is_not_merged() {
    let tenant = Tenant::builder()
        .userinfo_claim("email", json!("other@percy.test"))
        .start();
    let output = login_at(&tenant)
        .args(["--userinfo", "--output", "json"])
        .output()
        .unwrap();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["claims"]["email"], "robin@percy.test");
    assert_eq!(shown["userinfo"]["email"], "other@percy.test");
    assert_eq!(shown["userinfo"]["sub"], shown["claims"]["sub"]);
}

#[test]
fn userinfo_about_another_user_is_refused() {
    let others = [
        Tenant::builder().userinfo_claim("sub", json!("auth0|other")),
        Tenant::builder().without_userinfo_claim("sub"),
    ];
    for options in others {
        let tenant = options.start();
        let error = error_of(login_at(&tenant).arg("--userinfo"));
        assert_eq!(
            (&error["exit"], &error["class"]),
            (&json!(8), &json!("untrusted_token"))
        );
        assert!(error["message"].as_str().unwrap().contains("another user"));
    }
}

#[test]
fn an_access_token_that_the_userinfo_endpoint_refuses_exits_with_5() {
    let tenant = Tenant::builder()
        .responds(USERINFO, error_responses::invalid_bearer())
        .start();
    let error = error_of(login_at(&tenant).arg("--userinfo"));
    assert_eq!((&error["exit"], &error["status"]), (&json!(5), &json!(401)));
}

#[test]
fn userinfo_that_is_not_a_json_object_is_refused() {
    for body in ["", "[]", "a.b.c", r#"{"sub":"a","sub":"b"}"#] {
        let tenant = Tenant::builder()
            .responds(USERINFO, Response::new(200, body))
            .start();
        login_at(&tenant)
            .arg("--userinfo")
            .assert()
            .code(7)
            .stdout("")
            .stderr(says("invalid userinfo response"));
    }
}

#[test]
fn a_signed_response_is_verified_like_a_token() {
    let tenant = Tenant::builder()
        .signs_userinfo()
        .userinfo_claim("locale", json!("de"))
        .start();
    let shown = printed(login_at(&tenant).args(["--userinfo", "--output", "json"]));
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["userinfo"]["locale"], "de");
    let request = &tenant.requests_to(USERINFO)[0];
    assert!(
        request
            .header("accept")
            .unwrap()
            .contains("application/jwt")
    );
}

#[test]
fn a_signed_response_that_fails_verification_is_refused() {
    let signed = || Tenant::builder().signs_userinfo();
    for (options, reason) in [
        (
            signed().userinfo_claim("iss", json!("https://else.test/")),
            "iss is",
        ),
        (signed().without_userinfo_claim("iss"), "iss is"),
        (
            signed().userinfo_claim("aud", json!("someone else")),
            "aud is",
        ),
        (signed().without_userinfo_claim("aud"), "aud is"),
        (
            signed().userinfo_claim("exp", json!(1)),
            "exp is in the past",
        ),
        (
            signed().sign_userinfo_with(Signing::unpublished_key()),
            "invalid signature",
        ),
        (signed().sign_userinfo_with(Signing::none()), "not signed"),
    ] {
        let error = error_of(login_at(&options.start()).arg("--userinfo"));
        assert_eq!(
            (&error["exit"], &error["class"]),
            (&json!(8), &json!("untrusted_token"))
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("the userinfo response"), "{error}");
        let reasons = error["reasons"].to_string();
        assert!(reasons.contains(reason), "{reason}: {error}");
    }
    let other = signed().userinfo_claim("sub", json!("auth0|other")).start();
    let error = error_of(login_at(&other).arg("--userinfo"));
    assert!(
        error["message"].as_str().unwrap().contains("another user"),
        "{error}"
    );
}

#[test]
fn an_unsigned_form_of_a_jwt_is_refused() {
    for body in [
        "eyJ.eyJ.x",
        "eyJhbGciOiJSU0EifQ....",
        "eyJhbGciOiJub25lIn0.e30.",
    ] {
        let tenant = Tenant::builder()
            .responds(USERINFO, Response::new(200, body))
            .start();
        login_at(&tenant)
            .arg("--userinfo")
            .assert()
            .code(8)
            .stdout("")
            .stderr(says("the userinfo response failed verification"));
    }
}

#[test]
fn without_the_flag_the_userinfo_endpoint_is_not_queried() {
    let tenant = Tenant::start();
    login_at(&tenant).assert().code(0);
    assert_eq!(tenant.requests_to(USERINFO).len(), 0);
}

#[test]
fn userinfo_can_only_be_combined_with_table_and_json() {
    let tenant = Tenant::start();
    for output in ["id-token", "access-token", "tokens", "header", "curl"] {
        login_at(&tenant)
            .args(["--userinfo", "--output", output])
            .assert()
            .code(2)
            .stderr(says("--userinfo"));
    }
    login_at(&tenant)
        .args(["--userinfo", "--claim", "sub"])
        .assert()
        .code(2);
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn another_providers_userinfo_endpoint_is_found_by_discovery() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .arg("--userinfo")
        .assert()
        .code(0);
    assert_eq!(tenant.requests_to(USERINFO).len(), 1);
}

#[test]
fn an_issuer_without_a_userinfo_endpoint_gets_no_password() {
    let tenant = Tenant::start();
    let document = json!({
        "issuer": tenant.issuer(),
        "token_endpoint": format!("{}oauth/token", tenant.url()),
        "jwks_uri": format!("{}.well-known/jwks.json", tenant.url()),
    });
    tenant.change(|options| options.responds(DISCOVERY, Response::json(200, &document)));
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", &tenant.issuer(), "--userinfo"]);
    let error = error_of(&mut login);
    assert_eq!(error["exit"], 2);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no userinfo endpoint"), "{message}");
    assert_eq!(tenant.passwords_received(), 0);
}
