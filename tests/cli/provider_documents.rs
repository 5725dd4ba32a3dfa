//! Discovery documents and key sets as real providers publish them, and what comes of them.
//!
//! `PADLOCK_PROVIDERS` names the folder with the documents, which are not part of padlock. Without
//! that variable, `../shared/provider-documents` is used if there is one.

use std::path::PathBuf;
use std::{env, fs};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{error_of, login_at_issuer, padlock, padlock_at, verify_at};
use crate::tenant::{AUDIENCE, DISCOVERY, Response, TOKEN, Tenant};

/// The algorithms that padlock can verify with public keys, with the key type of each.
const ALGORITHMS: [(&str, &str); 11] = [
    ("RS256", "RSA"),
    ("RS384", "RSA"),
    ("RS512", "RSA"),
    ("PS256", "RSA"),
    ("PS384", "RSA"),
    ("PS512", "RSA"),
    ("ES256", "EC P-256"),
    ("ES384", "EC P-384"),
    ("ES512", "EC P-521"),
    ("EdDSA", "OKP Ed25519"),
    ("Ed25519", "OKP Ed25519"),
];

/// The documents whose names end so, by provider.
fn documents(kind: &str) -> Vec<(String, Value)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment names the folder with the documents"
    )]
    let named = env::var_os("PADLOCK_PROVIDERS").map(PathBuf::from);
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/provider-documents");
    let folder = match named {
        Some(named) => named,
        None if shared.is_dir() => shared,
        None => return Vec::new(),
    };
    let suffix = format!(".{kind}.json");
    let mut documents: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| {
            let path = file.unwrap().path();
            let name = path
                .file_name()?
                .to_str()?
                .strip_suffix(&suffix)?
                .to_owned();
            Some((
                name,
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
            ))
        })
        .collect();
    documents.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(documents.len() > 10, "{} {kind} documents", documents.len());
    documents
}

/// A token with this header and an invalid signature: what is wrong with it says how far it got.
fn reason(folder: &TempDir, set: &Value, header: &Value, kind: &str) -> String {
    use base64::Engine;
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let path = folder.path().join("jwks");
    fs::write(&path, set.to_string()).unwrap();
    let token = format!("{}.e30.AAAA", encode(header.to_string()));
    let mut verify = padlock();
    verify.args(["verify", "--any-audience", "--kind", kind, "--algorithm"]);
    verify
        .arg(header["alg"].as_str().unwrap())
        .arg("--jwks")
        .arg(path)
        .arg(token);
    error_of(&mut verify)["reasons"][0]
        .as_str()
        .unwrap()
        .to_owned()
}

fn key_type(key: &Value) -> String {
    let of = |name: &str| key[name].as_str().unwrap_or_default();
    format!("{} {}", of("kty"), of("crv")).trim().to_owned()
}

fn bits(key: &Value) -> usize {
    key["n"]
        .as_str()
        .map_or(4096, |n| n.trim_end_matches('=').len() * 6)
}

#[test]
fn every_published_key_is_used_unless_it_is_too_weak_or_for_another_purpose() {
    let folder = tempfile::tempdir().unwrap();
    for (provider, set) in documents("jwks") {
        for key in set["keys"].as_array().unwrap() {
            let of_type = ALGORITHMS.iter().find(|(_, kty)| *kty == key_type(key));
            let alg = key["alg"].as_str().or(of_type.map(|(name, _)| *name));
            let is_signing = ALGORITHMS.iter().any(|(name, _)| Some(*name) == alg);
            let Some(alg) = alg.filter(|_| is_signing) else {
                continue;
            };
            let header = json!({ "alg": alg, "kid": key["kid"] });
            let reason = reason(&folder, &set, &header, "id-token");
            let expected = if bits(key) < 2048 {
                "1024 bits"
            } else {
                "invalid signature"
            };
            assert!(
                reason.contains(expected),
                "{provider} {}: {reason}",
                key["kid"]
            );
        }
    }
}

#[test]
fn without_a_kid_a_message_counts_only_the_keys_that_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    for (provider, set) in documents("jwks") {
        let header = json!({ "alg": "RS256" });
        let keys = set["keys"].as_array().unwrap();
        let fits = |key: &&Value| {
            let alg = key["alg"].as_str().unwrap_or("RS256");
            key["kty"] == "RSA" && alg == "RS256" && key["use"] != "enc"
        };
        let usable = keys
            .iter()
            .filter(fits)
            .filter(|key| bits(key) >= 2048)
            .count();
        let reason = reason(&folder, &set, &header, "access-token");
        let expected = match usable {
            0 => "no key can be used for RS256".to_owned(),
            1 => "signed with another key".to_owned(),
            number => format!("a key other than the {number} that fit"),
        };
        assert!(reason.contains(&expected), "{provider}: {reason}");
    }
}

/// A tenant that serves a provider's document with its own addresses in it.
fn tenant_like(document: &Value) -> Tenant {
    let tenant = Tenant::builder().plain_provider().start();
    let mut document = document.clone();
    let at = |path: &str| json!(format!("{}{path}", tenant.url()));
    for (name, path) in [
        ("token_endpoint", "oauth/token"),
        ("jwks_uri", ".well-known/jwks.json"),
        ("userinfo_endpoint", "userinfo"),
    ] {
        if !document[name].is_null() {
            document[name] = at(path);
        }
    }
    document["issuer"] = json!(tenant.issuer());
    tenant.change(|options| options.responds(DISCOVERY, Response::json(200, &document)));
    tenant.clear_requests();
    tenant
}

fn passwords_sent(tenant: &Tenant) -> bool {
    tenant
        .requests()
        .iter()
        .any(|request| request.route() == TOKEN)
}

/// Whether a list in a document has one of these, or is missing.
fn may(document: &Value, list: &str, names: &[&str]) -> bool {
    let listed = document[list].as_array();
    listed.is_none_or(|listed| {
        listed
            .iter()
            .any(|one| names.iter().any(|name| one == name))
    })
}

#[test]
fn every_discovery_document_serves_a_verification() {
    for (provider, document) in documents("discovery") {
        let tenant = tenant_like(&document);
        let error = error_of(verify_at(&tenant).arg("e30.e30.AAAA"));
        assert_eq!(error["exit"], 8, "{provider}: {error}");
    }
}

#[test]
fn a_password_is_sent_only_where_the_document_offers_the_grant_and_the_algorithm() {
    for (provider, document) in documents("discovery") {
        let tenant = tenant_like(&document);
        let is_offered = may(&document, "grant_types_supported", &["password"]);
        let fits = may(
            &document,
            "id_token_signing_alg_values_supported",
            &["RS256"],
        );
        let can_sign_in = document["token_endpoint"].is_string() && is_offered && fits;
        let output = login_at_issuer(&tenant).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(passwords_sent(&tenant), can_sign_in, "{provider}: {stderr}");
        assert_eq!(output.status.success(), can_sign_in, "{provider}: {stderr}");
    }
}

#[test]
fn a_document_serves_client_credentials_without_a_key_set() {
    for (provider, mut document) in documents("discovery") {
        document.as_object_mut().unwrap().shift_remove("jwks_uri");
        let tenant = tenant_like(&document);
        let is_offered = may(&document, "grant_types_supported", &["client_credentials"]);
        let can = document["token_endpoint"].is_string() && is_offered;
        let mut command = padlock_at(&tenant);
        command
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", tenant.issuer());
        command.args(["client-credentials", "--audience", AUDIENCE]);
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), can, "{provider}: {stderr}");
    }
}

#[test]
fn an_issuer_that_signs_with_other_algorithms_gets_no_password() {
    for (offered, named) in [
        (json!(["PS256"]), "--algorithm PS256"),
        (json!(["ES256", "ES384"]), "--algorithm ES256 or ES384"),
        (json!(["ES256K"]), "padlock supports none"),
    ] {
        let tenant = tenant_like(&json!({
            "token_endpoint": "", "jwks_uri": "",
            "id_token_signing_alg_values_supported": offered,
        }));
        let error = error_of(&mut login_at_issuer(&tenant));
        assert_eq!(error["exit"], 2, "{error}");
        assert!(error["hint"].as_str().unwrap().contains(named), "{error}");
        assert!(
            error["message"].as_str().unwrap().contains("RS256"),
            "{error}"
        );
        assert!(!passwords_sent(&tenant), "{offered}");
    }
    let tenant = tenant_like(&json!({
        "token_endpoint": "", "jwks_uri": "", "id_token_signing_alg_values_supported": "RS256",
    }));
    login_at_issuer(&tenant).assert().code(0);
}

#[test]
fn a_login_with_the_client_secret_needs_no_key_set() {
    let tenant = Tenant::builder()
        .plain_provider()
        .hs256()
        .without_discovery_member("jwks_uri")
        .start();
    login_at_issuer(&tenant)
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(0);
}
