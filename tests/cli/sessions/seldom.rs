//! What seldom happens to sessions: state that cannot be used, tokens that say little.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{Home, rotating};
use crate::program::{login_at, login_at_issuer, printed, says};
use crate::tenant::{AUDIENCE, Fault, Response, TOKEN, Tenant};

fn signed_in(tenant: &Tenant) -> Home {
    let home = Home::new();
    home.sign_in(tenant);
    home
}

#[test]
fn an_index_that_others_can_read_is_named_by_every_command() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    let index = home.folder().join("sessions.json");
    fs::set_permissions(&index, fs::Permissions::from_mode(0o644)).unwrap();
    for command in ["token", "status", "logout"] {
        let mut run = home.run(&tenant, &[command]);
        run.assert()
            .code(1)
            .stderr(says("sessions.json is not private"));
    }
    home.with(login_at(&tenant))
        .arg("--save")
        .assert()
        .code(1)
        .stderr(says("is not private"));
    assert_eq!(home.session_files().len(), 1);
}

#[test]
fn a_lock_that_is_no_file_is_named_and_no_session_is_used_without_it() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    home.let_tokens_expire();
    let index = home.folder().join("sessions.json.lock");
    let session = home.session_file().with_extension("lock");
    for command in ["token", "logout"] {
        fs::remove_file(&session).ok();
        fs::create_dir_all(&session).unwrap();
        let mut run = home.run(&tenant, &[command]);
        run.assert().code(1).stderr(says("is not a plain file"));
    }
    assert_eq!(tenant.valid_refresh_tokens().len(), 1);
    fs::remove_dir(&session).unwrap();
    fs::remove_file(&index).ok();
    fs::create_dir(&index).unwrap();
    let mut run = home.run(&tenant, &["logout"]);
    run.assert().code(1).stderr(says("is not a plain file"));
}

#[test]
fn a_session_whose_id_token_is_gone_is_renewed_and_damaged_claims_meet_no_requirement() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    home.change_session(|session| drop(session.as_object_mut().unwrap().remove("id_token")));
    let id_token = ["token", "-o", "id-token", "--require-claim", "sub"];
    let shown = printed(&mut home.run(&tenant, &id_token));
    assert_eq!(shown.trim_end().split('.').count(), 3);
    home.change_session(|session| session["id_token"]["claims"] = json!("{"));
    let mut run = home.run(&tenant, &id_token);
    run.assert().code(9).stdout("");
}

#[test]
fn access_tokens_that_say_little_are_kept_for_as_long_as_they_say() {
    let opaque = ["opaque", "a.b", "a.b.c.d", "a.!.c"];
    for token in opaque {
        let tenant = rotating()
            .access_token(token)
            .without_member("expires_in")
            .without_member("scope")
            .start();
        let home = Home::new();
        home.sign_in_with(&tenant, &[]);
        assert_eq!(home.token(&tenant), token);
    }
    let tenant = rotating()
        .without_access_token_claim("exp")
        .without_member("expires_in")
        .start();
    signed_in(&tenant).token(&tenant);
}

#[test]
fn hints_about_another_provider_do_not_name_auth0s_dashboard() {
    let tenant = rotating()
        .plain_provider()
        .without_member("refresh_token")
        .start();
    let home = Home::new();
    home.with(login_at_issuer(&tenant))
        .arg("--save")
        .assert()
        .stderr(says("administrator to allow the scope offline_access"));
    let tenant = rotating().plain_provider().start();
    let home = Home::new();
    let mut login = home.with(login_at_issuer(&tenant));
    printed(login.args(["--save", "--audience", AUDIENCE]));
    let mut run = home.run(&tenant, &["token", "--audience", "https://other.test/"]);
    run.env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .assert()
        .code(5)
        .stderr(says("sign in with --audience and --save"));
}

#[test]
fn of_several_sessions_that_have_ended_one_is_named() {
    let tenant = rotating().start();
    let other = rotating().start();
    let home = signed_in(&tenant);
    home.sign_in(&other);
    for file in home.session_files() {
        let mut session: serde_json::Value =
            serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        session["ended"] = json!({ "at": 1, "reason": "invalid_grant" });
        fs::write(&file, session.to_string()).unwrap();
    }
    home.run_alone(&["token"])
        .assert()
        .code(10)
        .stderr(says("has ended"));
}

#[test]
fn a_renewal_that_finds_no_token_endpoint_keeps_the_session() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    home.let_tokens_expire();
    tenant.change(|options| options.responds(TOKEN, Response::new(404, "<html>")));
    let mut run = home.run(&tenant, &["token"]);
    run.assert().code(7).stdout("");
    tenant.change(crate::tenant::TenantOptions::without_scripts);
    home.token(&tenant);
}

#[test]
fn a_response_to_a_renewal_that_is_too_large_leaves_open_whether_the_token_is_used_up() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    home.let_tokens_expire();
    let huge = Fault::HugeBody {
        bytes: 2 << 20,
        announced: true,
    };
    tenant.change(|options| options.fault(TOKEN, huge));
    let mut run = home.run(&tenant, &["token"]);
    run.assert().code(7).stdout("");
    tenant.change(crate::tenant::TenantOptions::without_scripts);
    let mut run = home.run(&tenant, &["token"]);
    run.assert()
        .stderr(says("may have used up the refresh token"));
}

#[test]
fn a_record_that_others_can_read_is_not_used() {
    let tenant = rotating().start();
    let home = signed_in(&tenant);
    fs::set_permissions(home.session_file(), fs::Permissions::from_mode(0o644)).unwrap();
    for command in ["token", "logout"] {
        let mut run = home.run(&tenant, &[command]);
        run.assert()
            .code(1)
            .stdout("")
            .stderr(says("is not private"));
    }
    assert_eq!(tenant.valid_refresh_tokens().len(), 1);
}
