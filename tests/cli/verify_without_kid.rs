//! Tokens whose key is not simply the one with their `kid`.

use serde_json::{Value, json};

use crate::program::{access_token_of, id_token_of, login_at, says, verify_at};
use crate::tenant::{CLIENT_ID, Signing, Tenant, TenantOptions, jwks};

/// Keys like the tenant's that have signed nothing.
fn others(count: usize) -> Vec<Value> {
    let key = |number: usize| {
        let mut key = jwks()["keys"][1].clone();
        let modulus = key["n"].as_str().unwrap().to_owned();
        key["n"] = json!(format!("{}{number:04}{}", &modulus[..100], &modulus[104..]));
        key["kid"] = json!(format!("other-{number}"));
        for name in ["x5t", "x5c"] {
            key.as_object_mut().unwrap().shift_remove(name);
        }
        key
    };
    (0..count).map(key).collect()
}

/// A tenant whose access tokens have no `kid`, with its current key after these.
fn tenant(mut keys: Vec<Value>) -> TenantOptions {
    keys.push(jwks()["keys"][0].clone());
    Tenant::builder()
        .without_access_token_header("kid")
        .without_id_token_header("kid")
        .jwks(json!({ "keys": keys }))
}

#[test]
fn an_access_token_without_a_kid_is_checked_with_each_of_at_most_eight_keys() {
    let eight = tenant(others(7)).start();
    verify_at(&eight)
        .arg(access_token_of(&eight))
        .assert()
        .code(0);
    let forged = tenant(others(7))
        .sign_access_token_with(Signing::unpublished_key())
        .start();
    let refused = verify_at(&forged)
        .arg(access_token_of(&forged))
        .assert()
        .code(8)
        .stdout("");
    refused.stderr(says("a key other than the 8 that fit"));
    let nine = tenant(others(8)).start();
    let refused = verify_at(&nine)
        .arg(access_token_of(&nine))
        .assert()
        .code(8)
        .stdout("");
    refused.stderr(says("9 keys of the key set fit RS256: too many"));
}

#[test]
fn an_id_token_without_a_kid_is_refused_where_several_keys_fit() {
    let two = tenant(others(1)).start();
    let refused = login_at(&two).assert().code(8).stdout("");
    refused.stderr(says(
        "2 keys of the key set fit RS256: an ID token must name its key",
    ));
    let one = tenant(Vec::new()).start();
    login_at(&one).assert().code(0);
    let mut weak = others(1);
    weak[0]["n"] = json!("AQAB");
    let one_weak = tenant(weak).start();
    let refused = login_at(&one_weak).assert().code(8).stdout("");
    refused.stderr(says("one can be used (the RSA modulus has 17 bits"));
    verify_at(&one_weak)
        .arg(access_token_of(&one_weak))
        .assert()
        .code(0);
}

#[test]
fn a_thumbprint_names_the_key_where_there_is_no_kid() {
    let key = jwks()["keys"][0].clone();
    for (name, value) in [("x5t", key["x5t"].clone()), ("x5t#S256", json!("aaaa"))] {
        let mut own = key.clone();
        own[name] = value.clone();
        let mut keys = others(9);
        keys.push(own);
        let tenant = Tenant::builder()
            .without_access_token_header("kid")
            .without_id_token_header("kid")
            .access_token_header(name, value.clone())
            .id_token_header(name, value)
            .jwks(json!({ "keys": keys }))
            .start();
        verify_at(&tenant)
            .arg(access_token_of(&tenant))
            .assert()
            .code(0);
        let id_token = id_token_of(&tenant);
        let mut verify = verify_at(&tenant);
        verify.args(["--kind", "id-token", "--audience", CLIENT_ID, &id_token]);
        verify.assert().code(0);
    }
}

#[test]
fn a_key_that_is_listed_twice_is_one_key() {
    let key = jwks()["keys"][0].clone();
    login_at(
        &Tenant::builder()
            .jwks(json!({ "keys": [key, key] }))
            .start(),
    )
    .assert()
    .code(0);
    let mut renamed = key.clone();
    renamed["kid"] = json!("another name");
    login_at(&tenant(vec![renamed]).start()).assert().code(0);
    let mut other = others(1).remove(0);
    other["kid"] = key["kid"].clone();
    let ambiguous = Tenant::builder()
        .jwks(json!({ "keys": [key, other] }))
        .start();
    let refused = login_at(&ambiguous).assert().code(8).stdout("");
    refused.stderr(says("2 different keys for RS256 have the token's kid"));
}

#[test]
fn keys_of_an_unknown_or_future_kind_do_not_affect_the_others() {
    let mut keys = vec![
        json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "percy-current", "pub": "AAAA" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "percy-current", "x": "AA", "y": "AA" }),
        json!({ "kty": "RSA", "alg": "RS1", "kid": "percy-current", "n": "!", "e": 3 }),
        json!({ "kty": 7 }),
        json!("damaged"),
    ];
    keys.push(jwks()["keys"][0].clone());
    let set = json!({ "keys": keys });
    login_at(&Tenant::builder().jwks(set.clone()).start())
        .assert()
        .code(0);
    let nameless = Tenant::builder()
        .without_id_token_header("kid")
        .jwks(set)
        .start();
    login_at(&nameless).assert().code(0);
}

#[test]
fn a_kid_that_names_no_key_is_refused() {
    for kid in [
        json!(""),
        json!(5),
        json!(null),
        json!(["percy-current"]),
        json!("PERCY-current"),
    ] {
        let only_key = json!({ "keys": [jwks()["keys"][0]] });
        let tenant = Tenant::builder()
            .id_token_header("kid", kid)
            .jwks(only_key)
            .start();
        login_at(&tenant)
            .assert()
            .code(8)
            .stdout("")
            .stderr(says("kid"));
    }
}

#[test]
fn a_key_without_a_kid_is_not_used_for_a_token_with_one() {
    let mut key = jwks()["keys"][0].clone();
    key.as_object_mut().unwrap().shift_remove("kid");
    let tenant = Tenant::builder().jwks(json!({ "keys": [key] })).start();
    login_at(&tenant)
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("no key has the token's kid"));
}
