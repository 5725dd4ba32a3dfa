//! `padlock status`: what is known here, without any request.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use super::{Home, rotating};
use crate::program::{login_at, printed, says};
use crate::tenant::{AUDIENCE, CLIENT_ID, EMAIL, Tenant};

#[test]
fn status_shows_who_where_and_for_how_long_and_never_a_token() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    for command in ["status", "whoami"] {
        let text = printed(&mut home.run(&tenant, &[command]));
        for shown in [
            EMAIL,
            "auth0|65f1c0de8a1b2c3d4e5f0001",
            tenant.url(),
            CLIENT_ID,
            AUDIENCE,
            "openid profile email offline_access",
            "active",
            "Access token",
            "ends 20",
            "ID token",
            "Renewal due  | no",
            "file",
        ] {
            assert!(text.contains(shown), "{shown} in\n{text}");
        }
        for secret in [
            &home.session()["refresh_token"],
            &home.session()["id_token"]["token"],
        ] {
            assert!(!text.contains(secret.as_str().unwrap()));
        }
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn status_as_json_has_the_times_in_seconds() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    let status = |home: &Home| -> Value {
        let text = printed(&mut home.run_alone(&["status", "--output", "json"]));
        serde_json::from_str::<Value>(&text).unwrap()["sessions"][0].clone()
    };
    let shown = status(&home);
    let stored = home.session();
    assert_eq!(shown["account"], EMAIL);
    assert_eq!(shown["tenant"], tenant.url());
    assert_eq!(shown["state"], "active");
    assert_eq!(shown["renewal_due"], json!(false));
    assert_eq!(shown["store"], "file");
    let expires_at = &stored["access_tokens"][0]["expires_at"];
    assert_eq!(&shown["access_tokens"][0]["expires_at"], expires_at);
    assert_eq!(shown["signed_in_at"], stored["signed_in_at"]);
    home.let_tokens_expire();
    assert_eq!(status(&home)["renewal_due"], json!(true));
}

#[test]
fn status_all_shows_the_sessions_of_every_tenant() {
    let (first, second, home) = (rotating().start(), rotating().start(), Home::new());
    home.sign_in(&first);
    home.sign_in(&second);
    let one = printed(&mut home.run(&first, &["status"]));
    assert!(one.contains(first.url()) && !one.contains(second.url()));
    let all = printed(&mut home.run(&first, &["status", "--all"]));
    assert!(all.contains(first.url()) && all.contains(second.url()));
    home.run(&Tenant::start(), &["status"]).assert().code(10);
}

#[test]
fn status_of_a_dead_session_says_why_and_exits_with_10() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.change_session(|session| session["ended"] = json!({"at": 1, "reason": "it was revoked"}));
    let mut run = home.run(&tenant, &["status"]);
    run.assert()
        .code(10)
        .stdout(says("ended: it was revoked"))
        .stderr(says("has ended"));
}

#[test]
fn text_from_the_tenant_is_escaped() {
    let tenant = rotating().claim("email", json!("a\u{1b}[2Jb")).start();
    let home = Home::new();
    printed(home.with(login_at(&tenant)).arg("--save"));
    let text = printed(&mut home.run(&tenant, &["status"]));
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_record_that_cannot_be_read_is_named_with_the_next_step_beside_the_good_ones() {
    let (first, second, home) = (rotating().start(), rotating().start(), Home::new());
    home.sign_in(&first);
    let damaged = home.session_file();
    home.sign_in(&second);
    std::fs::write(&damaged, "{").unwrap();
    let name = damaged.file_name().unwrap().to_string_lossy().into_owned();
    let mut all = home.run(&first, &["status", "--all"]);
    let run = all.assert().code(0).stdout(says(second.url()));
    let run = run.stdout(says("unreadable: "));
    run.stderr(says("remove ").and(says(&name)).and(says("sign in again")));
    let all = printed(&mut home.run(&first, &["status", "--all", "--output", "json"]));
    let all: Value = serde_json::from_str(&all).unwrap();
    let states = all["sessions"].as_array().unwrap();
    let mut states: Vec<_> = states.iter().map(|one| one["state"].clone()).collect();
    states.sort_by_key(Value::to_string);
    assert_eq!(states, ["active", "unreadable"]);
    // Alone, it is the failure.
    let run = home.run(&first, &["status"]).assert().code(1);
    run.stdout(says("unreadable: "))
        .stderr(says("is damaged").and(says(&name)));
    home.run(&second, &["status"]).assert().code(0).stderr("");
}
