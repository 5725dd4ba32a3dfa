//! The discovery document of a login, which may come from the cache on disk.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{access_token_of, login_at_issuer, padlock_at, says, verify_at};
use crate::tenant::{AUDIENCE, DISCOVERY, Fault, JWKS, REVOKE, TOKEN, Tenant, TenantOptions};

const TOKEN_ENDPOINT: &str = "token_endpoint";

/// A tenant whose document may be used for an hour, so that only an error is a reason to fetch it.
fn tenant_with_a_lasting_document() -> TenantOptions {
    Tenant::builder().cache_control("max-age=3600")
}

/// A login whose cache is in this folder.
fn login(tenant: &Tenant, cache: &TempDir) -> Command {
    let mut login = login_at_issuer(tenant);
    login.env("XDG_CACHE_HOME", cache.path());
    login
}

/// Requests for the discovery document that a login takes.
fn requests_of_login(tenant: &Tenant, cache: &TempDir) -> usize {
    tenant.clear_requests();
    login(tenant, cache).assert().code(0);
    tenant.requests_to(DISCOVERY).len()
}

fn documents(cache: &TempDir) -> Vec<PathBuf> {
    let files = fs::read_dir(cache.path().join("padlock")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect()
}

/// Lets the one document in the cache be that many seconds older.
fn age(cache: &TempDir, seconds: i64) {
    let [file] = documents(cache).try_into().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let (head, document) = text.split_once('\n').unwrap();
    let mut head: serde_json::Value = serde_json::from_str(head).unwrap();
    head["fetched_at"] = json!(head["fetched_at"].as_i64().unwrap() - seconds);
    fs::write(&file, format!("{head}\n{document}")).unwrap();
}

#[test]
fn a_second_login_at_an_issuer_needs_no_request_for_its_document() {
    for allowed in ["", "max-age=3600", "max-age=15", "no-store"] {
        let tenant = Tenant::builder().cache_control(allowed).start();
        let cache = TempDir::new().unwrap();
        assert_eq!(requests_of_login(&tenant, &cache), 1, "{allowed}");
        assert_eq!(requests_of_login(&tenant, &cache), 0, "{allowed}");
        let other = TempDir::new().unwrap();
        assert_eq!(requests_of_login(&tenant, &other), 1, "{allowed}");
    }
}

#[test]
fn a_document_is_used_for_as_long_as_its_headers_allow_from_a_minute_to_an_hour() {
    for (allowed, seconds) in [
        ("max-age=86400", 3600),
        ("max-age=600", 600),
        ("max-age=15", 60),
        ("no-store", 60),
    ] {
        let tenant = Tenant::builder().cache_control(allowed).start();
        let cache = TempDir::new().unwrap();
        requests_of_login(&tenant, &cache);
        age(&cache, seconds - 10);
        assert_eq!(requests_of_login(&tenant, &cache), 0, "{allowed}");
        age(&cache, 10);
        assert_eq!(requests_of_login(&tenant, &cache), 1, "{allowed}");
    }
}

#[test]
fn a_token_endpoint_of_another_origin_is_asked_for_each_time() {
    let elsewhere = Tenant::start();
    let endpoint = format!("{}oauth/token", elsewhere.url());
    let tenant = Tenant::builder()
        .discovery_member(TOKEN_ENDPOINT, json!(endpoint))
        .start();
    elsewhere.change(|options| options.claim("iss", json!(tenant.issuer())));
    let cache = TempDir::new().unwrap();
    for _ in 0..3 {
        assert_eq!(requests_of_login(&tenant, &cache), 1);
    }
    assert_eq!(elsewhere.passwords_received(), 3);
}

#[test]
fn a_changed_file_does_not_choose_where_the_password_is_sent() {
    let (tenant, attacker) = (Tenant::start(), Tenant::start());
    let cache = TempDir::new().unwrap();
    requests_of_login(&tenant, &cache);
    let [file] = documents(&cache).try_into().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let (head, document) = text.split_once('\n').unwrap();
    for member in [TOKEN_ENDPOINT, "mfa_challenge_endpoint"] {
        let mut changed: serde_json::Value = serde_json::from_str(document).unwrap();
        changed[member] = json!(format!("{}oauth/token", attacker.url()));
        fs::write(&file, format!("{head}\n{changed}")).unwrap();
        assert_eq!(requests_of_login(&tenant, &cache), 1, "{member}");
    }
    assert_eq!(attacker.requests().len(), 0);
}

#[test]
fn a_token_endpoint_that_has_moved_is_found_in_a_fresh_document() {
    let tenant = tenant_with_a_lasting_document().start();
    let former = format!("{}former/token", tenant.url());
    tenant.change(|options| options.discovery_member(TOKEN_ENDPOINT, json!(former)));
    let cache = TempDir::new().unwrap();
    login(&tenant, &cache).assert().code(5).stderr(says("404"));
    let endpoint = format!("{}oauth/token", tenant.url());
    tenant.change(|options| options.discovery_member(TOKEN_ENDPOINT, json!(endpoint)));

    tenant.clear_requests();
    login(&tenant, &cache).assert().code(5).stderr(says("404"));
    assert_eq!(
        tenant.requests_to(DISCOVERY).len(),
        0,
        "a document younger than a minute is not fetched again"
    );
    age(&cache, 60);
    assert_eq!(requests_of_login(&tenant, &cache), 1);
    assert_eq!(tenant.requests_to(TOKEN).len(), 1);
    assert_eq!(requests_of_login(&tenant, &cache), 0);
}

#[test]
fn a_token_endpoint_that_has_moved_and_does_not_respond_is_not_said_to_be_missing() {
    let tenant = tenant_with_a_lasting_document().start();
    let former = format!("{}former/token", tenant.url());
    tenant.change(|options| options.discovery_member(TOKEN_ENDPOINT, json!(former)));
    let cache = TempDir::new().unwrap();
    login(&tenant, &cache).assert().code(5);
    let endpoint = format!("{}oauth/token", tenant.url());
    tenant.change(|options| {
        let options = options.discovery_member(TOKEN_ENDPOINT, json!(endpoint));
        options.fault(TOKEN, Fault::ClosesWithoutResponse)
    });
    age(&cache, 60);
    let failed = login(&tenant, &cache).assert().code(7);
    failed.stderr(says("incomplete response"));
}

#[test]
fn keys_that_have_moved_are_found_in_a_fresh_document() {
    let tenant = tenant_with_a_lasting_document().start();
    let former = format!("{}former/keys", tenant.url());
    tenant.change(|options| options.discovery_member("jwks_uri", json!(former)));
    let cache = TempDir::new().unwrap();
    login(&tenant, &cache).assert().code(7);
    let keys = format!("{}.well-known/jwks.json", tenant.url());
    tenant.change(|options| options.discovery_member("jwks_uri", json!(keys)));
    age(&cache, 60);
    assert_eq!(requests_of_login(&tenant, &cache), 1);
    assert_eq!(tenant.requests_to(JWKS).len(), 1);
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn a_grant_that_a_cached_document_lacks_is_looked_up_before_it_is_an_error() {
    let grants =
        |options: TenantOptions, grants| options.discovery_member("grant_types_supported", grants);
    let tenant = grants(tenant_with_a_lasting_document(), json!(["implicit"])).start();
    let cache = TempDir::new().unwrap();
    for _ in 0..2 {
        tenant.clear_requests();
        login(&tenant, &cache).assert().code(5);
        assert_eq!(tenant.requests_to(DISCOVERY).len(), 1);
    }
    tenant.change(|options| grants(options, json!(["password"])));
    assert_eq!(requests_of_login(&tenant, &cache), 1);
    assert_eq!(requests_of_login(&tenant, &cache), 0);
}

#[test]
fn login_and_verify_do_not_share_a_document() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let cache = TempDir::new().unwrap();
    let verify = || {
        let mut verify = verify_at(&tenant);
        verify.env("XDG_CACHE_HOME", cache.path());
        verify.write_stdin(token.as_str()).assert().code(0);
        tenant.requests_to(DISCOVERY).len()
    };
    tenant.clear_requests();
    assert_eq!(verify(), 1);
    assert_eq!(requests_of_login(&tenant, &cache), 1);
    tenant.clear_requests();
    assert_eq!(verify(), 0);
}

#[test]
fn a_document_that_came_under_other_roots_is_not_used() {
    let tenant = Tenant::builder().tls().start();
    let cache = TempDir::new().unwrap();
    assert_eq!(requests_of_login(&tenant, &cache), 1);
    assert_eq!(requests_of_login(&tenant, &cache), 0);
    let more = cache.path().join("roots.pem");
    let roots = fs::read_to_string(tenant.ca_file()).unwrap();
    let own = fs::read_to_string(tenant.certificate_file()).unwrap();
    fs::write(&more, roots + &own).unwrap();
    tenant.clear_requests();
    let mut login = login(&tenant, &cache);
    login.env("PADLOCK_CA_FILE", &more).assert().code(0);
    assert_eq!(tenant.requests_to(DISCOVERY).len(), 1);
}

#[test]
fn a_revocation_endpoint_that_a_cached_document_lacks_is_looked_up() {
    let tenant = tenant_with_a_lasting_document()
        .without_discovery_member("revocation_endpoint")
        .start();
    let cache = TempDir::new().unwrap();
    let state = |command: &mut Command| {
        command.env("XDG_STATE_HOME", cache.path().join("state"));
        command.assert().code(0);
    };
    state(login(&tenant, &cache).arg("--save"));
    let endpoint = format!("{}oauth/revoke", tenant.url());
    tenant.change(|options| options.discovery_member("revocation_endpoint", json!(endpoint)));
    age(&cache, 60);
    let mut logout = padlock_at(&tenant);
    logout
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .env("XDG_CACHE_HOME", cache.path())
        .arg("logout");
    state(&mut logout);
    assert_eq!(tenant.requests_to(REVOKE).len(), 1);
}

#[test]
fn every_command_at_an_issuer_uses_the_document() {
    let tenant = Tenant::start();
    let cache = TempDir::new().unwrap();
    requests_of_login(&tenant, &cache);
    tenant.clear_requests();
    let mut command = padlock_at(&tenant);
    command
        .env_remove("AUTH0_DOMAIN")
        .env("XDG_CACHE_HOME", cache.path())
        .args(["client-credentials", "--issuer", &tenant.issuer()])
        .args(["--audience", AUDIENCE]);
    command.assert().code(0);
    assert_eq!(tenant.requests_to(DISCOVERY).len(), 0);
}

/// Runs `logins` logins, `at_once` of them at the same time, and counts the requests for the document.
fn requests_of_logins(tenant: &Tenant, logins: usize, at_once: usize) -> usize {
    let cache = TempDir::new().unwrap();
    let begun = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while begun.fetch_add(1, Ordering::Relaxed) < logins {
                    login(tenant, &cache).assert().code(0);
                }
            });
        }
    });
    assert_eq!(tenant.passwords_received(), logins);
    tenant.requests_to(DISCOVERY).len()
}

#[test]
fn a_hundred_logins_at_once_fetch_the_document_once() {
    let tenant = Tenant::builder().cache_control("no-store").start();
    assert_eq!(requests_of_logins(&tenant, 100, 20), 1);
}

#[test]
fn logins_at_once_wait_for_the_document_of_a_slow_issuer() {
    let slow = Duration::from_secs(4);
    let tenant = Tenant::builder().delay(DISCOVERY, slow).start();
    assert_eq!(requests_of_logins(&tenant, 5, 5), 1);
}
