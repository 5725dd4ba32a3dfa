//! An issuer's keys on disk: cached for the next run, and fetched again for a key they lack.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{access_token_of, padlock, says, verify_at};
use crate::tenant::{DISCOVERY, JWKS, Signing, Tenant};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The tenant's current key alone, without the one that it will use next.
fn current_key_set() -> Value {
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
fn the_second_run_sends_no_request() {
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
fn an_unknown_kid_fetches_the_keys_again() {
    let tenant = Tenant::builder().cache_control("max-age=3600");
    let (tenant, folder) = (tenant.jwks(current_key_set()).start(), folder());
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
        "one request, for a key that is not published yet"
    );
    edit(&folder, |text| older_by_a_minute(&text));
    let rotated: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    tenant.change(|options| options.jwks(rotated));
    verify(&[new.as_str(), &old, &new, "opaque", &new].join("\n"))
        .assert()
        .code(8)
        .stderr(says("1 of 5"));
    assert_eq!(routes(&tenant), [JWKS]);
    verify(&new).assert().code(0);
    assert_eq!(routes(&tenant), [""; 0], "the new keys are cached");
}

#[test]
fn many_unknown_kids_fetch_the_keys_once_in_a_run() {
    let tenant = Tenant::builder().cache_control("max-age=3600");
    let (tenant, folder) = (tenant.start(), folder());
    let forged = access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unknown_kid())
            .start(),
    );
    let verify = |lines: usize| {
        let url = format!("{}.well-known/jwks.json", tenant.url());
        let mut verify = padlock();
        verify.env("XDG_CACHE_HOME", folder.path()).args([
            "verify",
            "--any-audience",
            "--jwks",
            &url,
        ]);
        verify
            .write_stdin(format!("{forged}\n").repeat(lines))
            .assert()
            .code(8);
    };
    verify(1);
    assert_eq!(
        routes(&tenant),
        [JWKS],
        "just fetched, so not fetched again"
    );
    verify(50);
    assert_eq!(routes(&tenant), [""; 0]);
    edit(&folder, |text| older_by_a_minute(&text));
    verify(50);
    assert_eq!(routes(&tenant), [JWKS]);
}

#[test]
fn an_issuer_needs_no_token_endpoint_for_its_keys() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let url = format!("{}.well-known/jwks.json", tenant.url());
    let document = json!({ "issuer": tenant.issuer(), "jwks_uri": url });
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
fn keys_cached_with_another_ca_are_not_used_without_it() {
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
    assert_eq!(routes(&tenant), [""; 0], "with it they are still cached");
}

#[test]
fn no_cache_fetches_the_keys_and_caches_none() {
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
        "nothing is cached"
    );
    assert_eq!(verify(&[]), [DISCOVERY, JWKS]);
    assert_eq!(
        verify(&["--no-cache"]),
        [DISCOVERY, JWKS],
        "cached keys are not used"
    );
    assert_eq!(verify(&[]), [""; 0]);
}

/// The text of a cached file as if it were a minute older.
fn older_by_a_minute(text: &str) -> String {
    let (header, document) = text.split_once('\n').unwrap();
    let mut header: Value = serde_json::from_str(header).unwrap();
    header["fetched_at"] = (header["fetched_at"].as_i64().unwrap() - 60).into();
    format!("{header}\n{document}")
}

/// Edits every cached file.
fn edit(folder: &TempDir, edit: impl Fn(String) -> String) {
    for file in std::fs::read_dir(folder.path().join("padlock")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, edit(text)).unwrap();
    }
}

#[test]
fn documents_without_a_max_age_are_cached_for_an_hour() {
    let tenant = Tenant::builder()
        .without_header(DISCOVERY, "cache-control")
        .without_header(JWKS, "cache-control");
    let (tenant, folder) = (tenant.start(), folder());
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    let routes_after = |seconds: i64| {
        edit(&folder, |text| {
            let (header, document) = text.split_once('\n').unwrap();
            let mut header: Value = serde_json::from_str(header).unwrap();
            header["fetched_at"] = (crate::tenant::now() - seconds).into();
            format!("{header}\n{document}")
        });
        let mut verify = verify_at(&tenant);
        verify.env("XDG_CACHE_HOME", folder.path()).arg(&token);
        verify.assert().code(0);
        routes(&tenant)
    };
    std::fs::create_dir(folder.path().join("padlock")).unwrap();
    assert_eq!(routes_after(0), [DISCOVERY, JWKS]);
    assert_eq!(routes_after(3590), [""; 0]);
    assert_eq!(routes_after(3600), [DISCOVERY, JWKS]);
}

#[test]
fn a_cached_document_that_is_not_a_key_set_is_fetched_again() {
    let (tenant, folder) = (Tenant::start(), folder());
    let token = access_token_of(&tenant);
    let verify = || {
        tenant.clear_requests();
        let mut verify = verify_at(&tenant);
        verify.env("XDG_CACHE_HOME", folder.path()).arg(&token);
        verify.assert().code(0);
        routes(&tenant)
    };
    verify();
    edit(&folder, |text| text.replace("\"keys\":[", "\"other\":["));
    assert_eq!(verify(), [JWKS]);
    assert_eq!(verify(), [""; 0], "the new one is cached");
}

#[test]
fn keys_cached_for_an_issuer_are_not_used_for_a_url() {
    let (tenant, folder) = (Tenant::start(), folder());
    let token = access_token_of(&tenant);
    let mut by_issuer = verify_at(&tenant);
    let mut by_url = padlock();
    by_url.args([
        "verify",
        "--any-audience",
        "--jwks",
        &format!("{}.well-known/jwks.json", tenant.url()),
    ]);
    for verify in [&mut by_issuer, &mut by_url] {
        tenant.clear_requests();
        verify.env("XDG_CACHE_HOME", folder.path()).arg(&token);
        verify.assert().code(0);
    }
    assert_eq!(routes(&tenant), [JWKS]);
}
