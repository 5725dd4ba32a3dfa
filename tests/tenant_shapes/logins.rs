//! Logins with a password or client credentials, and tests' changes to them.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::blocking::Response;
use serde_json::{Map, Value, json};

use crate::tenant::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, REALM, Signing, Tenant, error_responses,
};
use crate::{body, http, post, tenant};

fn tokens(tenant: &Tenant, changes: &Value) -> Map<String, Value> {
    let response = post(tenant, changes);
    assert_eq!(response.status(), 200);
    response.json().expect("a JSON object")
}

fn claims(token: &Value, key: &DecodingKey, algorithm: Algorithm, audience: &str) -> Value {
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&[audience]);
    decode(token.as_str().expect("a token"), key, &rules)
        .expect("a token that verifies")
        .claims
}

fn published_key(tenant: &Tenant, token: &Value) -> DecodingKey {
    let url = format!("{}.well-known/jwks.json", tenant.url());
    let keys: JwkSet = http()
        .get(url)
        .send()
        .and_then(Response::json)
        .expect("a key set");
    let kid = decode_header(token.as_str().expect("a token"))
        .expect("a header")
        .kid
        .expect("a kid");
    DecodingKey::from_jwk(keys.find(&kid).expect("the key")).expect("a valid key")
}

#[test]
fn the_published_key_verifies_the_id_token() {
    for signing in [Signing::current_key(), Signing::next_key()] {
        let tenant = Tenant::builder().sign_with(signing).start();
        let tokens = tokens(&tenant, &json!({}));
        let key = published_key(&tenant, &tokens["id_token"]);
        let claims = claims(&tokens["id_token"], &key, Algorithm::RS256, CLIENT_ID);
        assert_eq!(claims["iss"], tenant.issuer());
        assert_eq!(
            [&claims["nickname"], &claims["name"], &claims["email"]],
            ["robin", "Robin Percy", EMAIL]
        );
        assert!(
            claims["sub"]
                .as_str()
                .is_some_and(|sub| sub.starts_with("auth0|"))
        );
        assert_eq!(tokens["token_type"], "Bearer");
        assert!(!tokens.contains_key("refresh_token"));
    }
}

#[test]
fn an_hs256_id_token_is_signed_with_the_client_secret() {
    let tenant = Tenant::builder().hs256().start();
    let tokens = tokens(&tenant, &json!({}));
    let key = DecodingKey::from_secret(CLIENT_SECRET.as_bytes());
    claims(&tokens["id_token"], &key, Algorithm::HS256, CLIENT_ID);
}

#[test]
fn an_audience_makes_the_access_token_a_jwt() {
    let tenant = Tenant::start();
    let opaque = tokens(&tenant, &json!({ "scope": "openid" }));
    assert_eq!(
        opaque["access_token"]
            .as_str()
            .map(|token| token.split('.').count()),
        Some(5)
    );
    let scope = "openid read:messages offline_access nonsense";
    let tokens = tokens(&tenant, &json!({ "audience": AUDIENCE, "scope": scope }));
    let key = published_key(&tenant, &tokens["access_token"]);
    let claims = claims(&tokens["access_token"], &key, Algorithm::RS256, AUDIENCE);
    assert_eq!(
        claims["aud"],
        json!([AUDIENCE, format!("{}userinfo", tenant.url())])
    );
    assert_eq!(claims["scope"], "openid read:messages offline_access");
    assert_eq!(
        [&claims["azp"], &claims["permissions"]],
        [&json!(CLIENT_ID), &json!(["read:messages"])]
    );
    assert!(tokens.contains_key("refresh_token"));
}

#[test]
fn client_credentials_return_only_an_access_token() {
    let tenant = Tenant::start();
    let changes =
        json!({ "grant_type": "client_credentials", "audience": AUDIENCE, "scope": null });
    let tokens = tokens(&tenant, &changes);
    let key = published_key(&tenant, &tokens["access_token"]);
    let claims = claims(&tokens["access_token"], &key, Algorithm::RS256, AUDIENCE);
    assert_eq!(claims["sub"], format!("{CLIENT_ID}@clients"));
    assert!(!tokens.contains_key("id_token"));
}

#[test]
fn every_mistake_produces_auth0s_error() {
    let realm = "http://auth0.com/oauth/grant-type/password-realm";
    let table = [
        (
            json!({ "password": "pa55worD" }),
            403,
            "invalid_grant",
            "Wrong email or password.",
        ),
        (
            json!({ "username": "nobody@percy.test" }),
            403,
            "invalid_grant",
            "Wrong email or password.",
        ),
        (
            json!({ "client_secret": "guessed" }),
            401,
            "access_denied",
            "Unauthorized",
        ),
        (
            json!({ "client_secret": null }),
            401,
            "access_denied",
            "Unauthorized",
        ),
        (
            json!({ "client_id": "somebody" }),
            401,
            "access_denied",
            "Unauthorized",
        ),
        (
            json!({ "audience": "https://x/" }),
            400,
            "invalid_request",
            "Invalid audience specified for password grant exchange.",
        ),
        (
            json!({ "grant_type": "magic" }),
            501,
            "unsupported_grant_type",
            "Unsupported grant type: magic",
        ),
        (
            json!({ "grant_type": null }),
            400,
            "invalid_request",
            "Missing required parameter: grant_type",
        ),
        (
            json!({ "password": null }),
            400,
            "invalid_request",
            "Missing required parameter: password",
        ),
        (
            json!({ "grant_type": realm, "realm": "staff" }),
            400,
            "invalid_request",
            "the connection was not found",
        ),
        (
            json!({ "grant_type": realm }),
            400,
            "invalid_request",
            "Missing required parameter: realm",
        ),
    ];
    let tenant = Tenant::start();
    for (changes, status, error, description) in table {
        let response = post(&tenant, &changes);
        assert_eq!(response.status(), status, "{changes}");
        let body: Value = response.json().expect("JSON");
        assert_eq!(
            body,
            json!({ "error": error, "error_description": description }),
            "{changes}"
        );
    }
}

#[test]
fn tenant_settings_produce_auth0s_errors() {
    let table = [
        (
            Tenant::builder().grants(&["client_credentials"]),
            403,
            "unauthorized_client",
        ),
        (
            Tenant::builder().without_default_directory(),
            500,
            "server_error",
        ),
        (Tenant::builder().blocked(), 403, "unauthorized"),
        (Tenant::builder().public_client(), 401, "access_denied"),
        (
            Tenant::builder().token_error(error_responses::suspicious_ip()),
            429,
            "too_many_attempts",
        ),
        (
            Tenant::builder().token_error(error_responses::password_leaked()),
            401,
            "password_leaked",
        ),
        (
            Tenant::builder().token_error(error_responses::denied_with_escapes()),
            403,
            "access_denied",
        ),
        (
            Tenant::builder().max_failed_logins(0),
            429,
            "too_many_attempts",
        ),
        (Tenant::builder().mfa_required(), 403, "mfa_required"),
        (
            Tenant::builder().token_error(error_responses::too_many_requests(0)),
            429,
            "too_many_requests",
        ),
    ];
    for (options, status, error) in table {
        let response = post(&options.start(), &json!({}));
        assert_eq!(response.status(), status);
        assert_eq!(response.json::<Value>().expect("JSON")["error"], error);
    }
}

#[test]
fn consecutive_wrong_passwords_block_the_user() {
    let tenant = Tenant::builder().max_failed_logins(2).start();
    let wrong = json!({ "password": "wrong" });
    assert_eq!(post(&tenant, &wrong).status(), 403);
    assert_eq!(post(&tenant, &wrong).status(), 429);
    assert_eq!(post(&tenant, &json!({})).status(), 429);
}

#[test]
fn realms_forms_and_basic_authentication_are_supported() {
    let tenant = Tenant::start();
    let realm = "http://auth0.com/oauth/grant-type/password-realm";
    assert_eq!(
        post(&tenant, &json!({ "grant_type": realm, "realm": REALM })).status(),
        200
    );
    let url = format!("{}oauth/token", tenant.url());
    let fields = body(&json!({ "client_id": null, "client_secret": null }));
    let form = http().post(url).basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
    let pairs: Vec<(&str, &str)> = fields
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| (&**name, value.as_str().unwrap()))
        .collect();
    let encoded: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let form = form
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded);
    assert_eq!(form.send().unwrap().status(), 200);
}

#[test]
fn requests_are_recorded_byte_for_byte() {
    let tenant = Tenant::start();
    let http = http();
    let sent = body(&json!({ "password": "grün \u{1f512} \"' " })).to_string();
    let request = http
        .post(format!("{}oauth/token?x=1", tenant.url()))
        .header("content-type", "application/json");
    request
        .header("auth0-forwarded-for", "192.0.2.1")
        .body(sent.clone())
        .send()
        .unwrap()
        .bytes()
        .unwrap();
    http.get(format!("{}nowhere", tenant.url())).send().unwrap();
    let received = &tenant.requests()[0];
    assert_eq!(
        (received.method.as_str(), received.path.as_str()),
        ("POST", "/oauth/token?x=1")
    );
    assert_eq!(received.body, sent.as_bytes());
    assert_eq!(received.header("auth0-forwarded-for"), Some("192.0.2.1"));
    assert_eq!(received.field("username").as_deref(), Some(EMAIL));
    assert_eq!(
        (
            tenant.passwords_received(),
            tenant.requests_to("/nowhere").len()
        ),
        (1, 1)
    );
    assert_eq!(
        (tenant.connections(), tenant.requests()[1].connection),
        (1, 1)
    );
}

#[test]
fn tests_can_change_tokens_and_responses() {
    let tenant = Tenant::builder()
        .hs256()
        .claim("exp", json!(7))
        .without_claim("aud")
        .start();
    tenant.change(|options| {
        options
            .id_token_header("crit", json!(["x"]))
            .member("token_type", json!("mac"))
    });
    let tokens = tokens(&tenant, &json!({}));
    let parts: Vec<Value> = tokens["id_token"]
        .as_str()
        .unwrap()
        .split('.')
        .take(2)
        .map(decoded)
        .collect();
    assert_eq!(
        parts[0],
        json!({ "alg": "HS256", "typ": "JWT", "crit": ["x"] })
    );
    assert_eq!((&parts[1]["exp"], parts[1].get("aud")), (&json!(7), None));
    assert_eq!(tokens["token_type"], "mac");
    let busy = tenant::Response::new(503, "busy").retry_after("1");
    tenant.change(|options| {
        options
            .without_id_token()
            .responds_first(1, "/oauth/token", busy)
    });
    let response = post(&tenant, &json!({}));
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (503, &"1".parse().unwrap())
    );
    assert_eq!(
        post(&tenant, &json!({}))
            .json::<Value>()
            .unwrap()
            .get("id_token"),
        None
    );
}

fn decoded(part: &str) -> Value {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
