//! Keys while a stream of tokens stays open: renewed in time, and never fetched once per token.

use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::program::access_token_of;
use crate::stream::Stream;
use crate::tenant::{JWKS, Signing, Tenant, TenantOptions};

/// The tenant's key set, reduced to one key.
fn key_set(kid: &str) -> Value {
    let mut set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    set["keys"]
        .as_array_mut()
        .unwrap()
        .retain(|key| key["kid"] == kid);
    set
}

fn fetches(tenant: &Tenant) -> usize {
    tenant.requests_to(JWKS).len()
}

/// A tenant that publishes its first key only, a token signed with it, and one signed with the
/// next key.
fn rotating(options: TenantOptions) -> (Tenant, String, String) {
    let tenant = options.jwks(key_set("percy-current")).start();
    let old = access_token_of(&tenant);
    tenant.change(|options| options.sign_access_token_with(Signing::next_key()));
    let new = access_token_of(&tenant);
    (tenant, old, new)
}

#[test]
fn expired_keys_are_replaced_by_the_newly_published_ones() {
    let (tenant, old, new) = rotating(Tenant::builder().cache_control("max-age=1"));
    let mut stream = Stream::open(&tenant, &[], &old);
    tenant.change(|options| options.jwks(key_set("percy-next")));
    sleep(Duration::from_millis(1100));
    assert_eq!(stream.verdict(&new)["valid"], true);
    let refused = stream.verdict(&old);
    assert_eq!(refused["valid"], false, "{refused}");
    assert!(
        refused["reasons"][0]
            .as_str()
            .unwrap()
            .contains("no key has the token's kid \"percy-current\""),
        "{refused}"
    );
    assert_eq!(stream.exit(), Some(8));
}

#[test]
fn keys_are_not_fetched_again_before_they_expire() {
    for options in [
        Tenant::builder().cache_control("max-age=600"),
        Tenant::builder().cache_control("no-store"),
    ] {
        let (tenant, old, _) = rotating(options);
        let mut stream = Stream::open(&tenant, &[], &old);
        sleep(Duration::from_millis(1100));
        assert_eq!(
            (&stream.verdict(&old)["valid"], fetches(&tenant)),
            (&json!(true), 1)
        );
        assert_eq!(stream.exit(), Some(0));
    }
}

#[test]
fn unknown_kids_cause_no_further_requests_and_delay_no_verdict() {
    let (tenant, old, _) = rotating(Tenant::builder().cache_control("max-age=600"));
    let forged = access_token_of(
        &Tenant::builder()
            .sign_access_token_with(Signing::unknown_kid())
            .start(),
    );
    let mut stream = Stream::open(&tenant, &[], &old);
    for _ in 0..20 {
        assert_eq!(stream.verdict(&forged)["valid"], false);
        assert_eq!(stream.verdict(&old)["valid"], true);
    }
    assert_eq!(fetches(&tenant), 1, "just fetched, so not fetched again");
    assert_eq!(stream.exit(), Some(8));
}

#[test]
fn expired_keys_that_cannot_be_fetched_again_verify_nothing() {
    let (tenant, old, _) = rotating(Tenant::builder().cache_control("max-age=1"));
    let mut stream = Stream::open(&tenant, &[], &old);
    drop(tenant);
    sleep(Duration::from_millis(1100));
    for _ in 0..2 {
        let verdict = stream.verdict(&old);
        assert_eq!(verdict["valid"], false, "{verdict}");
        assert_eq!(verdict["class"], "unreachable", "{verdict}");
    }
    assert_eq!(stream.exit(), Some(7));
}

#[test]
fn a_token_that_was_valid_before_is_refused_once_its_key_is_withdrawn() {
    let (tenant, old, new) = rotating(Tenant::builder().cache_control("max-age=1"));
    let mut stream = Stream::open(&tenant, &[], &old);
    for _ in 0..5 {
        assert_eq!(stream.verdict(&old)["valid"], true);
    }
    tenant.change(|options| options.jwks(key_set("percy-next")));
    sleep(Duration::from_millis(1100));
    assert_eq!(stream.verdict(&old)["valid"], false);
    assert_eq!(stream.verdict(&new)["valid"], true);
    assert_eq!(stream.verdict(&old)["valid"], false);
}

#[test]
fn a_token_that_was_valid_before_is_refused_once_it_has_ended() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let tenant = Tenant::builder()
        .access_token_claim("exp", json!(now + 4))
        .start();
    let token = access_token_of(&tenant);
    let mut stream = Stream::open(&tenant, &["--leeway", "0"], &token);
    let mut verdicts = Vec::new();
    while verdicts.last() != Some(&false) && verdicts.len() < 100 {
        verdicts.push(stream.verdict(&token)["valid"] == true);
        sleep(Duration::from_millis(100));
    }
    assert!(verdicts.len() > 10, "{verdicts:?}");
    assert_eq!(verdicts.last(), Some(&false));
}

#[test]
fn a_token_that_differs_in_one_character_from_a_valid_one_is_verified_by_itself() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let mut stream = Stream::open(&tenant, &[], &token);
    for _ in 0..5 {
        assert_eq!(stream.verdict(&token)["valid"], true);
    }
    for index in [0, token.len() / 2, token.len() - 40, token.len() - 1] {
        let other = if token.as_bytes()[index] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut changed = token.clone();
        changed.replace_range(index..=index, other);
        assert_eq!(stream.verdict(&changed)["valid"], false, "{index}");
    }
    assert_eq!(stream.verdict(&token)["valid"], true);
}
