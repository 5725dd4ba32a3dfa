//! An issuer's keys on disk: kept for the next run, and fetched once more for a key that is not among them.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{access_token_of, padlock, says, verify_at};
use crate::tenant::{DISCOVERY, JWKS, Signing, Tenant};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The tenant's key set without the key that it will use next.
fn current_alone() -> Value {
    let mut set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    set["keys"]
        .as_array_mut()
        .unwrap()
        .retain(|key| key["kid"] == "percy-current");
    set
}

fn routes(tenant: &Tenant) -> Vec<String> {
    let routes = tenant
        .requests()
        .iter()
        .map(|request| request.route().to_owned())
        .collect();
    tenant.clear_requests();
    routes
}

#[test]
fn the_second_run_asks_nobody() {
    let (tenant, folder) = (Tenant::start(), folder());
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    let verify = || {
        verify_at(&tenant)
            .env("XDG_CACHE_HOME", folder.path())
            .arg(&token)
            .assert()
            .code(0)
    };
    verify();
    assert_eq!(routes(&tenant), [DISCOVERY, JWKS]);
    verify();
    assert_eq!(routes(&tenant), [""; 0]);
}

#[test]
fn an_unknown_kid_fetches_the_keys_once_more() {
    let (tenant, folder) = (Tenant::builder().jwks(current_alone()).start(), folder());
    let old = access_token_of(&tenant);
    let verify = |tokens: &str| {
        let mut verify = verify_at(&tenant);
        verify
            .env("XDG_CACHE_HOME", folder.path())
            .write_stdin(tokens.to_owned());
        verify
    };
    verify(&old).assert().code(0);
    tenant.change(|options| options.sign_access_token_with(Signing::next_key()));
    let new = access_token_of(&tenant);
    tenant.clear_requests();
    verify(&new)
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("percy-next"));
    assert_eq!(
        routes(&tenant),
        [JWKS],
        "asked once, for a key that is not there yet"
    );
    let rotated: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    tenant.change(|options| options.jwks(rotated));
    verify(&[new.as_str(), &old, &new, "opaque", &new].join("\n"))
        .assert()
        .code(8)
        .stderr(says("1 of 5"));
    assert_eq!(routes(&tenant), [JWKS]);
    verify(&new).assert().code(0);
    assert_eq!(routes(&tenant), [""; 0], "the fresh keys are kept");
}

#[test]
fn however_many_kids_are_unknown_the_keys_are_fetched_once_more_in_a_run() {
    let (tenant, folder) = (Tenant::start(), folder());
    let forged = access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unknown_kid())
            .start(),
    );
    let verify = |lines: usize| {
        let address = format!("{}.well-known/jwks.json", tenant.url());
        let mut verify = padlock();
        verify
            .env("XDG_CACHE_HOME", folder.path())
            .args(["verify", "--jwks", &address]);
        verify
            .write_stdin(format!("{forged}\n").repeat(lines))
            .assert()
            .code(8);
    };
    verify(1);
    assert_eq!(
        routes(&tenant),
        [JWKS],
        "just fetched: nothing fresher can be had"
    );
    verify(50);
    assert_eq!(routes(&tenant), [JWKS]);
}

#[test]
fn an_issuer_needs_no_token_endpoint_for_its_keys_to_be_found() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let document = json!({ "issuer": tenant.issuer(), "jwks_uri": format!("{}.well-known/jwks.json", tenant.url()) });
    tenant.change(|options| {
        options.responds(DISCOVERY, crate::tenant::Response::json(200, &document))
    });
    verify_at(&tenant).arg(&token).assert().code(0);
    let mut login = crate::program::login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer());
    login
        .assert()
        .code(7)
        .stderr(says("token_endpoint").and(says("pa55word").not()));
}

#[test]
fn keys_that_came_by_the_word_of_another_authority_serve_nobody_without_it() {
    let (tenant, folder) = (Tenant::builder().tls().start(), folder());
    let token = access_token_of(&tenant);
    let verify = || {
        let mut verify = verify_at(&tenant);
        verify
            .env_remove("PADLOCK_CA_FILE")
            .env("XDG_CACHE_HOME", folder.path())
            .arg(&token);
        verify
    };
    verify()
        .arg("--ca-file")
        .arg(tenant.ca_file())
        .assert()
        .code(0);
    verify().assert().code(7).stderr(says("unknown issuer"));
    verify()
        .env("SSL_CERT_FILE", tenant.ca_file())
        .assert()
        .code(0);
    verify().assert().code(7);
    tenant.clear_requests();
    verify()
        .arg("--ca-file")
        .arg(tenant.ca_file())
        .assert()
        .code(0);
    assert_eq!(routes(&tenant), [""; 0], "with it they are still there");
}

#[test]
fn without_the_cache_keys_are_fetched_and_none_is_kept() {
    let (tenant, folder) = (Tenant::start(), folder());
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    let verify = |flags: &[&str]| {
        verify_at(&tenant)
            .env("XDG_CACHE_HOME", folder.path())
            .args(flags)
            .arg(&token)
            .assert()
            .code(0);
        routes(&tenant)
    };
    assert_eq!(verify(&["--no-cache"]), [DISCOVERY, JWKS]);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is kept"
    );
    assert_eq!(verify(&[]), [DISCOVERY, JWKS]);
    assert_eq!(
        verify(&["--no-cache"]),
        [DISCOVERY, JWKS],
        "what is kept is not used"
    );
    assert_eq!(verify(&[]), [""; 0]);
}
