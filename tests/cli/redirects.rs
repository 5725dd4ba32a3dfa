//! Which redirects padlock follows: none with a secret, few without.

use std::fs;
use std::path::PathBuf;

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{access_token_of, error_of, login_at, padlock, says};
use crate::tenant::{DISCOVERY, JWKS, Response, Tenant, USERINFO};

/// A redirect to this location.
fn to(location: &str) -> Response {
    Response::new(302, "").header("location", location)
}

/// A file with the roots of both tenants.
fn roots(one: &Tenant, two: &Tenant) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    let roots = [one.ca_file(), two.ca_file()].map(|path| fs::read_to_string(path).unwrap());
    fs::write(&file, roots.concat()).unwrap();
    (folder, file)
}

/// Serves the document at `path` at `/moved` too.
fn serve_copy(tenant: &Tenant, path: &str, of: &Tenant) {
    let url = format!("{}{}", of.url(), path.trim_start_matches('/'));
    let root = reqwest::Certificate::from_pem(&fs::read(of.ca_file()).unwrap()).unwrap();
    let client = reqwest::blocking::Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .build()
        .unwrap();
    let document = client.get(url).send().unwrap().bytes().unwrap().to_vec();
    tenant.change(|options| options.responds("/moved", Response::new(200, document)));
    of.clear_requests();
}

#[test]
fn keys_are_found_after_up_to_three_redirects() {
    let tenant = Tenant::builder().tls().start();
    let redirect = |hops: usize| {
        let keys = Response::new(200, include_str!("../tenant/keys/jwks.json"));
        tenant.change(|options| {
            let options = options.without_scripts().responds(JWKS, to("/hop-1"));
            let options = options.responds(&format!("/hop-{hops}"), keys);
            (1..hops).fold(options, |options, hop| {
                options.responds(&format!("/hop-{hop}"), to(&format!("/hop-{}", hop + 1)))
            })
        });
    };
    redirect(3);
    login_at(&tenant).assert().code(0);
    redirect(4);
    login_at(&tenant)
        .assert()
        .code(7)
        .stderr(says("redirects to").and(says("there were three before it")));
}

#[test]
fn keys_may_be_at_another_https_server() {
    let (tenant, other) = (
        Tenant::builder().tls().start(),
        Tenant::builder().tls().start(),
    );
    let (_folder, roots) = roots(&tenant, &other);
    let keys = format!("{}.well-known/jwks.json", other.url());
    tenant.change(|options| options.responds(JWKS, to(&keys)));
    login_at(&tenant)
        .env("PADLOCK_CA_FILE", &roots)
        .assert()
        .code(0);
    assert_eq!(other.requests_to(JWKS).len(), 1);
}

#[test]
fn a_redirect_of_keys_to_plain_http_or_with_a_password_is_not_followed() {
    let (tenant, thief) = (Tenant::builder().tls().start(), Tenant::start());
    let host = tenant.url().replace("https://", "");
    for (location, reason) in [
        (
            format!("{}keys", thief.url()),
            "does not lead from https to https",
        ),
        (
            format!("https://robin:hunter2@{host}keys"),
            "a user name or a password",
        ),
        (String::new(), "names no URL"),
    ] {
        tenant.change(|options| options.without_scripts().responds(JWKS, to(&location)));
        login_at(&tenant)
            .assert()
            .code(7)
            .stderr(says(reason).and(says("hunter2").not()));
    }
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn discovery_at_a_login_moves_only_within_the_issuers_origin() {
    let (tenant, other) = (
        Tenant::builder().tls().start(),
        Tenant::builder().tls().start(),
    );
    let (_folder, roots) = roots(&tenant, &other);
    serve_copy(&tenant, DISCOVERY, &tenant);
    serve_copy(&other, DISCOVERY, &tenant);
    let login = || {
        let mut login = login_at(&tenant);
        login
            .env_remove("AUTH0_DOMAIN")
            .args(["--issuer", &tenant.issuer()])
            .env("PADLOCK_CA_FILE", &roots);
        login
    };
    tenant.change(|options| options.responds(DISCOVERY, to("/moved")));
    login().assert().code(0);
    let elsewhere = format!("{}moved", other.url());
    tenant.change(|options| {
        options
            .without_scripts()
            .responds(DISCOVERY, to(&elsewhere))
    });
    tenant.clear_requests();
    login()
        .assert()
        .code(7)
        .stderr(says("leads away from the issuer's server"));
    assert_eq!(
        (tenant.passwords_received(), other.requests().len()),
        (0, 0)
    );
}

#[test]
fn discovery_for_keys_alone_may_move_to_another_https_server() {
    let (tenant, other) = (
        Tenant::builder().tls().start(),
        Tenant::builder().tls().start(),
    );
    let (_folder, roots) = roots(&tenant, &other);
    let token = access_token_of(&tenant);
    serve_copy(&other, DISCOVERY, &tenant);
    let elsewhere = format!("{}moved", other.url());
    tenant.change(|options| options.responds(DISCOVERY, to(&elsewhere)));
    padlock()
        .args(["verify", "--any-audience", "--issuer", &tenant.issuer()])
        .args([&token, "--ca-file"])
        .arg(&roots)
        .assert()
        .code(0);
    assert_eq!(other.requests_to("/moved").len(), 1);
}

#[test]
fn no_redirect_is_followed_with_an_access_token() {
    let tenant = Tenant::builder()
        .tls()
        .responds(USERINFO, to("/elsewhere"))
        .start();
    let error = error_of(login_at(&tenant).arg("--userinfo"));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("the request carries a secret"),
        "{message}"
    );
    assert_eq!(error["status"], json!(302));
    assert_eq!(tenant.requests_to("/elsewhere").len(), 0);
}
