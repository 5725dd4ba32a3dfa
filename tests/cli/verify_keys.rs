//! Where `padlock verify` gets its keys: from flags only, each issuer's for its own tokens.

use std::fs;
use std::path::PathBuf;

use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{
    access_token_of, error_of, id_token_of, padlock, padlock_at, private, says, verify_at,
};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, DISCOVERY, JWKS, Response, Signing, Tenant};

fn file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn without_a_source_of_keys_no_token_is_decoded() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let error = error_of(padlock().args(["verify", "--any-audience", &token]));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&"usage".into(), &2.into())
    );
    assert!(
        error["hint"].as_str().unwrap().contains("--issuer"),
        "{error}"
    );
}

#[test]
fn no_variable_adds_a_trusted_key_or_changes_a_rule() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let mut verify = padlock_at(&tenant);
    verify
        .env("AUTH0_ISSUER", tenant.issuer())
        .args(["verify", "--any-audience", &token])
        .assert()
        .code(2)
        .stdout("");
    let mut verify = verify_at(&tenant);
    verify.envs([
        ("AUTH0_ALGORITHM", "ES256"),
        ("AUTH0_AUDIENCE", "other"),
        ("AUTH0_DOMAIN", "other.test"),
    ]);
    verify.arg(&token).assert().code(0);
}

#[test]
fn an_issuers_keys_are_found_by_discovery() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    verify_at(&tenant).arg(&token).assert().code(0);
    let routes: Vec<_> = tenant
        .requests()
        .iter()
        .map(|request| request.route().to_owned())
        .collect();
    assert_eq!(routes, [DISCOVERY, JWKS]);
}

#[test]
fn a_discovery_document_must_name_the_requested_issuer() {
    let tenant = Tenant::start();
    let mut verify = padlock();
    verify.args([
        "verify",
        "--any-audience",
        "--issuer",
        tenant.url().trim_end_matches('/'),
        "a.b.c",
    ]);
    verify
        .assert()
        .code(7)
        .stdout("")
        .stderr(says("calls itself").and(says("trailing slash")));
}

#[test]
fn each_issuers_keys_verify_only_its_own_tokens() {
    let (one, two) = (Tenant::start(), Tenant::start());
    let token = access_token_of(&one);
    let both = ["--issuer", &two.issuer()];
    one.clear_requests();
    two.clear_requests();
    verify_at(&one).args(both).arg(&token).assert().code(0);
    assert_eq!(
        (one.requests().len(), two.requests().len()),
        (2, 0),
        "only its own issuer gets requests"
    );
    // Its iss is the one issuer, its key is the other's.
    let forged = access_token_of(&Tenant::builder().issuer(&two.issuer()).start());
    two.change(|options| options.jwks(serde_json::json!({ "keys": [] })));
    verify_at(&one)
        .args(both)
        .arg(&forged)
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("no key has the token's kid"));
}

#[test]
fn a_token_from_an_untrusted_issuer_is_refused_without_a_request() {
    let (one, two, other) = (Tenant::start(), Tenant::start(), Tenant::start());
    let token = access_token_of(&other);
    one.clear_requests();
    let mut verify = verify_at(&one);
    verify.args(["--issuer", &two.issuer(), &token]);
    verify
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("none of the trusted issuers").and(says(other.url()).not()));
    for text in ["opaque", "a.b.c.d.e", ""] {
        verify_at(&one)
            .args(["--issuer", &two.issuer(), text])
            .assert()
            .code(8)
            .stdout("");
    }
    assert_eq!((one.requests().len(), two.requests().len()), (0, 0));
}

#[test]
fn a_key_set_is_given_by_url_or_file() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let url = format!("{}.well-known/jwks.json", tenant.url());
    padlock()
        .args(["verify", "--any-audience", "--jwks", &url, &token])
        .assert()
        .code(0);
    let (_folder, path) = file(include_str!("../tenant/keys/jwks.json"));
    tenant.clear_requests();
    padlock()
        .args(["verify", "--any-audience", "--jwks"])
        .arg(&path)
        .arg(&token)
        .assert()
        .code(0);
    assert_eq!(tenant.connections(), 2, "a file needs no connection");
}

#[test]
fn expect_issuer_sets_the_expected_iss() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let (_folder, path) = file(include_str!("../tenant/keys/jwks.json"));
    let verify = |issuer: &str| {
        let mut verify = padlock();
        verify
            .args([
                "verify",
                "--any-audience",
                "--expect-issuer",
                issuer,
                "--jwks",
            ])
            .arg(&path)
            .arg(&token);
        verify
    };
    verify(&tenant.issuer()).assert().code(0);
    verify(tenant.issuer().trim_end_matches('/'))
        .assert()
        .code(8)
        .stderr(says("iss is"));
}

#[test]
fn a_shared_secret_from_a_file_verifies_hs256() {
    let tenant = Tenant::builder().hs256().start();
    let token = id_token_of(&tenant);
    let verify = |secret: &str| {
        let (folder, path) = file(secret);
        let mut verify = padlock();
        verify
            .args([
                "verify",
                "--any-audience",
                "--kind",
                "id-token",
                "--audience",
                CLIENT_ID,
                "--secret-file",
            ])
            .arg(private(&path))
            .arg(&token);
        (folder, verify)
    };
    for secret in [CLIENT_SECRET.to_owned(), format!("{CLIENT_SECRET}\n")] {
        verify(&secret).1.assert().code(0).stderr("");
    }
    verify("another secret of thirty-two bytes or more")
        .1
        .assert()
        .code(8)
        .stderr(says("signature"));
    let mut from_stdin = padlock();
    from_stdin
        .args([
            "verify",
            "--any-audience",
            "--kind",
            "id-token",
            "--secret-file",
            "-",
            &token,
        ])
        .write_stdin(CLIENT_SECRET);
    from_stdin.assert().code(0);
    padlock()
        .args(["verify", "--any-audience", "--secret-file", "-"])
        .assert()
        .code(2)
        .stderr(says("standard input"));
}

#[test]
fn a_short_secret_is_refused_unless_it_is_allowed() {
    let tenant = Tenant::builder()
        .sign_access_token_with(Signing::hs256(b"short"))
        .start();
    let token = access_token_of(&tenant);
    let (_folder, path) = file("short");
    let verify = |flags: &[&str]| {
        let mut verify = padlock();
        verify
            .args(["verify", "--any-audience", "--secret-file"])
            .arg(&path)
            .args(flags)
            .arg(&token);
        verify
    };
    verify(&[])
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("5 bytes").and(says("32 or more")));
    verify(&["--allow-short-secret"]).assert().code(0);
}

#[test]
fn a_public_key_is_never_used_as_a_secret() {
    let jwks = include_str!("../tenant/keys/jwks.json");
    let tenant = Tenant::builder()
        .sign_access_token_with(Signing::hs256(jwks.as_bytes()))
        .start();
    let token = access_token_of(&tenant);
    let mut issuer = verify_at(&tenant);
    issuer
        .args(["--algorithm", "RS256,HS256", &token])
        .assert()
        .code(8)
        .stderr(says("never used as one"));
    let (_folder, path) = file(jwks);
    let mut keys = padlock();
    keys.args(["verify", "--any-audience", "--algorithm", "HS256", "--jwks"])
        .arg(&path)
        .arg(&token)
        .assert()
        .code(8);
}

#[test]
fn a_secret_in_a_published_key_set_is_never_used() {
    let encoded = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA";
    let secret = serde_json::json!({ "keys": [{ "kty": "oct", "k": encoded }] });
    let signing = Signing::hs256(b"secret-secret-secret-secret-secret");
    let tenant = Tenant::builder()
        .sign_access_token_with(signing)
        .jwks(secret.clone())
        .start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .args(["--algorithm", "HS256", &token])
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("must not be published"));
    let (_folder, path) = file(&secret.to_string());
    padlock()
        .args(["verify", "--any-audience", "--algorithm", "HS256", "--jwks"])
        .arg(&path)
        .arg(&token)
        .assert()
        .code(0);
}

#[test]
fn sources_of_keys_cannot_be_combined() {
    for flags in [
        ["--issuer", "https://a.test/", "--jwks", "x"],
        ["--issuer", "https://a.test/", "--secret-file", "x"],
        ["--jwks", "x", "--secret-file", "x"],
        ["--key-file", "x", "--secret-file", "x"],
        ["--key-file", "x", "--jwks", "x"],
        ["--issuer", "https://a.test/", "--key-file", "x"],
    ] {
        padlock()
            .args(["verify", "--any-audience"])
            .args(flags)
            .arg("a.b.c")
            .assert()
            .code(2)
            .stderr(says("cannot be combined"));
    }
}

#[test]
fn plain_http_is_only_allowed_to_this_machine() {
    for url in [
        "http://keys.test/jwks.json",
        "ftp://127.0.0.1/x",
        "http://10.0.0.1/",
        "https://u:p@keys.test/",
    ] {
        padlock()
            .args(["verify", "--any-audience", "--jwks", url, "a.b.c"])
            .assert()
            .code(2)
            .stdout("");
        padlock()
            .args(["verify", "--any-audience", "--issuer", url, "a.b.c"])
            .assert()
            .code(2)
            .stdout("");
    }
}

#[test]
fn a_file_that_is_not_a_key_set_is_named() {
    let (_folder, path) = file("{\"issuer\":\"https://a.test/\"}");
    let mut verify = padlock();
    verify
        .args(["verify", "--any-audience", "--jwks"])
        .arg(&path)
        .arg("a.b.c");
    verify
        .assert()
        .code(2)
        .stderr(says("no \"keys\" array").and(says(path.to_str().unwrap())));
    padlock()
        .args(["verify", "--any-audience", "--jwks", "/nowhere", "a.b.c"])
        .assert()
        .code(2)
        .stderr(says("/nowhere"));
}

#[test]
fn without_keys_there_is_no_verdict() {
    for (path, response) in [
        (JWKS, Response::new(500, "")),
        (DISCOVERY, Response::new(200, "[]")),
    ] {
        let tenant = Tenant::builder().responds(path, response).start();
        verify_at(&tenant)
            .arg(access_token_of(&tenant))
            .assert()
            .code(7)
            .stdout("");
    }
}

#[test]
fn a_private_ca_is_trusted_by_flag_or_environment_and_not_by_a_dot_env() {
    let tenant = Tenant::builder().tls().start();
    let token = access_token_of(&tenant);
    verify_at(&tenant).arg(&token).assert().code(7);
    verify_at(&tenant)
        .arg("--ca-file")
        .arg(tenant.ca_file())
        .arg(&token)
        .assert()
        .code(0);
    verify_at(&tenant)
        .env("PADLOCK_CA_FILE", tenant.ca_file())
        .arg(&token)
        .assert()
        .code(0);
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(".env"),
        format!("PADLOCK_CA_FILE={}\n", tenant.ca_file().display()),
    )
    .unwrap();
    verify_at(&tenant)
        .current_dir(&folder)
        .arg(&token)
        .assert()
        .code(7)
        .stdout("");
}

#[test]
fn an_issuer_that_does_not_respond_ends_the_run_at_the_time_limit() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}/", silent.local_addr().unwrap());
    let mut verify = padlock();
    verify.args([
        "verify",
        "--any-audience",
        "--issuer",
        &issuer,
        "--timeout",
        "0.3",
        "e30.e30.AA",
    ]);
    verify.assert().code(7).stderr(says("within 0.3 s"));
}
