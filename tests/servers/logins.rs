//! Logins and sessions that every change is tested with.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::server::{Server, assert_rejects_wrong_credentials, assert_shows_robin, claims};
use crate::session::assert_keeps_a_session;

#[test]
fn doorkeeper_with_hs256() {
    let Some(server) = Server::start("doorkeeper", &[("ALG", "HS256")]) else {
        return;
    };
    let login = || {
        let mut login = server.login();
        login.env("AUTH0_ALGORITHM", "HS256");
        login
    };
    assert_shows_robin(&server, login);
    assert_rejects_wrong_credentials(&server, login);
    server.login().assert().code(7).stdout("");
    let mut credentials = server.padlock();
    credentials.args([
        "client-credentials",
        "--issuer",
        &server.issuer,
        "--scope",
        "read:things",
        "--output",
        "header",
    ]);
    credentials
        .assert()
        .code(0)
        .stdout(contains("Authorization: Bearer "));
}

#[test]
fn oauth2_mock_server_with_rs256() {
    let Some(server) = Server::start("oauth2-mock-server", &[]) else {
        return;
    };
    assert_shows_robin(&server, || server.login());
    assert_rejects_wrong_credentials(&server, || server.login());
    let mut second_factor = server.padlock();
    second_factor
        .args(["--email", "robin@percy.test", "--password", "mfa"])
        .assert()
        .code(4)
        .stdout("");
    server
        .login()
        .env("AUTH0_ALGORITHM", "HS256")
        .assert()
        .code(8)
        .stdout("")
        .stderr(contains("AUTH0_ALGORITHM"));
}

#[test]
fn auth0_simulator_over_tls_with_a_private_root() {
    let Some(server) = Server::start("auth0-simulator", &[]) else {
        return;
    };
    let root = server.scratch.join("tls/ca.pem");
    let login = |password: &str| {
        let mut login = server.padlock();
        login.arg("--ca-file").arg(&root).args([
            "--email",
            "robin@percy.test",
            "--password",
            password,
        ]);
        login
    };
    assert_shows_robin(&server, || login("pa55word"));
    login("wrong")
        .assert()
        .code(5)
        .stdout("")
        .stderr(contains("401").and(contains("check the password")));
    server
        .login()
        .assert()
        .code(7)
        .stdout("")
        .stderr(contains("certificate"));
}

#[test]
fn oidc_provider_by_discovery_with_every_algorithm() {
    let Some(server) = Server::start("oidc-provider", &[]) else {
        return;
    };
    for (client, algorithm) in [
        ("", "RS256"),
        ("-hs256", "HS256"),
        ("-es256", "ES256"),
        ("-ps256", "PS256"),
        ("-eddsa", "EdDSA"),
    ] {
        let mut login = server.login();
        login
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", &server.issuer)
            .env("AUTH0_ALGORITHM", algorithm);
        login.env("AUTH0_CLIENT_ID", format!("padlock-cli{client}"));
        assert_eq!(
            claims(&mut login)["aud"],
            format!("padlock-cli{client}"),
            "{algorithm}"
        );
        login
            .env("AUTH0_ALGORITHM", "RS512")
            .assert()
            .code(2)
            .stdout("");
    }
}

#[test]
fn sessions_at_oidc_provider() {
    if let Some(server) = Server::start("oidc-provider", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_doorkeeper() {
    if let Some(server) = Server::start("doorkeeper", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_lemonldap_ng() {
    if let Some(server) = Server::start("lemonldap-ng", &[]) {
        assert_keeps_a_session(&server, || server.login(), &server.issuer);
    }
}

#[test]
fn sessions_at_glewlwyd() {
    if let Some(server) = Server::start("glewlwyd", &[]) {
        let document = format!("{}api/oidc/.well-known/openid-configuration", server.issuer);
        let login = || {
            let mut login = server.login();
            login.args(["--discovery-url", &document]);
            login
        };
        assert_keeps_a_session(&server, login, &server.issuer);
    }
}
