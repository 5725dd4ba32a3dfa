//! Which fetches of keys tokens may cause, over all processes of the user, and which cached
//! documents are doubted.

use std::fs;
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{access_token_of, error_of, program, says, verify_at};
use crate::tenant::{DISCOVERY, Fault, JWKS, Response, Signing, Tenant, jwks};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn fetches(tenant: &Tenant) -> usize {
    tenant.requests_to(JWKS).len()
}

fn tenant() -> Tenant {
    Tenant::builder().cache_control("max-age=3600").start()
}

fn verify(tenant: &Tenant, folder: &TempDir, token: &str) -> Command {
    let mut verify = verify_at(tenant);
    verify.env("XDG_CACHE_HOME", folder.path()).arg(token);
    verify
}

/// Makes everything that was cached or noted this many seconds older.
fn age(folder: &TempDir, seconds: i64) {
    for file in fs::read_dir(folder.path().join("padlock")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (header, document) = text.split_once('\n').unwrap();
        let mut header: Value = serde_json::from_str(header).unwrap();
        header["fetched_at"] = (header["fetched_at"].as_i64().unwrap() - seconds).into();
        fs::write(path, format!("{header}\n{document}")).unwrap();
    }
}

/// A token with a `kid` of its own.
fn unknown_kid(number: usize) -> String {
    let tenant = Tenant::builder()
        .sign_access_token_with(Signing::unknown_kid())
        .access_token_header("kid", format!("unknown-{number}").into());
    access_token_of(&tenant.start())
}

/// The tenant's key set, in which its current key is another one.
fn with_another_key() -> Value {
    let mut set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    let keys = set["keys"].as_array_mut().unwrap();
    let place = |kid: &str| keys.iter().position(|key| key["kid"] == kid).unwrap();
    let (current, next) = (place("percy-current"), place("percy-next"));
    let (one, other) = (keys[current]["n"].clone(), keys[next]["n"].clone());
    keys[current]["n"] = other;
    keys[next]["n"] = one;
    set
}

#[test]
fn unknown_kids_in_twenty_runs_cause_one_fetch_a_minute() {
    let (tenant, folder) = (tenant(), folder());
    let unknown: Vec<String> = (0..4).map(unknown_kid).collect();
    let run = |number: usize| {
        let mut verify = verify(&tenant, &folder, &unknown[number % unknown.len()]);
        error_of(&mut verify)
    };
    for number in 0..20 {
        let error = run(number);
        let reason = error["reasons"][0].as_str().unwrap();
        assert!(reason.contains("no key has the token's kid"), "{reason}");
        let is_explained = reason.contains("; the keys were last fetched at 20")
            && reason.contains("at most once a minute");
        assert_eq!(is_explained, number > 0, "{reason}");
        let hint = error["hint"].as_str().unwrap_or_default();
        assert_eq!(hint.contains("--no-cache"), number > 0, "{hint}");
    }
    assert_eq!(fetches(&tenant), 1);
    age(&folder, 61);
    run(0);
    run(1);
    assert_eq!(fetches(&tenant), 2);
}

#[test]
fn unknown_kids_after_a_valid_token_cause_one_fetch_a_minute() {
    let (tenant, folder) = (tenant(), folder());
    let (good, unknown) = (access_token_of(&tenant), unknown_kid(0));
    verify(&tenant, &folder, &good).assert().code(0);
    for _ in 0..3 {
        verify(&tenant, &folder, &unknown).assert().code(8);
        verify(&tenant, &folder, &good).assert().code(0);
    }
    assert_eq!(fetches(&tenant), 2, "one for no keys, one for unknown kids");
}

#[test]
fn a_hundred_parallel_runs_cause_one_fetch() {
    for is_warm in [false, true] {
        let (tenant, folder) = (tenant(), folder());
        let unknown = unknown_kid(0);
        if is_warm {
            let good = access_token_of(&tenant);
            verify(&tenant, &folder, &good).assert().code(0);
            tenant.clear_requests();
        }
        let start = || {
            let mut process = Process::new(program());
            process
                .env_clear()
                .env("XDG_CACHE_HOME", folder.path())
                .args(["verify", "--any-audience", "--issuer", &tenant.issuer()])
                .arg(&unknown)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            process.spawn().unwrap()
        };
        let runs: Vec<_> = (0..100).map(|_| start()).collect();
        for mut run in runs {
            assert_eq!(run.wait().unwrap().code(), Some(8));
        }
        assert_eq!(fetches(&tenant), 1, "warm: {is_warm}");
    }
}

#[test]
fn a_failed_fetch_for_an_unknown_kid_is_not_repeated_by_other_runs() {
    let (tenant, folder) = (tenant(), folder());
    let (good, unknown) = (access_token_of(&tenant), unknown_kid(0));
    verify(&tenant, &folder, &good).assert().code(0);
    tenant.clear_requests();
    tenant.change(|options| options.fault(JWKS, Fault::Status(503)));
    let error = error_of(&mut verify(&tenant, &folder, &unknown));
    assert_eq!(
        (&error["class"], &error["status"]),
        (&json!("unreachable"), &json!(503))
    );
    for _ in 0..3 {
        let error = error_of(&mut verify(&tenant, &folder, &unknown));
        assert_eq!(error["class"], "unreachable");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("failed at 20") && message.contains(&tenant.issuer()),
            "{message}"
        );
        verify(&tenant, &folder, &good).assert().code(0);
    }
    assert_eq!(fetches(&tenant), 1);
}

#[test]
fn without_a_cache_folder_each_run_counts_for_itself() {
    let tenant = tenant();
    let unknown = unknown_kid(0);
    for runs in 1..=3 {
        let mut verify = verify_at(&tenant);
        verify.write_stdin(format!("{unknown}\n").repeat(20));
        verify.assert().code(8);
        assert_eq!(fetches(&tenant), runs);
    }
}

#[test]
fn a_key_that_was_published_since_is_found_at_once() {
    let tenant = Tenant::builder().cache_control("max-age=3600");
    let (tenant, folder) = (tenant.jwks(with_another_key()).start(), folder());
    let token = access_token_of(&tenant);
    let next = {
        tenant.change(|options| options.sign_access_token_with(Signing::next_key()));
        access_token_of(&tenant)
    };
    for token in [&token, &next] {
        verify(&tenant, &folder, token).assert().code(8);
    }
    let set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    tenant.change(|options| options.jwks(set));
    tenant.clear_requests();
    let refused = error_of(&mut verify(&tenant, &folder, &token));
    let reason = refused["reasons"][0].as_str().unwrap();
    assert!(
        reason.contains("invalid signature") && reason.contains("last fetched at 20"),
        "{reason}"
    );
    assert_eq!(fetches(&tenant), 0, "the minute is not over");
    age(&folder, 61);
    verify(&tenant, &folder, &token).assert().code(0);
    verify(&tenant, &folder, &next).assert().code(0);
    assert_eq!(
        fetches(&tenant),
        1,
        "the signature was wrong under a kid from the disk cache"
    );
}

/// That a wrong signature is checked with fresh keys at once, and then not for a minute; and that the
/// keys at hand stay good where there are no fresh ones.
fn assert_checked_once_a_minute(tenant: &Tenant, good: &str, forged: &str) {
    let folder = folder();
    verify(tenant, &folder, good).assert().code(0);
    tenant.clear_requests();
    for _ in 0..20 {
        verify(tenant, &folder, forged)
            .assert()
            .code(8)
            .stderr(says("invalid signature"));
    }
    assert_eq!(fetches(tenant), 1);
    tenant.change(|options| options.fault(JWKS, Fault::Status(503)));
    age(&folder, 61);
    let error = error_of(&mut verify(tenant, &folder, forged));
    assert_eq!(
        error["class"], "untrusted_token",
        "the keys at hand are still good"
    );
    verify(tenant, &folder, good).assert().code(0);
}

#[test]
fn a_wrong_signature_is_checked_once_more_at_once_and_then_once_a_minute() {
    let tenant = tenant();
    let good = access_token_of(&tenant);
    let thief = Tenant::builder().sign_access_token_with(Signing::unpublished_key());
    let forged = access_token_of(&thief.start());
    assert_checked_once_a_minute(&tenant, &good, &forged);
}

#[test]
fn a_wrong_signature_without_a_kid_is_checked_once_more_in_the_same_way() {
    let options = || Tenant::builder().without_access_token_header("kid");
    let keys = json!({ "keys": [jwks()["keys"][0]] });
    let tenant = options().cache_control("max-age=3600").jwks(keys).start();
    let good = access_token_of(&tenant);
    let thief = options().sign_access_token_with(Signing::unpublished_key());
    let forged = access_token_of(&thief.start());
    assert_checked_once_a_minute(&tenant, &good, &forged);
}

#[test]
fn no_cache_removes_outdated_keys_from_the_cache() {
    let tenant = Tenant::builder().cache_control("max-age=3600");
    let (tenant, folder) = (tenant.jwks(with_another_key()).start(), folder());
    let token = access_token_of(&tenant);
    verify(&tenant, &folder, &token).assert().code(8);
    let set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    tenant.change(|options| options.jwks(set));
    verify(&tenant, &folder, &token).assert().code(8);
    verify(&tenant, &folder, &token)
        .arg("--no-cache")
        .assert()
        .code(0);
    verify(&tenant, &folder, &token).assert().code(0);
}

#[test]
fn keys_that_have_moved_are_found_by_fresh_discovery() {
    for failure in [
        Fault::Status(404),
        Fault::Status(503),
        Fault::Html,
        Fault::ClosesWithoutResponse,
    ] {
        let (tenant, folder) = (tenant(), folder());
        let token = access_token_of(&tenant);
        verify(&tenant, &folder, &token).assert().code(0);
        remove_key_sets(&folder);
        let keys = Response::new(200, include_str!("../tenant/keys/jwks.json"));
        let moved = format!("{}moved", tenant.url());
        tenant.change(|options| {
            let options = options.fault(JWKS, failure).responds("/moved", keys);
            options.discovery_member("jwks_uri", moved.into())
        });
        tenant.clear_requests();
        for _ in 0..2 {
            verify(&tenant, &folder, &token).assert().code(0);
        }
        let moved = tenant.requests_to("/moved").len();
        assert_eq!((tenant.requests_to(DISCOVERY).len(), moved), (1, 1));
    }
}

#[test]
fn keys_that_have_not_moved_are_looked_up_once() {
    let (tenant, folder) = (tenant(), folder());
    let token = access_token_of(&tenant);
    verify(&tenant, &folder, &token).assert().code(0);
    remove_key_sets(&folder);
    tenant.change(|options| options.fault(JWKS, Fault::Status(404)));
    tenant.clear_requests();
    verify(&tenant, &folder, &token)
        .assert()
        .code(7)
        .stderr(says("status 404"));
    assert_eq!(
        (fetches(&tenant), tenant.requests_to(DISCOVERY).len()),
        (1, 1)
    );
}

fn remove_key_sets(folder: &TempDir) {
    for file in fs::read_dir(folder.path().join("padlock")).unwrap() {
        let path = file.unwrap().path();
        if fs::read_to_string(&path).unwrap().contains("\"keys\":[") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn keys_fetched_under_other_roots_are_never_used() {
    let tenant = Tenant::builder()
        .tls()
        .cache_control("max-age=3600")
        .start();
    let (other, folder) = (Tenant::builder().tls().start(), folder());
    let token = access_token_of(&tenant);
    let roots = folder.path().join("roots.pem");
    let certificates = folder.path().join("certificates");
    fs::create_dir(&certificates).unwrap();
    let run = |flag: &str| {
        let mut verify = verify(&tenant, &folder, &token);
        match flag {
            "--ca-file" => drop(verify.arg(flag).arg(&roots)),
            "SSL_CERT_DIR" => drop(verify.env(flag, &certificates)),
            _ => drop(verify.env(flag, &roots)),
        }
        verify
    };
    for flag in ["--ca-file", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let trust = |tenant: &Tenant| {
            fs::copy(tenant.ca_file(), &roots).unwrap();
            fs::copy(tenant.ca_file(), certificates.join("root.pem")).unwrap();
        };
        trust(&tenant);
        run(flag).assert().code(0);
        trust(&other);
        run(flag)
            .assert()
            .code(7)
            .stderr(says("certificate").and(says("--ca-file")));
        trust(&tenant);
        tenant.clear_requests();
        run(flag).assert().code(0);
        assert_eq!(tenant.requests().len(), 0, "{flag}: they are cached");
    }
}
