//! The authorization code grant, as a browser and an application use it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::blocking::Response;
use serde_json::{Value, json};
use url::Url;

use crate::tenant::{AUTHORIZE, CLIENT_ID, CLIENT_SECRET, Tenant};
use crate::{error_of, post_to};

const CALLBACK: &str = "http://127.0.0.1:8484/callback";

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn authorize(tenant: &Tenant, more: &[(&str, &str)]) -> Response {
    let mut url = Url::parse(tenant.url()).unwrap().join(AUTHORIZE).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("scope", "openid")
        .append_pair("state", "s")
        .append_pair("nonce", "n")
        .append_pair("code_challenge", CHALLENGE)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(more);
    let policy = reqwest::redirect::Policy::none();
    let browser = reqwest::blocking::Client::builder()
        .no_proxy()
        .redirect(policy)
        .build();
    browser.unwrap().get(url).send().unwrap()
}

/// A parameter of the redirect.
fn parameter(response: &Response, name: &str) -> Option<String> {
    assert_eq!(response.status(), 302);
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(found, _)| found == name)?;
    Some(value.into_owned())
}

fn redeem(tenant: &Tenant, code: &str, verifier: &str) -> Response {
    let fields = json!({
        "grant_type": "authorization_code", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier,
    });
    post_to(tenant, "oauth/token", &fields)
}

#[test]
fn a_code_is_redeemed_once_and_with_its_verifier() {
    let tenant = Tenant::start();
    let code = || {
        let response = authorize(&tenant, &[("redirect_uri", CALLBACK)]);
        assert_eq!(parameter(&response, "state").as_deref(), Some("s"));
        parameter(&response, "code").unwrap()
    };
    let used = code();
    let tokens: Value = redeem(&tenant, &used, VERIFIER).json().unwrap();
    let id_token = tokens["id_token"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD
        .decode(id_token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        (&claims["nonce"], &claims["aud"]),
        (&json!("n"), &json!(CLIENT_ID))
    );
    let error = error_of(redeem(&tenant, &used, VERIFIER));
    let invalid = "Invalid authorization code".to_owned();
    assert_eq!(error, (403, "invalid_grant".to_owned(), invalid));
    let error = error_of(redeem(&tenant, &code(), "guessed"));
    assert_eq!(
        (error.0, &*error.2),
        (403, "Failed to verify code verifier")
    );
}

#[test]
fn callback_urls_are_compared_exactly() {
    let tenant = Tenant::start();
    for other in [
        "http://127.0.0.1:8485/callback",
        "http://localhost:8484/callback",
    ] {
        assert_eq!(authorize(&tenant, &[("redirect_uri", other)]).status(), 403);
    }
}

#[test]
fn a_redirect_to_this_machine_may_need_a_confirmation_and_never_takes_prompt_none() {
    let tenant = Tenant::builder().confirms_loopback().start();
    let page = authorize(&tenant, &[("redirect_uri", CALLBACK)]);
    assert_eq!(page.status(), 200);
    assert!(page.text().unwrap().contains("continue"));
    let confirmed = authorize(&tenant, &[("redirect_uri", CALLBACK), ("confirmed", "1")]);
    assert!(parameter(&confirmed, "code").is_some());
    let silent = authorize(&tenant, &[("redirect_uri", CALLBACK), ("prompt", "none")]);
    assert_eq!(
        parameter(&silent, "error").as_deref(),
        Some("interaction_required")
    );
}
