//! Rules and keys that tokens seldom meet.

use serde_json::{Value, json};

use crate::program::{access_token_of, login_at, padlock, says};
use crate::tenant::{Tenant, jwks};

/// A key that is too short for RSA signatures.
fn weak() -> Value {
    let mut key = jwks()["keys"][0].clone();
    let modulus = key["n"].as_str().unwrap().to_owned();
    key["n"] = json!(modulus[..172]);
    key
}

#[test]
fn a_key_that_is_too_short_is_named_where_the_token_names_it() {
    let kid = jwks()["keys"][0]["kid"].as_str().unwrap().to_owned();
    let set = json!({ "keys": [weak()] });
    let tenant = Tenant::builder().jwks(set).start();
    let message = format!("the key with the token's kid \"{kid}\" cannot be used for RS256");
    login_at(&tenant).assert().code(8).stderr(says(&message));
}

#[test]
fn a_long_list_of_names_ends_with_their_number() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let mut verify = padlock();
    verify.args(["verify", "--issuer", &tenant.issuer(), &token]);
    for audience in ["a", "b", "c", "d"] {
        verify.args(["--audience", audience]);
    }
    verify.assert().code(8).stderr(says("1 other"));
}
