//! `padlock verify` with keys in files: one key, or shared secrets. A file of the wrong kind is named
//! as what it is.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{access_token_of, id_token_of, padlock, private, says};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, Response, Signing, Tenant, der, jwks};

const CURRENT: &str = include_str!("../tenant/keys/current.pem");

fn file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, content).unwrap();
    private(&path);
    (folder, path)
}

fn verify(flag: &str, content: &str) -> (TempDir, Command) {
    let (folder, path) = file(content);
    let mut verify = padlock();
    verify.args(["verify", "--any-audience", flag]).arg(path);
    (folder, verify)
}

fn pem(label: &str, der: &[u8]) -> String {
    let lines: Vec<_> = STANDARD.encode(der).into_bytes();
    let lines: Vec<_> = lines.chunks(64).map(String::from_utf8_lossy).collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// The tenant's current key as PKCS#1, and the same with its type.
fn rsa_keys() -> [String; 2] {
    let pair = RsaKeyPair::from_der(&der(CURRENT)).unwrap();
    let typed: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    [
        pem("RSA PUBLIC KEY", pair.public_key().as_ref()),
        pem("PUBLIC KEY", typed.as_ref()),
    ]
}

fn p256_key() -> String {
    let pem_file = include_str!("../tenant/keys/p256.pem");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der(pem_file)).unwrap();
    let key: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    pem("PUBLIC KEY", key.as_ref())
}

fn certificate() -> String {
    let certificate = jwks()["keys"][0]["x5c"][0].as_str().unwrap().to_owned();
    pem("CERTIFICATE", &STANDARD.decode(certificate).unwrap())
}

#[test]
fn a_key_file_is_a_public_key_or_certificate_in_pem_or_one_jwk() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let forged = access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unpublished_key())
            .start(),
    );
    let jwk = jwks()["keys"][0].clone();
    let mut nameless = jwk.clone();
    nameless.as_object_mut().unwrap().shift_remove("kid");
    let keys = [
        &rsa_keys()[..],
        &[certificate(), jwk.to_string(), nameless.to_string()],
        &[certificate(), jwk.to_string()].map(|key| format!("\u{feff}{key}")),
        &[format!(
            "Bag Attributes\r\n    x: y\r\n{}",
            certificate().replace('\n', "\r\n")
        )],
    ];
    for key in keys.into_iter().flatten() {
        let (_folder, mut genuine) = verify("--key-file", key);
        genuine.arg(&token).assert().code(0).stderr("");
        let (_folder, mut other) = verify("--key-file", key);
        let refused = other.arg(&forged).assert().code(8).stdout("");
        refused.stderr(says("invalid signature"));
    }
}

#[test]
fn a_pem_block_may_have_text_around_it_and_must_end_as_it_begins() {
    let token = access_token_of(&Tenant::start());
    for key in &rsa_keys() {
        let (_folder, mut genuine) = verify("--key-file", &format!("Key of the API\n{key}\nEnd\n"));
        genuine.arg(&token).assert().code(0);
        let whole = key.trim_end();
        for damaged in [
            whole.replace("-----END ", "-----END OTHER "),
            whole.replace("-----END", "-----"),
            whole.replace(" KEY-----\n", "-----\n"),
            whole[..whole.len() - 5].to_owned(),
            whole[..whole.len() / 2].to_owned(),
        ] {
            let (_folder, mut refused) = verify("--key-file", &damaged);
            refused.arg(&token).assert().code(2).stdout("");
        }
    }
}

#[test]
fn the_algorithm_of_a_key_file_is_by_default_that_of_its_key() {
    let tenant = Tenant::builder()
        .sign_access_token_with(Signing::es256())
        .start();
    let token = access_token_of(&tenant);
    verify("--key-file", &p256_key())
        .1
        .arg(&token)
        .assert()
        .code(0);
    let mut pinned = verify("--key-file", &p256_key());
    let refused = pinned
        .1
        .args(["--algorithm", "RS256", &token])
        .assert()
        .code(8);
    refused.stderr(says("alg is"));
    let rsa = access_token_of(&Tenant::start());
    verify("--key-file", &p256_key())
        .1
        .arg(&rsa)
        .assert()
        .code(8)
        .stderr(says("expected ES256"));
}

#[test]
fn a_key_file_with_a_kid_is_for_tokens_with_that_kid() {
    let token = access_token_of(&Tenant::start());
    let other = jwks()["keys"][1].to_string();
    let (_folder, mut verify) = verify("--key-file", &other);
    verify
        .arg(&token)
        .assert()
        .code(8)
        .stderr(says("no key has the token's kid \"percy-current\""));
}

#[test]
fn a_source_of_the_wrong_kind_is_named_as_what_it_is() {
    let set = jwks().to_string();
    let jwk = jwks()["keys"][0].to_string();
    let secret = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode([7; 64]) }).to_string();
    let two_keys = rsa_keys()[1].repeat(2);
    let discovery =
        json!({ "issuer": "https://a.test", "jwks_uri": "https://a.test/x" }).to_string();
    for (flag, content, name, step) in [
        (
            "--jwks",
            &*rsa_keys()[1],
            "a public key in PEM",
            "--key-file",
        ),
        (
            "--jwks",
            &certificate(),
            "a certificate in PEM",
            "--key-file",
        ),
        ("--jwks", &jwk, "a single key (JWK)", "--key-file"),
        ("--jwks", CURRENT, "a private key", "openssl pkey"),
        ("--jwks", &discovery, "a discovery document", "--issuer"),
        ("--jwks", "<html></html>", "a web page", "jwks_uri"),
        (
            "--jwks",
            CLIENT_SECRET,
            "text of another kind",
            "--secret-file",
        ),
        ("--key-file", &set, "a key set (JWKS)", "--jwks"),
        ("--key-file", CURRENT, "a private key", "openssl pkey"),
        ("--key-file", "ssh-ed25519 AAAA me", "OpenSSH", "ssh-keygen"),
        (
            "--key-file",
            CLIENT_SECRET,
            "text of another kind",
            "--secret-file",
        ),
        ("--key-file", &two_keys, "2 PEM blocks", ""),
        ("--key-file", "", "empty", ""),
        (
            "--key-file",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "damaged",
            "",
        ),
        (
            "--secret-file",
            &rsa_keys()[1],
            "a public key in PEM",
            "--key-file",
        ),
        (
            "--secret-file",
            &certificate(),
            "a certificate in PEM",
            "--key-file",
        ),
        ("--secret-file", &set, "a key set (JWKS)", "--jwks"),
        ("--secret-file", &jwk, "a single key (JWK)", "--key-file"),
        (
            "--secret-file",
            &secret,
            "a shared secret (JWK",
            "--key-file",
        ),
    ] {
        let (_folder, mut verify) = verify(flag, content);
        let refused = verify.arg("a.b.c").assert().code(2).stdout("");
        let inside = says(CLIENT_SECRET).or(says("MII"));
        refused.stderr(says(name).and(says(step)).and(inside.not()));
    }
}

#[test]
fn an_address_that_serves_no_key_set_is_named_as_what_it_serves() {
    for (body, name) in [
        (rsa_keys()[1].clone(), "a public key in PEM"),
        (jwks()["keys"][0].to_string(), "a single key (JWK)"),
        ("<html>".to_owned(), "a web page"),
    ] {
        let tenant = Tenant::builder()
            .responds("/keys", Response::new(200, body))
            .start();
        let url = format!("{}keys", tenant.url());
        let mut verify = padlock();
        verify.args(["verify", "--any-audience", "--jwks", &url]);
        verify
            .arg(access_token_of(&tenant))
            .assert()
            .code(7)
            .stdout("")
            .stderr(says(name));
    }
}

#[test]
fn a_shared_secret_may_be_one_jwk() {
    let tenant = Tenant::builder().hs256().start();
    let token = id_token_of(&tenant);
    let jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(CLIENT_SECRET) });
    let (_folder, mut verify) = verify("--key-file", &jwk.to_string());
    verify.args(["--kind", "id-token", &token]).assert().code(0);
}

#[test]
fn a_token_may_be_signed_with_any_of_several_secrets() {
    let tenant = Tenant::builder().hs256().start();
    let token = id_token_of(&tenant);
    let (_one, other) = file("another secret of thirty-two bytes or more");
    let (_two, right) = file(CLIENT_SECRET);
    let verify = |files: &[&PathBuf]| {
        let mut verify = padlock();
        verify.args(["verify", "--kind", "id-token", "--audience", CLIENT_ID]);
        for file in files {
            verify.arg("--secret-file").arg(file);
        }
        verify.arg(&token);
        verify
    };
    verify(&[&other, &right]).assert().code(0).stderr("");
    verify(&[&right, &other]).assert().code(0);
    let refused = verify(&[&other, &other]).assert().code(8).stdout("");
    refused.stderr(says("invalid signature").and(says("2 that fit")));
    verify(&[&right; 9])
        .assert()
        .code(2)
        .stderr(says("at most 8 times"));
}

#[test]
fn two_secrets_cannot_both_come_from_stdin() {
    let mut verify = padlock();
    verify.args([
        "verify",
        "--any-audience",
        "--secret-file",
        "-",
        "--secret-file",
        "-",
        "a.b.c",
    ]);
    verify.assert().code(2).stderr(says("standard input"));
}

#[test]
fn a_secret_that_is_too_short_names_the_flag_that_allows_it() {
    let signing = Signing::hmac(jsonwebtoken::Algorithm::HS512, CLIENT_SECRET.as_bytes());
    let token = access_token_of(&Tenant::builder().sign_access_token_with(signing).start());
    let short = &CLIENT_SECRET[..40.min(CLIENT_SECRET.len())];
    let (_folder, mut verify) = verify("--secret-file", short);
    let refused = verify
        .args(["--algorithm", "HS512", &token])
        .assert()
        .code(8)
        .stdout("");
    refused.stderr(says("HS512 requires 64 or more").and(says("--allow-short-secret")));
}

#[test]
fn keys_of_spiffe_verify_plain_jwts_from_a_local_file_alone() {
    let mut set = jwks();
    for key in set["keys"].as_array_mut().unwrap() {
        key["use"] = json!("jwt-svid");
    }
    set["keys"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kty": "EC", "use": "x509-svid", "crv": "P-256" }));
    let tenant = Tenant::builder().jwks(set.clone()).start();
    let token = access_token_of(&tenant);
    let with = |kind: &str| {
        let (folder, mut verify) = verify("--jwks", &set.to_string());
        verify.args(["--kind", kind, &token]);
        (folder, verify)
    };
    with("jwt").1.assert().code(0);
    with("access-token")
        .1
        .assert()
        .code(8)
        .stderr(says("jwt-svid").and(says("--kind jwt")));
    let mut published = padlock();
    published.args([
        "verify",
        "--kind",
        "jwt",
        "--issuer",
        &tenant.issuer(),
        &token,
    ]);
    published.assert().code(8).stderr(says("use is not"));
}

#[test]
fn a_number_of_a_key_may_be_plain_or_padded_base64() {
    let mut set = jwks();
    for key in set["keys"].as_array_mut().unwrap() {
        for name in ["n", "e"] {
            let octets = URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
            key[name] = Value::from(STANDARD.encode(octets));
        }
    }
    let tenant = Tenant::builder().jwks(set).start();
    let mut verify = padlock();
    verify.args(["verify", "--any-audience", "--issuer", &tenant.issuer()]);
    verify.arg(access_token_of(&tenant)).assert().code(0);
}
