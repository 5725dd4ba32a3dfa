//! How the application authenticates to the token endpoint.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{login_at, login_at_issuer, padlock_at, private, says};
use crate::tenant::{
    ASSERTION_TYPE, AUDIENCE, CLIENT_ID, CLIENT_KID, CLIENT_SECRET, Factor, Tenant,
    client_key_file, now,
};

fn login_with_key(tenant: &Tenant, algorithm: Algorithm) -> assert_cmd::Command {
    let mut login = login_at(tenant);
    login
        .arg("--client-key-file")
        .arg(private(&client_key_file(algorithm)));
    login
}

fn decoded(jwt: &str, part: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(part).unwrap())
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn at_auth0_basic_sends_id_and_secret_as_they_are_and_the_id_in_the_body_too() {
    let tenant = Tenant::builder()
        .client_secret("s:e+c/r&et %")
        .factor(Factor::sms("x", "1"))
        .start();
    login_at(&tenant)
        .args(["--client-auth", "client_secret_basic"])
        .args(["--factor", "sms", "--otp", "1"])
        .assert()
        .code(0);
    let expected = STANDARD.encode(format!("{CLIENT_ID}:s:e+c/r&et %"));
    let requests = tenant.requests().into_iter();
    let posts: Vec<_> = requests
        .filter(|request| request.method == "POST")
        .collect();
    assert_eq!(posts.len(), 3, "password, challenge, code");
    for request in posts {
        assert_eq!(
            (request.field("client_id"), request.field("client_secret")),
            (Some(CLIENT_ID.into()), None)
        );
        assert_eq!(
            request.header("authorization"),
            Some(format!("Basic {expected}").as_str())
        );
    }
}

#[test]
fn at_another_provider_basic_encodes_id_and_secret_and_sends_neither_in_a_field() {
    let tenant = Tenant::builder()
        .plain_provider()
        .first_client(|client| client.id = "id:ä %".into())
        .client_secret("s:e+c/r&et")
        .start();
    login_at_issuer(&tenant)
        .args(["--client-auth", "client_secret_basic"])
        .assert()
        .code(0);
    let request = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(
        (request.field("client_id"), request.field("client_secret")),
        (None, None)
    );
    let expected = STANDARD.encode("id%3A%C3%A4+%25:s%3Ae%2Bc%2Fr%26et");
    assert_eq!(
        request.header("authorization"),
        Some(format!("Basic {expected}").as_str())
    );
}

#[test]
fn a_private_key_signs_an_assertion_that_is_valid_for_a_minute() {
    let named = |name: &'static str| vec!["--client-key-alg", name];
    for (algorithm, name, flags) in [
        (Algorithm::RS256, "RS256", vec![]),
        (Algorithm::ES256, "ES256", vec![]),
        (Algorithm::RS256, "RS256", named("RS256")),
        (Algorithm::RS384, "RS384", named("RS384")),
        (Algorithm::PS256, "PS256", named("ps256")),
        (Algorithm::ES256, "ES256", named("ES256")),
    ] {
        let tenant = Tenant::builder().private_key_jwt(algorithm).start();
        login_with_key(&tenant, algorithm)
            .args(["--client-key-id", CLIENT_KID])
            .args(flags)
            .assert()
            .code(0)
            .stderr("");
        let request = &tenant.requests_to("/oauth/token")[0];
        assert_eq!(
            request.field("client_assertion_type"),
            Some(ASSERTION_TYPE.into())
        );
        assert_eq!(
            (request.field("client_id"), request.field("client_secret")),
            (Some(CLIENT_ID.into()), None)
        );
        let jwt = request.field("client_assertion").unwrap();
        assert_eq!(
            decoded(&jwt, 0),
            json!({ "typ": "JWT", "alg": name, "kid": CLIENT_KID })
        );
        let claims = decoded(&jwt, 1);
        assert_eq!([&claims["iss"], &claims["sub"]], [CLIENT_ID, CLIENT_ID]);
        assert_eq!(claims["aud"], tenant.issuer());
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            60
        );
        assert!((now() - claims["iat"].as_i64().unwrap()).abs() < 10);
    }
}

#[test]
fn a_private_key_can_be_in_any_format_that_openssl_writes() {
    let formats = [
        (Algorithm::RS256, ["client.pem", "client-pkcs1.pem"]),
        (Algorithm::ES256, ["client-p256.pem", "client-sec1.pem"]),
    ];
    for (algorithm, names) in formats {
        let tenant = Tenant::builder().private_key_jwt(algorithm).start();
        for name in names {
            let file = client_key_file(algorithm).with_file_name(name);
            login_at(&tenant)
                .arg("--client-key-file")
                .arg(private(&file))
                .assert()
                .code(0)
                .stderr("");
        }
    }
}

#[test]
fn without_a_key_id_the_assertion_has_no_kid() {
    let tenant = Tenant::builder().private_key_jwt(Algorithm::RS256).start();
    login_with_key(&tenant, Algorithm::RS256).assert().code(0);
    let jwt = tenant.requests_to("/oauth/token")[0]
        .field("client_assertion")
        .unwrap();
    assert_eq!(decoded(&jwt, 0), json!({ "typ": "JWT", "alg": "RS256" }));
}

#[test]
fn every_request_of_a_login_has_its_own_assertion() {
    let tenant = Tenant::builder()
        .private_key_jwt(Algorithm::ES256)
        .factor(Factor::sms("x", "1"))
        .start();
    login_with_key(&tenant, Algorithm::ES256)
        .args(["--factor", "sms", "--otp", "1"])
        .assert()
        .code(0);
    let posts: Vec<_> = tenant
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST")
        .collect();
    let mut ids: Vec<_> = posts
        .iter()
        .map(|post| decoded(&post.field("client_assertion").unwrap(), 1)["jti"].clone())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn client_credentials_support_the_same_methods() {
    let command = |tenant: &Tenant| {
        let mut command = padlock_at(tenant);
        command.args(["client-credentials", "--audience", AUDIENCE]);
        command
    };
    let tenant = Tenant::start();
    command(&tenant)
        .args(["--client-auth", "client_secret_basic"])
        .assert()
        .code(0);
    assert!(
        tenant.requests()[0]
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    let tenant = Tenant::builder().private_key_jwt(Algorithm::RS256).start();
    command(&tenant)
        .arg("--client-key-file")
        .arg(client_key_file(Algorithm::RS256))
        .assert()
        .code(0);
    command(&tenant)
        .args(["--client-auth", "none"])
        .assert()
        .code(2)
        .stderr(says("no client secret is given"));
}

#[test]
fn the_method_and_the_key_can_come_from_the_environment() {
    let tenant = Tenant::builder().private_key_jwt(Algorithm::RS256).start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_CLIENT_SECRET")
        .env("AUTH0_CLIENT_KEY_FILE", client_key_file(Algorithm::RS256))
        .env("AUTH0_CLIENT_KEY_ID", CLIENT_KID);
    login.assert().code(0);
    assert_eq!(
        tenant.requests_to("/oauth/token")[0].field("client_assertion_type"),
        Some(ASSERTION_TYPE.into())
    );
    let tenant = Tenant::start();
    login_at(&tenant)
        .env("AUTH0_CLIENT_AUTH", "client_secret_basic")
        .assert()
        .code(0);
    login_at(&tenant)
        .env("AUTH0_CLIENT_AUTH", "mtls")
        .assert()
        .code(2)
        .stderr(says("AUTH0_CLIENT_AUTH"));
}

#[test]
fn client_auth_none_sends_no_secret_even_if_one_is_set() {
    let tenant = Tenant::builder().public_client().start();
    let mut login = login_at(&tenant);
    login.env("AUTH0_CLIENT_SECRET", CLIENT_SECRET);
    login.assert().code(5).stderr(says("--client-auth none"));
    login.args(["--client-auth", "none"]).assert().code(0);
}

#[test]
fn an_unusable_key_is_refused_before_anything_is_sent() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    let public = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    let p384 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)
        .unwrap()
        .serialize_pem();
    let garbage = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n";
    for content in ["hunter2", garbage, public, &p384] {
        fs::write(&file, content).unwrap();
        let mut login = login_at(&tenant);
        login.arg("--client-key-file").arg(&file);
        login.assert().code(2).stderr(
            says("the private key in")
                .and(says("hunter2").not())
                .and(says("aHVu").not()),
        );
    }
    login_at(&tenant)
        .args(["--client-key-file", "/nowhere/key"])
        .assert()
        .code(2)
        .stderr(says("/nowhere/key"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_method_without_its_secret_or_key_is_refused() {
    let tenant = Tenant::start();
    let refused = |arguments: &[&str], missing: &str| {
        let mut login = login_at(&tenant);
        login
            .env_remove("AUTH0_CLIENT_SECRET")
            .args(arguments)
            .assert()
            .code(2)
            .stderr(says(missing));
    };
    refused(
        &["--client-auth", "private_key_jwt"],
        "no private key is given",
    );
    refused(
        &["--client-auth", "client_secret_basic"],
        "no client secret is given",
    );
    refused(
        &["--client-auth", "none", "--client-key-file", "/k"],
        "only private_key_jwt uses --client-key-file",
    );
    refused(
        &["--client-key-id", "k"],
        "only private_key_jwt uses --client-key-id",
    );
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_algorithm_that_the_key_cannot_sign_with_is_refused() {
    let tenant = Tenant::start();
    for (algorithm, named, problem) in [
        (
            Algorithm::RS256,
            "ES256",
            "an RSA key cannot sign with ES256",
        ),
        (
            Algorithm::ES256,
            "PS256",
            "a P-256 key can only sign with ES256",
        ),
        (Algorithm::RS256, "HS256", "--client-key-alg"),
    ] {
        login_with_key(&tenant, algorithm)
            .args(["--client-key-alg", named])
            .assert()
            .code(2)
            .stderr(says(problem));
    }
    login_at(&tenant)
        .args(["--client-key-alg", "RS256"])
        .assert()
        .code(2)
        .stderr(says("only private_key_jwt uses --client-key-alg"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_unregistered_algorithm_exits_with_5_and_names_the_flag() {
    let tenant = Tenant::builder().private_key_jwt(Algorithm::RS384).start();
    login_with_key(&tenant, Algorithm::RS256)
        .assert()
        .code(5)
        .stderr(says("client authentication failed").and(says("--client-key-alg")));
}

#[test]
fn an_unregistered_key_exits_with_5() {
    let tenant = Tenant::builder().private_key_jwt(Algorithm::ES256).start();
    login_with_key(&tenant, Algorithm::RS256)
        .assert()
        .code(5)
        .stderr(says("client authentication failed").and(says("Credentials")));
}
