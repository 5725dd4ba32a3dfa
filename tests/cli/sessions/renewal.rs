//! A renewal: when, with what, and what is made of the response.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Home, assert_current, refreshes, rotating};
use crate::program::{error_of, padlock_at, printed, says};
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, Factor, Signing, Tenant, client_key_file};

fn home_with_expired_token(tenant: &Tenant) -> Home {
    let home = Home::new();
    home.sign_in(tenant);
    home.let_tokens_expire();
    home
}

#[test]
fn a_token_that_has_run_out_is_renewed_and_the_rotated_refresh_token_is_stored() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let before = home.session()["refresh_token"].clone();
    for _ in 0..3 {
        home.token(&tenant);
    }
    let sent = refreshes(&tenant);
    assert_eq!(sent.len(), 1);
    let expected = json!({
        "grant_type": "refresh_token", "refresh_token": before,
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    assert_eq!(Value::Object(sent[0].fields()), expected);
    assert_ne!(home.session()["refresh_token"], before);
    assert_current(&home, &tenant);
}

#[test]
fn a_session_is_renewed_again_and_again() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    for _ in 0..4 {
        home.let_tokens_expire();
        home.token(&tenant);
    }
    assert_eq!(refreshes(&tenant).len(), 4);
    assert_current(&home, &tenant);
}

#[test]
fn a_refresh_token_that_is_not_rotated_is_kept() {
    let tenant = Tenant::start();
    let home = home_with_expired_token(&tenant);
    let before = home.session()["refresh_token"].clone();
    home.token(&tenant);
    home.let_tokens_expire();
    home.token(&tenant);
    assert_eq!(home.session()["refresh_token"], before);
}

#[test]
fn min_ttl_decides_when_a_token_is_renewed() {
    let (tenant, home) = (
        rotating().member("expires_in", json!(100)).start(),
        Home::new(),
    );
    home.sign_in(&tenant);
    for (min_ttl, renewals) in [("0", 0), ("60", 0), ("90", 0), ("101", 1)] {
        printed(&mut home.run(&tenant, &["token", "--min-ttl", min_ttl]));
        assert_eq!(refreshes(&tenant).len(), renewals, "{min_ttl}");
    }
}

#[test]
fn the_expiry_of_a_jwt_counts_where_the_response_does_not_say() {
    let tenant = rotating().without_member("expires_in").start();
    let home = Home::new();
    home.sign_in(&tenant);
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 0);
    // Of an opaque one nothing is known, so that it is not used again.
    home.sign_in_with(&tenant, &[]);
    home.token(&tenant);
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 2);
}

#[test]
fn a_clock_that_was_set_back_costs_a_renewal_and_nothing_else() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.change_session(|session| {
        let stored = &mut session["access_tokens"][0];
        stored["obtained_at"] = json!(stored["obtained_at"].as_i64().unwrap() + 1000);
    });
    home.token(&tenant);
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_current(&home, &tenant);
}

#[test]
fn access_tokens_are_kept_per_scope() {
    let tenant = rotating().start();
    let home = Home::new();
    home.sign_in(&tenant);
    let scoped = |scope: &str| {
        let mut run = home.run(&tenant, &["token", "--output", "json", "--scope", scope]);
        let json: Value = serde_json::from_str(&printed(&mut run)).unwrap();
        json["scope"].as_str().unwrap().to_owned()
    };
    assert_eq!(scoped("openid email"), "openid email");
    assert_eq!(scoped("email  openid"), "openid email");
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_eq!(
        refreshes(&tenant)[0].field("scope").as_deref(),
        Some("openid email")
    );
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 1);
}

#[test]
fn a_token_for_another_audience_is_not_printed_and_the_session_lives_on() {
    let other = "https://other.percy.test/";
    let tenant = rotating().api(other, &[]).start();
    let home = Home::new();
    home.sign_in(&tenant);
    let error = error_of(&mut home.run(&tenant, &["token", "--audience", other]));
    assert_eq!(error["exit"], 5);
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("Multi-Resource Refresh Token") && hint.contains("--save"),
        "{hint}"
    );
    assert_eq!(
        refreshes(&tenant)[0].field("audience").as_deref(),
        Some(other)
    );
    assert_current(&home, &tenant);
    home.token(&tenant);
    // An opaque token says nothing of whom it is for.
    home.sign_in_with(&tenant, &[]);
    let mut run = home.run(&tenant, &["token", "--audience", AUDIENCE]);
    run.assert().code(5).stdout("");
    home.token(&tenant);
}

#[test]
fn a_token_for_another_audience_that_names_it_is_printed_and_kept() {
    let other = "https://other.percy.test/";
    let tenant = rotating().api(other, &[]).start();
    let home = Home::new();
    home.sign_in(&tenant);
    tenant.change(|options| options.access_token_claim("aud", json!([other, "x"])));
    let first = printed(&mut home.run(&tenant, &["token", "--audience", other]));
    let second = printed(&mut home.run(&tenant, &["token", "--audience", other]));
    assert_eq!(first, second);
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_ne!(home.token(&tenant), first.trim_end());
    assert_eq!(refreshes(&tenant).len(), 1);
}

#[test]
fn a_renewed_id_token_must_be_valid_and_for_the_same_user() {
    let tenant = rotating().claim("auth_time", json!(1_700_000_000)).start();
    let home = home_with_expired_token(&tenant);
    for (name, value, message) in [
        ("sub", json!("auth0|other"), "sub has changed"),
        ("iss", json!("https://other.test/"), "iss"),
        ("aud", json!("other"), "aud"),
        ("exp", json!(5), "exp is in the past"),
    ] {
        tenant.change(|options| options.claim(name, value));
        home.run(&tenant, &["token"])
            .assert()
            .code(8)
            .stdout("")
            .stderr(says(message));
        // The refresh token that came along is still good.
        assert_current(&home, &tenant);
        tenant.change(|options| match name {
            "sub" => options.claim(name, json!("auth0|65f1c0de8a1b2c3d4e5f0001")),
            "iss" => options.claim(name, json!(tenant_issuer(&tenant))),
            "aud" => options.claim(name, json!(CLIENT_ID)),
            _ => options.claim(name, json!(9_000_000_000_u64)),
        });
    }
    tenant.change(|options| options.sign_with(Signing::unpublished_key()));
    home.run(&tenant, &["token"]).assert().code(8).stdout("");
    tenant.change(|options| options.sign_with(Signing::current_key()));
    // Some providers put the time of the renewal there.
    tenant.change(|options| options.claim("auth_time", json!(1_700_000_001)));
    home.token(&tenant);
    assert_current(&home, &tenant);
}

fn tenant_issuer(tenant: &Tenant) -> String {
    tenant.url().to_owned()
}

#[test]
fn an_id_token_is_renewed_when_it_is_asked_for() {
    let tenant = rotating().start();
    let home = Home::new();
    home.sign_in(&tenant);
    home.change_session(|session| session["id_token"]["expires_at"] = json!(1));
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 0);
    let mut run = home.run(&tenant, &["token", "--output", "id-token"]);
    let renewed = printed(&mut run);
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_eq!(home.session()["id_token"]["token"], renewed.trim_end());
}

#[test]
fn a_public_client_renews_without_a_secret_and_a_confidential_one_needs_it() {
    let tenant = rotating().public_client().start();
    let home = home_with_expired_token(&tenant);
    printed(&mut home.run_alone(&["token"]));
    assert_eq!(refreshes(&tenant).len(), 1);
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let mut run = home.run_alone(&["token"]);
    run.assert().code(2).stderr(says("AUTH0_CLIENT_SECRET"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_client_with_a_key_renews_with_an_assertion() {
    let tenant = rotating().private_key_jwt(Algorithm::RS256).start();
    let key = client_key_file(Algorithm::RS256);
    let arguments = ["--client-key-file", key.to_str().unwrap()];
    let home = Home::new();
    home.sign_in_with(&tenant, &arguments);
    home.let_tokens_expire();
    printed(home.run(&tenant, &["token"]).args(arguments));
    assert!(refreshes(&tenant)[0].field("client_assertion").is_some());
}

#[test]
fn a_second_factor_at_a_renewal_leaves_the_session_alive() {
    let tenant = rotating()
        .first_user(|user| user.factors = vec![Factor::otp("123456")])
        .refresh_requires_mfa()
        .start();
    let home = home_with_expired_token(&tenant);
    let error = error_of(&mut home.run(&tenant, &["token"]));
    assert_eq!(
        (&error["exit"], &error["factors"]),
        (&json!(4), &json!(["otp"]))
    );
    assert_current(&home, &tenant);
    let mut run = home.run(&tenant, &["token", "--otp", "123456"]);
    printed(&mut run);
    home.token(&tenant);
    assert_eq!(refreshes(&tenant).len(), 2);
}

#[test]
fn what_comes_for_a_second_factor_has_its_place_before_the_factor_is_sent() {
    let tenant = rotating()
        .first_user(|user| user.factors = vec![Factor::otp("123456")])
        .refresh_requires_mfa()
        .start();
    let home = home_with_expired_token(&tenant);
    // As if another program took the place that the new file needs.
    let place = format!("{}.new", home.session_file().display());
    let command = format!("mkdir {place}; echo 123456");
    printed(&mut home.run(&tenant, &["token", "--otp-command", &command]));
    home.token(&tenant);
    assert_current(&home, &tenant);
}

#[test]
fn the_last_number_of_changes_is_no_overflow() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    home.change_session(|session| session["generation"] = u64::MAX.into());
    home.token(&tenant);
    assert_current(&home, &tenant);
    home.sign_in(&tenant);
    home.token(&tenant);
    home.run(&tenant, &["logout"]).assert().code(0);
}

#[test]
fn requirements_are_checked_on_stored_and_on_renewed_tokens() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    for _ in 0..2 {
        for (flag, value, exit) in [
            ("--require-scope", "email", 0),
            ("--require-scope", "other", 9),
            ("--require-permission", "read:messages", 0),
            ("--require-permission", "write:messages", 9),
            ("--require-claim", "email=robin@percy.test", 0),
            ("--require-claim", "missing", 9),
        ] {
            let mut run = home.run(&tenant, &["token", flag, value]);
            run.assert().code(exit);
        }
        home.let_tokens_expire();
    }
}

#[test]
fn an_access_token_whose_scope_is_required_is_verified() {
    let tenant = rotating()
        .sign_access_token_with(Signing::unpublished_key())
        .start();
    let home = Home::new();
    home.sign_in(&tenant);
    let mut run = home.run(&tenant, &["token", "--require-scope", "email"]);
    run.assert().code(8).stdout("");
}

#[test]
fn settings_of_another_tenant_never_reach_the_session_s() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    let other = Tenant::start();
    // The environment names the other tenant, so that its secret is not sent to this one.
    let mut run = home.with(padlock_at(&other));
    run.args(["token"]).assert().code(10);
    assert_eq!((tenant.requests().len(), other.requests().len()), (0, 0));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.env");
    let text = format!("AUTH0_DOMAIN={}\nAUTH0_CLIENT_SECRET=x\n", other.url());
    std::fs::write(&file, text).unwrap();
    let mut run = home.run_alone(&["token", "--domain", tenant.url(), "--env-file"]);
    run.arg(&file)
        .assert()
        .code(2)
        .stderr(says("AUTH0_CLIENT_SECRET"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_dot_env_s_certificates_never_serve_a_saved_session() {
    let tenant = rotating().tls().start();
    let home = Home::new();
    home.sign_in(&tenant);
    home.let_tokens_expire();
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant.settings();
    let lines = settings.iter().map(|(name, value)| match *name {
        "PADLOCK_CA_FILE" => {
            std::fs::copy(value, folder.path().join("ca.pem")).unwrap();
            "PADLOCK_CA_FILE=ca.pem\n".to_owned()
        }
        name => format!("{name}={value}\n"),
    });
    std::fs::write(folder.path().join(".env"), lines.collect::<String>()).unwrap();
    let mut run = home.run_alone(&["token"]);
    run.current_dir(folder.path())
        .assert()
        .code(7)
        .stderr(says("PADLOCK_CA_FILE in ./.env is ignored"));
    assert_eq!(refreshes(&tenant).len(), 0);
}

#[test]
fn a_secret_that_is_not_for_the_session_s_tenant_is_said_to_be_ignored() {
    let tenant = rotating().start();
    let home = home_with_expired_token(&tenant);
    let folder = tempfile::tempdir().unwrap();
    let line = format!("AUTH0_CLIENT_SECRET={CLIENT_SECRET}\n");
    std::fs::write(folder.path().join(".env"), line).unwrap();
    let mut run = home.run_alone(&["token"]);
    let note = "AUTH0_CLIENT_SECRET in .env is ignored, since .env does not name the tenant";
    run.current_dir(folder.path())
        .assert()
        .code(2)
        .stderr(says(note));
    assert_eq!(refreshes(&tenant).len(), 0);
}

#[test]
fn an_odd_refresh_token_in_a_response_does_not_replace_the_good_one() {
    let tenant = Tenant::start();
    let home = home_with_expired_token(&tenant);
    tenant.change(|options| options.member("refresh_token", json!(["x"])));
    home.token(&tenant);
    assert_current(&home, &tenant);
}
