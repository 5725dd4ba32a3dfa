//! For whom a token is, who may present it, and tokens that are of another kind.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{access_token_of, padlock, says, verify_at};
use crate::tenant::{AUDIENCE, Signing, Tenant, now};

/// An id_token of the tenant with these claims, which no login would accept.
fn signed(tenant: &Tenant, claims: &[(&str, Value)]) -> String {
    let mut all = json!({ "iss": tenant.issuer(), "sub": "user", "aud": "web", "iat": now(), "exp": now() + 60 });
    for (name, value) in claims {
        all[*name] = value.clone();
    }
    let signing = Signing::current_key();
    signing.sign(&signing.header(), all.to_string().as_bytes())
}

#[test]
fn azp_is_the_audience_unless_another_party_or_any_is_authorized() {
    let web = ["--audience", "web"];
    let flags = |party: &'static str| [&web[..], &["--authorized-party", party]].concat();
    let both = ("aud", json!(["web", "other"]));
    for (claims, flags, code) in [
        (vec![], web.to_vec(), 0),
        (vec![("azp", json!("web"))], web.to_vec(), 0),
        // Google's sign-in on Android.
        (vec![("azp", json!("android"))], web.to_vec(), 8),
        (vec![("azp", json!("android"))], flags("android"), 0),
        (vec![("azp", json!("android"))], flags("ios"), 8),
        (vec![], flags("android"), 8),
        (vec![("azp", json!("android"))], flags("any"), 0),
        // NetSuite's two audiences.
        (vec![both.clone()], web.to_vec(), 8),
        (vec![both.clone()], flags("any"), 0),
        (vec![both.clone(), ("azp", json!("web"))], web.to_vec(), 0),
    ] {
        let found = verify_id_token(&claims, &flags);
        assert_eq!(found, code, "{claims:?} {flags:?}");
    }
}

/// The exit code for an id_token with these claims.
fn verify_id_token(claims: &[(&str, Value)], flags: &[&str]) -> i32 {
    let tenant = Tenant::start();
    let token = signed(&tenant, claims);
    let mut verify = padlock();
    verify
        .args(["verify", "--issuer", &tenant.issuer(), "--kind", "id-token"])
        .args(flags);
    verify.arg(token).output().unwrap().status.code().unwrap()
}

#[test]
fn without_an_audience_a_token_for_anyone_is_refused_before_it_is_read() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    for kind in ["access-token", "id-token"] {
        let verify = |flags: &[&str]| {
            let mut verify = padlock();
            verify
                .args(["verify", "--issuer", &tenant.issuer(), "--kind", kind])
                .args(flags)
                .arg(&token);
            verify
        };
        let refused = verify(&[]).assert().code(2).stdout("");
        refused.stderr(says("--audience").and(says("--any-audience")));
        verify(&["--audience", ""]).assert().code(2).stdout("");
    }
    let mut jwt = padlock();
    jwt.args([
        "verify",
        "--issuer",
        &tenant.issuer(),
        "--kind",
        "jwt",
        &token,
    ])
    .assert()
    .code(0);
}

#[test]
fn a_token_of_another_kind_is_refused_by_its_claims() {
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    for (name, value) in [
        ("at_hash", json!("x")),
        ("c_hash", json!("x")),
        ("events", event.clone()),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
        ("typ", json!("Logout")),
    ] {
        let tenant = Tenant::builder().access_token_claim(name, value).start();
        let token = access_token_of(&tenant);
        let mut verify = verify_at(&tenant);
        verify
            .args(["--audience", AUDIENCE, &token])
            .assert()
            .code(8)
            .stderr(says("another kind"));
    }
    let logout = Tenant::start();
    let token = signed(&logout, &[("events", event)]);
    let mut verify = verify_at(&logout);
    verify.args(["--kind", "id-token", "--audience", "web", &token]);
    verify
        .assert()
        .code(8)
        .stdout("")
        .stderr(says("another kind"));
}

#[test]
fn a_token_bound_to_a_key_is_no_bearer_token_unless_another_program_checks_the_proof() {
    for confirmation in [
        json!({ "jkt": "x" }),
        json!({ "x5t#S256": "x" }),
        json!(null),
    ] {
        let tenant = Tenant::builder()
            .access_token_claim("cnf", confirmation)
            .start();
        let token = access_token_of(&tenant);
        let refused = verify_at(&tenant).arg(&token).assert().code(8).stdout("");
        refused.stderr(says("bound to a key (cnf)"));
        verify_at(&tenant)
            .args(["--allow-bound", &token])
            .assert()
            .code(0);
    }
}
