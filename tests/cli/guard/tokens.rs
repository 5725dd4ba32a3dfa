//! Which tokens are valid.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::harness::{claims_with, signed};
use super::shared::{GUARD, TENANT, admin, authorized, token, user};
use crate::program::{access_token_of, id_token_of};
use crate::tenant::{Signing, Tenant, now};

/// Refused as invalid, at every check.
fn assert_invalid(token: &str) {
    for path in ["/", "/admin", "/orders"] {
        let answer = GUARD.ask(&super::harness::with_token(path, token));
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        assert_eq!(answer.class(), "untrusted_token", "{path}");
    }
}

/// One test each: the claims that make a token invalid.
macro_rules! invalid_claims {
    ($($name:ident: $claims:tt;)*) => { $(
        #[test]
        fn $name() {
            let mut claims = json!($claims);
            claims["permissions"] = json!(["admin"]);
            assert_invalid(&token(claims));
        }
    )* };
}

invalid_claims! {
    an_expired_token_is_refused: { "exp": now() - 3600 };
    a_token_without_an_end_is_refused: { "exp": null };
    a_token_whose_end_is_text_is_refused: { "exp": "2999999999" };
    a_token_that_begins_later_is_refused: { "nbf": now() + 3600 };
    a_token_from_the_future_is_refused: { "iat": now() + 3600 };
    a_token_for_another_api_is_refused: { "aud": "https://other.percy.test/" };
    a_token_for_an_address_that_only_begins_alike_is_refused:
        { "aud": "https://api.percy.test/admin" };
    a_token_for_no_api_is_refused: { "aud": null };
    a_token_for_an_empty_list_of_apis_is_refused: { "aud": [] };
    a_token_of_another_issuer_is_refused: { "iss": "https://evil.test/" };
    a_token_without_an_issuer_is_refused: { "iss": null };
    a_token_of_two_issuers_is_refused: { "iss": [TENANT.issuer(), "https://evil.test/"] };
    a_token_that_is_bound_to_a_certificate_is_refused: { "cnf": { "x5t#S256": "abc" } };
    a_token_that_is_bound_to_a_key_is_refused: { "cnf": { "jkt": "abc" } };
}

/// One test each: how a token is signed.
macro_rules! invalid_signatures {
    ($($name:ident: $signing:expr;)*) => { $(
        #[test]
        fn $name() {
            let claims = json!({ "permissions": ["admin"] });
            assert_invalid(&signed(&$signing, &TENANT.issuer(), claims));
        }
    )* };
}

invalid_signatures! {
    a_token_without_a_signature_is_refused: Signing::none();
    a_token_of_an_unpublished_key_is_refused: Signing::unpublished_key();
    a_token_of_an_unknown_key_id_is_refused: Signing::unknown_kid();
    a_token_of_another_algorithm_is_refused: Signing::es256();
    a_token_whose_secret_is_the_public_key_in_pem_is_refused:
        Signing::hs256(public_key_pem().as_bytes());
    a_token_whose_secret_is_the_public_key_in_der_is_refused:
        Signing::hs256(&STANDARD.decode(base64_of(&public_key_pem())).unwrap());
    a_token_whose_secret_is_the_modulus_is_refused: Signing::hs256(&modulus());
    a_token_whose_secret_is_empty_is_refused: Signing::hs256(b"");
    a_token_whose_secret_is_the_public_key_under_hs512_is_refused:
        Signing::hmac(Algorithm::HS512, public_key_pem().as_bytes());
}

fn modulus() -> Vec<u8> {
    let keys = crate::tenant::jwks();
    URL_SAFE_NO_PAD
        .decode(keys["keys"][0]["n"].as_str().unwrap())
        .unwrap()
}

fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

/// The first published key as a `SubjectPublicKeyInfo` of 2048 bits and the exponent 65537.
fn public_key_pem() -> String {
    let hex = "30820122300d06092a864886f70d01010105000382010f003082010a0282010100";
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let mut der: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    der.extend(modulus());
    der.extend([2, 3, 1, 0, 1]);
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).collect();
    let lines: Vec<_> = lines
        .iter()
        .map(|line| String::from_utf8_lossy(line))
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

/// The token with another header, and the old signature.
fn with_header(changes: &Value) -> String {
    let token = admin();
    let (_, rest) = token.split_once('.').unwrap();
    let mut header = Value::Object(Signing::current_key().header());
    for (name, value) in changes.as_object().unwrap() {
        header[name] = value.clone();
    }
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[test]
fn the_tenants_own_access_token_is_accepted() {
    let authorization = format!("Bearer {}", access_token_of(&TENANT));
    assert_eq!(authorized(&authorization).status, 200);
}

#[test]
fn an_id_token_is_no_access_token() {
    assert_invalid(&id_token_of(&TENANT));
}

#[test]
fn an_id_token_for_the_api_is_no_access_token_where_tokens_say_their_type() {
    let claims = claims_with(&TENANT.issuer(), json!({ "nonce": "n" }));
    let signing = Signing::current_key();
    let mut header = signing.header();
    header.insert("typ".to_owned(), json!("logout+jwt"));
    let claims = Value::Object(claims).to_string();
    assert_invalid(&signing.sign(&header, claims.as_bytes()));
}

#[test]
fn a_changed_claim_ends_the_signature() {
    let token = user();
    let parts: Vec<_> = token.split('.').collect();
    let claims = claims_with(&TENANT.issuer(), json!({ "permissions": ["admin"] }));
    let claims = URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string());
    assert_invalid(&format!("{}.{claims}.{}", parts[0], parts[2]));
}

#[test]
fn a_changed_signature_is_refused() {
    let token = admin();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[0] ^= 1;
    assert_invalid(&format!("{input}.{}", URL_SAFE_NO_PAD.encode(&bytes)));
    assert_invalid(&format!(
        "{input}.{}",
        URL_SAFE_NO_PAD.encode(&bytes[..255])
    ));
    assert_invalid(&format!("{input}."));
}

#[test]
fn a_token_that_was_accepted_is_refused_with_any_other_signature() {
    let token = admin();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let last = signature.chars().last().unwrap();
    let start = &signature[..signature.len() - 1];
    for _ in 0..3 {
        assert_eq!(GUARD.status("/admin", &token), 200);
        // 2048 bits end inside the last character, whose other bits have to be zero.
        for other in "ABCDgwQ_-".chars().filter(|other| *other != last) {
            assert_invalid(&format!("{input}.{start}{other}"));
        }
        assert_invalid(&format!("{input}.{start}"));
        assert_invalid(&format!("{input}.{signature}A"));
        assert_invalid(&format!("{input}."));
    }
}

#[test]
fn a_signature_that_was_accepted_signs_no_other_claims() {
    let token = admin();
    assert_eq!(GUARD.status("/admin", &token), 200);
    let parts: Vec<_> = token.split('.').collect();
    for changes in [json!({ "sub": "root" }), json!({ "exp": now() + 99_999 })] {
        let claims = Value::Object(claims_with(&TENANT.issuer(), changes));
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        assert_invalid(&format!("{}.{claims}.{}", parts[0], parts[2]));
    }
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"percy-next"}"#);
    assert_invalid(&format!("{header}.{}.{}", parts[1], parts[2]));
}

#[test]
fn the_signature_of_another_token_is_refused() {
    let (first, second) = (admin(), user());
    let (input, _) = first.rsplit_once('.').unwrap();
    let (_, signature) = second.rsplit_once('.').unwrap();
    assert_invalid(&format!("{input}.{signature}"));
}

#[test]
fn a_header_cannot_choose_another_algorithm() {
    for algorithm in ["none", "None", "HS256", "RS512", "PS256", ""] {
        assert_invalid(&with_header(&json!({ "alg": algorithm })));
    }
}

#[test]
fn a_header_cannot_bring_its_own_key() {
    for (name, value) in [
        ("jku", json!("https://evil.test/keys")),
        ("x5u", json!("https://evil.test/chain")),
        ("jwk", crate::tenant::jwks()["keys"][0].clone()),
        ("crit", json!(["exp"])),
    ] {
        let mut header = json!({});
        header[name] = value;
        assert_invalid(&with_header(&header));
    }
}

#[test]
fn a_key_id_is_no_path_and_no_query() {
    for kid in ["../../dev/null", "' OR 1=1 --", "percy-current\0", ""] {
        assert_invalid(&with_header(&json!({ "kid": kid })));
    }
}

#[test]
fn a_token_is_judged_again_for_every_check() {
    let user = user();
    for _ in 0..3 {
        assert_eq!(GUARD.status("/", &user), 200);
        assert_eq!(GUARD.status("/admin", &user), 403);
        assert_eq!(GUARD.status("/orders", &user), 200);
    }
}

#[test]
fn a_token_that_was_accepted_is_refused_once_it_has_expired() {
    let tenant = Tenant::start();
    let guard = super::harness::guard_at(&tenant, &["--leeway", "0"]);
    let token = super::harness::token_of(&tenant, json!({ "exp": now() + 2 }));
    assert_eq!(guard.status("/", &token), 200);
    while now() < now_of(&token) + 1 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(guard.status("/", &token), 401);
}

/// The end of a token.
fn now_of(token: &str) -> i64 {
    let claims = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["exp"].as_i64().unwrap()
}
