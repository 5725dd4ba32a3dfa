//! Keys in a stream that stays open: new ones are learnt, withdrawn ones forgotten, and made-up ones asked for in vain.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::access_token_of;
use crate::stream::Stream;
use crate::tenant::{JWKS, Signing, Tenant, TenantOptions};

/// The tenant's key set with one of its keys alone.
fn alone(kid: &str) -> Value {
    let mut set: Value = serde_json::from_str(include_str!("../tenant/keys/jwks.json")).unwrap();
    set["keys"]
        .as_array_mut()
        .unwrap()
        .retain(|key| key["kid"] == kid);
    set
}

fn asked(tenant: &Tenant) -> usize {
    tenant.requests_to(JWKS).len()
}

/// A tenant that has its first key alone, with a token of it and one of the key that comes next.
fn rotating(options: TenantOptions) -> (Tenant, String, String) {
    let tenant = options.jwks(alone("percy-current")).start();
    let old = access_token_of(&tenant);
    tenant.change(|options| options.sign_access_token_with(Signing::next_key()));
    let new = access_token_of(&tenant);
    (tenant, old, new)
}

#[test]
fn when_their_time_is_over_new_keys_are_learnt_and_withdrawn_ones_forgotten() {
    let (tenant, old, new) = rotating(Tenant::builder().cache_control("max-age=1"));
    let mut stream = Stream::open(&tenant, &[], &old);
    tenant.change(|options| options.jwks(alone("percy-next")));
    sleep(Duration::from_millis(1100));
    assert_eq!(stream.verdict(&new)["valid"], true);
    let refused = stream.verdict(&old);
    assert_eq!(refused["valid"], false, "{refused}");
    assert!(
        refused["reasons"][0]
            .as_str()
            .unwrap()
            .contains("no key is called \"percy-current\""),
        "{refused}"
    );
    assert_eq!(stream.exit(), Some(8));
}

#[test]
fn while_they_last_keys_are_not_fetched_again() {
    for options in [
        Tenant::builder().cache_control("max-age=600"),
        Tenant::builder().cache_control("no-store"),
    ] {
        let (tenant, old, _) = rotating(options);
        let mut stream = Stream::open(&tenant, &[], &old);
        sleep(Duration::from_millis(1100));
        assert_eq!(
            (&stream.verdict(&old)["valid"], asked(&tenant)),
            (&json!(true), 1)
        );
        assert_eq!(stream.exit(), Some(0));
    }
}

#[test]
fn made_up_kids_cause_no_storm_of_requests_and_cost_nobody_the_verdict() {
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
    assert_eq!(
        asked(&tenant),
        1,
        "just fetched: nothing fresher can be had"
    );
    assert_eq!(stream.exit(), Some(8));
}

#[test]
fn keys_whose_time_is_over_and_that_cannot_be_had_again_end_the_run() {
    let (tenant, old, _) = rotating(Tenant::builder().cache_control("max-age=1"));
    let mut stream = Stream::open(&tenant, &[], &old);
    drop(tenant);
    sleep(Duration::from_millis(1100));
    assert_eq!(stream.last_verdict(&old), None);
    assert_eq!(stream.exit(), Some(7));
}
