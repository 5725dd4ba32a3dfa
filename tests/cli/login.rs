//! The main job: log in, verify, print.

use serde_json::{Value, json};

use crate::program::{error_of, login_at, login_at_issuer, padlock_at, says};
use crate::tenant::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, PASSWORD_REALM, REALM, Signing, Tenant,
    USER_PASSWORD,
};

const TABLE: &str = "\
+--------------------------------------------------------------+
|                         Robin Percy                          |
+------------------+----------+--------------------------------+
| Email Address    | Nickname | ID                             |
+------------------+----------+--------------------------------+
| robin@percy.test | robin    | auth0|65f1c0de8a1b2c3d4e5f0001 |
+------------------+----------+--------------------------------+
";

#[test]
fn a_login_prints_the_users_table_and_nothing_else() {
    login_at(&Tenant::start())
        .assert()
        .code(0)
        .stdout(TABLE)
        .stderr("");
}

#[test]
fn the_command_login_does_the_same_as_no_command() {
    let tenant = Tenant::start();
    padlock_at(&tenant)
        .args(["login", "--password", USER_PASSWORD, "--email", EMAIL])
        .assert()
        .code(0)
        .stdout(TABLE);
}

#[test]
fn an_hs256_login_is_verified_with_the_client_secret_and_fetches_no_keys() {
    let tenant = Tenant::builder().hs256().start();
    login_at(&tenant).assert().code(0).stdout(TABLE);
    assert_eq!(tenant.requests().len(), 1);
}

#[test]
fn the_grant_is_one_json_post_with_auth0s_fields() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--audience", AUDIENCE])
        .assert()
        .code(0);
    let posts = tenant.requests_to("/oauth/token");
    assert_eq!(posts.len(), 1);
    assert_eq!(
        (posts[0].method.as_str(), posts[0].header("content-type")),
        ("POST", Some("application/json"))
    );
    let body: Value = serde_json::from_slice(&posts[0].body).unwrap();
    let expected = json!({
        "grant_type": PASSWORD, "username": EMAIL, "password": USER_PASSWORD, "audience": AUDIENCE,
        "scope": "openid profile email", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    assert_eq!(body, expected);
}

#[test]
fn a_realm_uses_auth0s_password_realm_grant() {
    let tenant = Tenant::builder().without_default_directory().start();
    login_at(&tenant)
        .args(["--realm", REALM])
        .assert()
        .code(0)
        .stdout(TABLE);
    let post = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(
        (post.field("grant_type"), post.field("realm")),
        (Some(PASSWORD_REALM.into()), Some(REALM.into()))
    );
}

#[test]
fn scope_audience_client_id_and_domain_can_be_flags() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_DOMAIN", "unused.test")
        .env("AUTH0_CLIENT_ID", "unused")
        .env("AUTH0_SCOPE", "unused");
    login.args([
        "--domain",
        tenant.url(),
        "--client-id",
        CLIENT_ID,
        "--scope",
        "openid email",
        "--audience",
        AUDIENCE,
    ]);
    login.assert().code(0);
    let post = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(post.field("scope"), Some("openid email".into()));
    assert_eq!(post.field("audience"), Some(AUDIENCE.into()));
}

#[test]
fn a_public_client_sends_no_secret() {
    let tenant = Tenant::builder().public_client().start();
    login_at(&tenant).assert().code(0).stdout(TABLE);
    assert_eq!(
        tenant.requests_to("/oauth/token")[0].field("client_secret"),
        None
    );
}

#[test]
fn any_other_openid_provider_is_found_by_discovery() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.issuer())
        .assert()
        .code(0)
        .stdout(TABLE);
    let post = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(
        post.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(post.field("password"), Some(USER_PASSWORD.into()));
}

#[test]
fn a_discovery_document_of_another_issuer_is_refused_before_the_password_is_sent() {
    let tenant = Tenant::builder().issuer("https://other.test/").start();
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .env("AUTH0_ISSUER", tenant.url());
    login
        .assert()
        .code(7)
        .stdout("")
        .stderr(says("https://other.test/"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn a_user_without_a_name_gets_a_table_without_a_title() {
    let tenant = Tenant::builder()
        .without_claim("name")
        .without_claim("nickname")
        .start();
    let table = "\
+------------------+----------+--------------------------------+
| Email Address    | Nickname | ID                             |
+------------------+----------+--------------------------------+
| robin@percy.test |          | auth0|65f1c0de8a1b2c3d4e5f0001 |
+------------------+----------+--------------------------------+
";
    login_at(&tenant).assert().code(0).stdout(table);
}

#[test]
fn a_user_without_an_e_mail_address_is_shown_by_name() {
    let tenant = Tenant::builder().without_claim("email").start();
    login_at(&tenant)
        .assert()
        .code(0)
        .stdout(says("| Robin Percy   | robin "));
}

#[test]
fn a_base64_client_secret_is_decoded_only_if_the_setting_says_so() {
    let secret = "cGVyY3ktbG9vcGJhY2stc2VjcmV0LTAxMjM0NTY3ODlhYmNkZWY";
    let bytes = b"percy-loopback-secret-0123456789abcdef";
    let tenant = Tenant::builder()
        .client_secret(secret)
        .sign_with(Signing::hs256(bytes))
        .start();
    let login = || {
        let mut login = login_at(&tenant);
        login.args(["--algorithm", "HS256"]);
        login
    };
    let error = error_of(&mut login());
    assert_eq!(error["exit"], 8);
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("--client-secret-encoding base64"), "{hint}");
    login()
        .args(["--client-secret-encoding", "base64"])
        .assert()
        .code(0);
    login()
        .env(
            "AUTH0_CLIENT_SECRET",
            "not base64: 0123456789abcdef0123456789abcdef",
        )
        .args(["--client-secret-encoding", "base64"])
        .assert()
        .code(2)
        .stderr(says("it is not base64"));
}

#[test]
fn a_response_without_an_id_token_says_why_there_is_none() {
    let message = |login: &mut assert_cmd::Command| {
        let error = error_of(login);
        assert_eq!(
            (&error["exit"], &error["class"]),
            (&json!(7), &json!("bad_answer"))
        );
        error["message"].as_str().unwrap().to_owned()
    };
    let strict = Tenant::builder()
        .first_client(|client| client.id = "tpc_11yVRjGzYTcWmTLVjtSYXD".into())
        .without_id_token()
        .start();
    let found = message(&mut login_at(&strict));
    assert!(found.contains("strict third-party application"), "{found}");
    let other = Tenant::builder()
        .plain_provider()
        .without_id_token()
        .start();
    let found = message(&mut login_at_issuer(&other));
    assert!(
        found.contains("this provider issues none with this grant"),
        "{found}"
    );
    let found = message(login_at_issuer(&other).args(["--scope", "profile"]));
    assert_eq!(found, "the response has no id_token");
}
