//! Several sessions: one for each tenant, application and account.

use serde_json::Value;

use super::{Home, rotating};
use crate::program::{error_of, printed, says};
use crate::tenant::{Client, EMAIL, Tenant, TenantOptions, USER_PASSWORD};

const OTHER: &str = "kim@percy.test";

fn two_accounts() -> (Tenant, Home) {
    two_accounts_of(rotating())
}

fn two_accounts_of(tenant: TenantOptions) -> (Tenant, Home) {
    let tenant = tenant.user(OTHER, USER_PASSWORD).start();
    let home = Home::new();
    for email in [EMAIL, OTHER] {
        let mut login = home.run(&tenant, &["--save", "--email", email]);
        printed(login.args(["--password", USER_PASSWORD]));
    }
    tenant.clear_requests();
    (tenant, home)
}

fn account(run: &mut assert_cmd::Command) -> Value {
    let status: Value = serde_json::from_str(&printed(run)).unwrap();
    assert_eq!(status["sessions"].as_array().unwrap().len(), 1);
    status["sessions"][0]["account"].clone()
}

#[test]
fn where_the_settings_do_not_decide_the_candidates_are_listed() {
    let (tenant, home) = two_accounts();
    for command in ["token", "logout"] {
        let error = error_of(&mut home.run(&tenant, &[command]));
        assert_eq!(
            (&error["class"], error["exit"].as_i64()),
            (&"usage".into(), Some(2))
        );
        let reasons = error["reasons"].to_string();
        assert!(
            reasons.contains(EMAIL) && reasons.contains(OTHER),
            "{reasons}"
        );
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn accounts_of_one_email_address_are_told_apart_by_their_ids() {
    let (tenant, home) = two_accounts_of(rotating().claim("email", EMAIL.into()));
    let error = error_of(&mut home.run(&tenant, &["token"]));
    let reasons = error["reasons"].to_string();
    for id in [
        "auth0|65f1c0de8a1b2c3d4e5f0001",
        "auth0|65f1c0de8a1b2c3d4e5f0002",
    ] {
        assert!(reasons.contains(id), "{reasons}");
        printed(&mut home.run(&tenant, &["token", "--email", id]));
    }
}

#[test]
fn the_email_picks_a_session_in_any_letter_case_and_so_does_the_user_s_id() {
    let (tenant, home) = two_accounts();
    let json = ["status", "--output", "json", "--email"];
    for email in [OTHER, "KIM@percy.TEST", "auth0|65f1c0de8a1b2c3d4e5f0002"] {
        let mut run = home.run(&tenant, &json);
        assert_eq!(account(run.arg(email)), OTHER, "{email}");
        printed(&mut home.run(&tenant, &["token", "-e", email]));
    }
    let mut run = home.run(&tenant, &["status", "--output", "json"]);
    assert_eq!(account(run.env("PADLOCK_EMAIL", OTHER)), OTHER);
    let mut run = home.run(&tenant, &["token", "--email", "no@percy.test"]);
    run.assert().code(10).stderr(says(OTHER));
}

#[test]
fn the_tenant_and_the_application_pick_a_session() {
    let first = rotating()
        .client(Client {
            id: "other-client".to_owned(),
            secret: None,
            keys: Vec::new(),
            grants: vec!["password".to_owned(), "refresh_token".to_owned()],
            authorized_apis: Vec::new(),
            management_scopes: Vec::new(),
        })
        .start();
    let second = rotating().start();
    let home = Home::new();
    home.sign_in(&first);
    home.sign_in(&second);
    let other = ["--client-id", "other-client"];
    let mut login = home.run(&first, &["--save", "--email", EMAIL]);
    login.env_remove("AUTH0_CLIENT_SECRET").args(other);
    printed(login.args(["--password", USER_PASSWORD]));
    let tokens: Vec<_> = [
        printed(&mut home.run(&first, &["token"])),
        printed(home.run(&first, &["token"]).args(other)),
        printed(&mut home.run(&second, &["token"])),
        printed(home.run_alone(&["token", "--domain"]).arg(second.url())),
    ]
    .into();
    assert_ne!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);
    assert_eq!(tokens[2], tokens[3]);
    let mut run = home.run_alone(&["token"]);
    run.assert().code(2);
    // A domain and an issuer name the same tenant.
    let issuer = second.url().trim_end_matches('/');
    let again = printed(home.run_alone(&["token", "--issuer"]).arg(issuer));
    assert_eq!(again, tokens[2]);
}

#[test]
fn without_any_session_the_exit_is_10() {
    let (tenant, home) = (Tenant::start(), Home::new());
    for command in ["token", "status", "whoami", "logout"] {
        let error = error_of(&mut home.run(&tenant, &[command]));
        assert_eq!(error["class"], "no_session", "{command}");
        assert!(error["hint"].as_str().unwrap().contains("--save"));
    }
    home.run(&tenant, &["run", "--", "true"]).assert().code(10);
    assert!(!home.state().exists());
}

#[test]
fn a_session_that_has_ended_does_not_stand_in_the_way_of_another() {
    let (tenant, home) = two_accounts();
    let mut run = home.run(&tenant, &["logout", "--email", OTHER]);
    run.env(
        "AUTH0_CLIENT_SECRET",
        "wrong-secret-0123456789abcdefghijklmnopqrst",
    );
    run.assert().code(5);
    printed(&mut home.run(&tenant, &["token"]));
}

#[test]
fn the_name_of_an_account_comes_before_an_id_that_is_the_same() {
    let named = rotating().start();
    let identified = rotating().user(OTHER, USER_PASSWORD);
    let identified = identified.claim("sub", EMAIL.into()).start();
    let home = Home::new();
    home.sign_in(&named);
    let mut login = home.run(&identified, &["--save", "--email", OTHER]);
    printed(login.args(["--password", USER_PASSWORD]));
    let tenant_of = |email: &str| {
        let arguments = ["status", "--output", "json", "--email", email];
        let status = printed(&mut home.run_alone(&arguments));
        let status: Value = serde_json::from_str(&status).unwrap();
        assert_eq!(status["sessions"].as_array().unwrap().len(), 1);
        status["sessions"][0]["tenant"].clone()
    };
    assert_eq!(tenant_of(EMAIL), named.url());
    assert_eq!(tenant_of(OTHER), identified.url());
}
