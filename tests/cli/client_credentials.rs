//! `padlock client-credentials`: a token for the application itself.

use serde_json::{Value, json};

use crate::program::{login_at, padlock_at, says};
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, Tenant};

fn tenant() -> Tenant {
    Tenant::builder().access_token("at.at.at").start()
}

fn command(tenant: &Tenant, output: &[&str]) -> assert_cmd::Command {
    let mut command = padlock_at(tenant);
    command
        .args(["client-credentials", "--audience", AUDIENCE])
        .args(output);
    command
}

#[test]
fn the_bare_access_token_is_printed() {
    let tenant = tenant();
    command(&tenant, &[])
        .assert()
        .code(0)
        .stdout("at.at.at\n")
        .stderr("");
    let body: Value = serde_json::from_slice(&tenant.requests()[0].body).unwrap();
    let expected = json!({
        "grant_type": "client_credentials", "audience": AUDIENCE,
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    assert_eq!((tenant.requests().len(), body), (1, expected));
}

#[test]
fn every_output_format_contains_the_token() {
    let tenant = tenant();
    let output = |format: &str| {
        let output = command(&tenant, &["--output", format])
            .output()
            .unwrap()
            .stdout;
        String::from_utf8(output).unwrap()
    };
    assert_eq!(output("header"), "Authorization: Bearer at.at.at\n");
    assert_eq!(
        output("curl"),
        "header = \"Authorization: Bearer at.at.at\"\n"
    );
    for format in ["json", "tokens"] {
        let response: Value = serde_json::from_str(&output(format)).unwrap();
        assert_eq!(
            (&response["access_token"], &response["token_type"]),
            (&json!("at.at.at"), &json!("Bearer"))
        );
    }
}

#[test]
fn output_formats_about_a_user_are_refused() {
    for format in ["table", "id-token"] {
        command(&tenant(), &["--output", format]).assert().code(2);
    }
}

#[test]
fn an_audience_and_a_secret_are_required() {
    let tenant = tenant();
    padlock_at(&tenant)
        .arg("client-credentials")
        .assert()
        .code(2)
        .stderr(says("--audience"));
    command(&tenant, &[])
        .env_remove("AUTH0_CLIENT_SECRET")
        .assert()
        .code(2)
        .stderr(says("AUTH0_CLIENT_SECRET"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_refusal_exits_with_5() {
    let wrong_secret = "x".repeat(40);
    command(&tenant(), &[])
        .env("AUTH0_CLIENT_SECRET", wrong_secret)
        .assert()
        .code(5)
        .stderr(says("client secret"));
    let refuses = Tenant::builder().grants(&[]).start();
    command(&refuses, &[])
        .assert()
        .code(5)
        .stdout("")
        .stderr(says("Grant Types"));
}

#[test]
fn an_organization_is_sent_where_the_grant_carries_it_and_refused_where_not() {
    let tenant = Tenant::start();
    for by_flag in [true, false] {
        let mut run = padlock_at(&tenant);
        run.args(["client-credentials", "--audience", AUDIENCE]);
        let mut login = login_at(&tenant);
        if by_flag {
            run.args(["--organization", "org_1"]);
            login.args(["--organization", "org_1"]);
        } else {
            run.env("AUTH0_ORGANIZATION", "org_1");
            login.env("AUTH0_ORGANIZATION", "org_1");
        }
        run.assert().code(0);
        let sent = tenant.requests_to("/oauth/token")[0].field("organization");
        assert_eq!(sent, Some("org_1".into()));
        tenant.clear_requests();
        login
            .assert()
            .code(2)
            .stderr(says("cannot carry an organization"));
        assert_eq!(tenant.requests().len(), 0);
    }
}
