//! The tests for relying parties of the OpenID Foundation's conformance suite that concern `id_token`s,
//! key sets, discovery, key rotation and userinfo: one test for each, under its name without
//! `oidcc-client-test-`. The suite signs in by an authorization code; here the same tokens come from
//! the password grant. As in the suite, every key set has decoys: keys that must not be used.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{login_at, login_at_issuer, says, verify_at};
use crate::tenant::{
    CLIENT_ID, CLIENT_SECRET, DISCOVERY, JWKS, Signing, TOKEN, Tenant, TenantOptions, USERINFO,
    jwks,
};

/// The kid of the tenant's current key.
const KID: &str = "percy-current";

/// The public half of the tests' P-256 key, as a JWK.
fn p256_key() -> Value {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    let der = crate::tenant::der(include_str!("../tenant/keys/p256.pem"));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|octets| URL_SAFE_NO_PAD.encode(octets));
    json!({ "kty": "EC", "use": "sig", "crv": "P-256", "kid": "percy-p256", "x": x, "y": y })
}

/// These keys among decoys: for encryption, of other types and of unknown kinds, under the same `kid`.
fn among_decoys(keys: &[Value]) -> Value {
    let mut encryption = jwks()["keys"][1].clone();
    encryption["use"] = json!("enc");
    encryption["kid"] = json!(KID);
    let mut all = vec![
        encryption,
        json!({ "kty": "EC", "crv": "P-384", "kid": KID, "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "enc", "kid": KID, "x": "AA" }),
    ];
    all.extend_from_slice(keys);
    all.push(json!({ "kty": "oct", "kid": KID, "k": URL_SAFE_NO_PAD.encode([7; 64]) }));
    json!({ "keys": all })
}

fn current() -> Value {
    jwks()["keys"][0].clone()
}

fn next() -> Value {
    jwks()["keys"][1].clone()
}

/// A tenant with the current key among decoys.
fn provider() -> TenantOptions {
    Tenant::builder().jwks(among_decoys(&[current()]))
}

fn is_accepted(options: TenantOptions) {
    login_at(&options.start()).assert().code(0);
}

/// The id_token is refused for this reason, and userinfo is not asked.
fn is_refused(options: TenantOptions, reason: &str) {
    let tenant = options.start();
    let mut login = login_at(&tenant);
    login
        .arg("--userinfo")
        .assert()
        .code(8)
        .stdout("")
        .stderr(says(reason));
    assert!(tenant.requests_to(USERINFO).is_empty());
}

#[test]
fn idtoken_sig_rs256() {
    is_accepted(provider());
}

#[test]
fn idtoken_sig_none() {
    is_refused(provider().sign_with(Signing::none()), "not signed");
}

#[test]
fn invalid_sig_rs256() {
    is_refused(
        provider().sign_with(Signing::unpublished_key()),
        "invalid signature",
    );
}

#[test]
fn invalid_sig_hs256() {
    let wrong = Signing::hs256(b"another secret of thirty-two bytes or more");
    let tenant = provider().sign_with(wrong).start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("invalid signature"));
    let right = provider().hs256().start();
    login_at(&right)
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(0);
}

#[test]
fn invalid_sig_es256() {
    let login = |key: Value| {
        let tenant = Tenant::builder()
            .jwks(among_decoys(&[key]))
            .sign_with(Signing::es256())
            .start();
        let mut login = login_at(&tenant);
        login.env("AUTH0_ALGORITHM", "ES256");
        (tenant, login)
    };
    login(p256_key()).1.assert().code(0);
    // Another point on the curve: the same x with the other y would be the negated key.
    let mut other = p256_key();
    (other["x"], other["y"]) = (
        // The base point of P-256.
        json!("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY"),
        json!("T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"),
    );
    login(other)
        .1
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("invalid signature"));
}

#[test]
fn kid_absent_single_jwks() {
    let mut only = current();
    only.as_object_mut().unwrap().shift_remove("kid");
    let options = Tenant::builder().without_id_token_header("kid");
    is_accepted(options.jwks(json!({ "keys": [only] })));
}

/// The suite lets a client refuse or try each key; padlock refuses an id_token.
#[test]
fn kid_absent_multiple_jwks() {
    let keys = [current(), next()].map(|mut key| {
        key.as_object_mut().unwrap().shift_remove("kid");
        key
    });
    let options = Tenant::builder()
        .without_id_token_header("kid")
        .jwks(among_decoys(&keys));
    is_refused(options, "an ID token must name its key");
}

#[test]
fn ignores_unparseable_key_in_jwks() {
    let keys = [
        json!({ "kty": "AKP", "alg": "ML-DSA-00", "kid": "future", "pub": "AA" }),
        json!({ "kty": "unknown", "kid": "unknown" }),
        current(),
    ];
    is_accepted(Tenant::builder().jwks(among_decoys(&keys)));
}

#[test]
fn invalid_iss() {
    is_refused(
        provider().claim("iss", json!("https://invalid.test/")),
        "iss is",
    );
}

#[test]
fn invalid_aud() {
    is_refused(provider().claim("aud", json!("another client")), "aud is");
}

#[test]
fn missing_aud() {
    is_refused(provider().without_claim("aud"), "aud is missing");
}

#[test]
fn missing_iat() {
    is_refused(provider().without_claim("iat"), "iat is missing");
}

#[test]
fn missing_sub() {
    is_refused(provider().without_claim("sub"), "sub is missing");
}

#[test]
fn invalid_athash() {
    is_refused(
        provider().claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        "at_hash is",
    );
}

/// Where `at_hash` is optional (OpenID Connect Core §3.1.3.6), as with this grant, it may be missing.
#[test]
fn missing_athash() {
    is_accepted(provider().without_claim("at_hash"));
}

/// padlock sends no nonce with a password: a verification that expects one refuses another.
#[test]
fn nonce_invalid() {
    let tenant = provider().claim("nonce", json!("another")).start();
    let token = crate::program::id_token_of(&tenant);
    let verify = |nonce: &str| {
        let mut verify = verify_at(&tenant);
        verify.args([
            "--kind",
            "id-token",
            "--audience",
            CLIENT_ID,
            "--nonce",
            nonce,
            &token,
        ]);
        verify
    };
    verify("expected")
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("nonce is"));
    verify("another").assert().code(0);
}

/// A new key signs the second login's id_token.
#[test]
fn signing_key_rotation() {
    let tenant = provider().start();
    login_at(&tenant).assert().code(0);
    tenant.change(|options| {
        options
            .sign_with(Signing::next_key())
            .jwks(among_decoys(&[next()]))
    });
    login_at(&tenant).assert().code(0);
}

/// The key set changes between its fetch, which a login begins at once, and the signature.
#[test]
fn signing_key_rotation_just_before_signing() {
    let before = among_decoys(&[current()]);
    let options = Tenant::builder().sign_with(Signing::next_key());
    let tenant = options
        .jwks_sequence([before.clone()])
        .jwks(among_decoys(&[next()]))
        .start();
    login_at(&tenant).assert().code(0);
    assert_eq!(tenant.requests_to(JWKS).len(), 2);
    let forged = Tenant::builder()
        .sign_with(Signing::unknown_kid())
        .jwks(before)
        .start();
    login_at(&forged)
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("no key has the token's kid"));
    assert_eq!(forged.requests_to(JWKS).len(), 2, "once more, and no more");
}

#[test]
fn discovery_openid_config() {
    let tenant = provider().plain_provider().start();
    login_at_issuer(&tenant).assert().code(0);
    assert_eq!(tenant.requests_to(DISCOVERY).len(), 1);
}

#[test]
fn discovery_jwks_uri_keys() {
    let tenant = provider().plain_provider().start();
    login_at_issuer(&tenant).assert().code(0);
    assert_eq!(tenant.requests_to(JWKS).len(), 1);
}

#[test]
fn discovery_issuer_mismatch() {
    let options = provider().plain_provider();
    let tenant = options
        .discovery_member("issuer", json!("https://mismatch.test/"))
        .start();
    let refused = login_at_issuer(&tenant).assert().code(7).stdout("");
    refused.stderr(says("calls itself").and(says("https://mismatch.test/")));
    assert!(tenant.requests_to(TOKEN).is_empty(), "no password was sent");
}

#[test]
fn userinfo_invalid_sub() {
    let tenant = provider()
        .userinfo_claim("sub", json!("auth0|another"))
        .start();
    let refused = login_at(&tenant)
        .arg("--userinfo")
        .assert()
        .code(8)
        .stdout("");
    refused.stderr(says("another user"));
}

#[test]
fn userinfo_bearer_header() {
    let tenant = provider().start();
    login_at(&tenant).arg("--userinfo").assert().code(0);
    let request = &tenant.requests_to(USERINFO)[0];
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
}

#[test]
fn userinfo_signed() {
    is_signed_userinfo_accepted(Signing::current_key(), 0);
    is_signed_userinfo_accepted(Signing::unpublished_key(), 8);
}

fn is_signed_userinfo_accepted(signing: Signing, code: i32) {
    let tenant = provider()
        .signs_userinfo()
        .sign_userinfo_with(signing)
        .start();
    login_at(&tenant).arg("--userinfo").assert().code(code);
}

#[test]
fn scope_userinfo_claims() {
    let tenant = provider().start();
    let mut login = login_at(&tenant);
    login
        .args(["--userinfo", "-o", "json"])
        .env("AUTH0_SCOPE", "openid email");
    let shown = login
        .assert()
        .code(0)
        .stdout(says("\"userinfo\"").and(says("\"email\"")));
    shown.stdout(says("nickname").not());
}

#[test]
fn client_secret_basic() {
    let tenant = provider().plain_provider().start();
    let mut login = login_at_issuer(&tenant);
    login
        .args(["--client-auth", "client_secret_basic"])
        .assert()
        .code(0);
    let request = &tenant.requests_to(TOKEN)[0];
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    assert!(
        !request
            .header("authorization")
            .unwrap()
            .contains(CLIENT_SECRET)
    );
}
