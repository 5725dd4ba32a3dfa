//! Providers other than Auth0: their words are understood, and Auth0's dashboard is not named.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{error_of, login_at, login_at_issuer, says};
use crate::tenant::{
    CLIENT_SECRET, Factor, KEYCLOAK_TOKEN, Response, Signing, Tenant, TenantOptions,
};

/// What the program says of a refusal of the password grant.
fn refused_by(tenant: TenantOptions, status: u16, code: &str, words: &str) -> Value {
    let body = json!({ "error": code, "error_description": words }).to_string();
    let response = Response::new(status, body);
    let tenant = tenant.responds(KEYCLOAK_TOKEN, response.clone());
    let tenant = tenant.token_error(response).start();
    error_of(&mut login_at_issuer(&tenant))
}

/// Each case: status, code and words of a response; the exit code, and parts of message and hint.
fn assert_understood(tenant: fn() -> TenantOptions, cases: &[(u16, &str, &str, i64, &str, &str)]) {
    for (status, code, words, exit, message, hint) in cases {
        let error = refused_by(tenant(), *status, code, words);
        assert_eq!(error["exit"], *exit, "{words}: {error}");
        let found = error["message"].as_str().unwrap();
        assert!(found.contains(message), "{words}: {error}");
        let found = error["hint"].as_str().unwrap();
        assert!(found.contains(hint), "{words}: {error}");
        let text = error.to_string();
        for word in ["Auth0", "Actions", "Monitoring", "Settings →", "an Action"] {
            assert!(!text.contains(word), "{words}: {error}");
        }
    }
}

fn plain() -> TenantOptions {
    Tenant::builder().plain_provider()
}

fn keycloak() -> TenantOptions {
    Tenant::builder().keycloak()
}

#[test]
fn keycloaks_words_are_understood() {
    let grant = "invalid_grant";
    assert_understood(
        keycloak,
        &[
            (
                401,
                grant,
                "Invalid user credentials",
                3,
                "the one-time code is wrong",
                "--otp",
            ),
            (
                400,
                grant,
                "Account is not fully set up",
                5,
                "not complete",
                "with a browser",
            ),
            (
                400,
                grant,
                "Account disabled",
                5,
                "the account is disabled",
                "enable the account",
            ),
            (
                400,
                grant,
                "Account temporarily disabled",
                6,
                "locked",
                "unlock",
            ),
            (
                401,
                "invalid_client",
                "Invalid client or Invalid client credentials",
                5,
                "client authentication failed",
                "client secret",
            ),
            (
                401,
                "unauthorized_client",
                "Invalid client or Invalid client credentials",
                5,
                "no application",
                "client secret",
            ),
            (
                400,
                "unauthorized_client",
                "Client not allowed for direct access grants",
                5,
                "may not use the password grant",
                "Direct access grants",
            ),
            (
                400,
                "invalid_scope",
                "Invalid scopes: odd",
                5,
                "odd",
                "--scope",
            ),
            (
                400,
                grant,
                "Something else",
                5,
                "Something else",
                "ask an administrator",
            ),
        ],
    );
}

#[test]
fn entras_numbers_are_understood() {
    let words = |number: &str| format!("AADSTS{number}: Some words. Trace ID: 1 Correlation ID: 2");
    for (number, code, exit, message) in [
        (
            "50126",
            "invalid_grant",
            3,
            "the user name or the password is wrong",
        ),
        (
            "50034",
            "invalid_grant",
            3,
            "the user name or the password is wrong",
        ),
        ("50053", "invalid_grant", 6, "the account is locked"),
        ("50055", "invalid_grant", 5, "the password has expired"),
        ("50057", "invalid_grant", 5, "the account is disabled"),
        ("50076", "invalid_grant", 4, "a second factor is required"),
        (
            "50076",
            "interaction_required",
            4,
            "a second factor is required",
        ),
        (
            "50079",
            "interaction_required",
            4,
            "a second factor is required",
        ),
        ("53003", "access_denied", 5, "Conditional Access"),
        (
            "50105",
            "invalid_grant",
            5,
            "not assigned to the application",
        ),
        ("65001", "invalid_grant", 5, "requires consent"),
        (
            "7000215",
            "invalid_client",
            5,
            "client authentication failed",
        ),
        ("700016", "unauthorized_client", 5, "no such application"),
        ("7000218", "invalid_client", 5, "without a secret"),
        ("501260", "invalid_grant", 5, "Some words"),
    ] {
        let error = refused_by(plain(), 400, code, &words(number));
        assert_eq!(error["exit"], exit, "{number}: {error}");
        let found = error["message"].as_str().unwrap();
        assert!(found.contains(message), "{number}: {error}");
        assert!(
            found.contains(&words(number)),
            "{number}: the provider's words are shown"
        );
        assert_eq!(error["code"], code);
    }
}

#[test]
fn oktas_words_are_understood() {
    let grant = "invalid_grant";
    let policy =
        "Policy evaluation failed for this request, please check the policy configurations.";
    let sign_on = "Resource owner password credentials authentication denied by sign on policy.";
    let unassigned = "User is not assigned to the client application.";
    let grants = "The client is not authorized to use the provided grant type. Configured: []";
    let wrong = "The credentials provided were invalid.";
    assert_understood(
        plain,
        &[
            (400, grant, wrong, 3, "is wrong", "check both"),
            (
                400,
                grant,
                sign_on,
                5,
                "a sign-on policy refuses",
                "second factor",
            ),
            (
                400,
                "access_denied",
                policy,
                5,
                "a sign-on policy refuses",
                "with a browser",
            ),
            (
                400,
                "access_denied",
                unassigned,
                5,
                "not assigned",
                "assign the user",
            ),
            (
                400,
                "unauthorized_client",
                grants,
                5,
                "the password grant",
                "allow the grant",
            ),
        ],
    );
}

#[test]
fn a_wrong_password_is_known_by_the_words_of_many_servers() {
    let django = "The resource owner or authorization server denied the request.";
    let rfc = "The provided authorization grant is invalid, expired, revoked, does not match …";
    for (status, code, words) in [
        (403, "access_denied", django),
        (401, "invalid_grant", rfc),
        (400, "invalid_grant", "grant request is invalid"),
        (400, "invalid_grant", "Bad credentials"),
        (401, "unauthorized", "Bad credentials"),
        (400, "invalid_grant", "invalid_username_or_password"),
        (400, "invalid_grant", "The user credentials were incorrect."),
        (400, "invalid_grant", ""),
    ] {
        assert_understood(plain, &[(status, code, words, 3, "is wrong", "check both")]);
    }
}

#[test]
fn other_reasons_are_not_reported_as_a_wrong_password() {
    let grant = "invalid_grant";
    let locked = "Your account has been locked because of too many failed attempts";
    let unknown = "refused the request: Your mother sends her love";
    let odd = "refused the request: x (status 400, odd_thing)";
    assert_understood(
        plain,
        &[
            (
                403,
                "access_denied",
                "only on Mondays",
                5,
                "only on Mondays",
                "wrong password",
            ),
            (400, grant, "User is locked out.", 6, "locked", "unlock"),
            (401, "unauthorized", locked, 6, "locked", "unlock"),
            (
                400,
                grant,
                "Your password has expired.",
                5,
                "has expired",
                "change it",
            ),
            (
                400,
                grant,
                "Your mother sends her love",
                5,
                unknown,
                "check the user name",
            ),
            (400, "odd_thing", "x", 5, odd, "whose logs"),
            (
                500,
                "server_error",
                "",
                7,
                "internal error",
                "try again later",
            ),
        ],
    );
}

#[test]
fn a_challenge_page_or_an_unknown_message_does_not_name_auth0_elsewhere() {
    for (status, body) in [
        (200, "<html>"),
        (500, ""),
        (403, "error code: 1010"),
        (404, "<html>"),
    ] {
        let tenant = plain().token_response(status, &[], body).start();
        let error = error_of(&mut login_at_issuer(&tenant));
        let text = error.to_string();
        assert!(!text.contains("uth0"), "{text}");
    }
}

#[test]
fn an_issuer_that_is_auth0_is_recognized() {
    let body = r#"{"error":"access_denied","error_description":"only on Mondays"}"#;
    let tenant = Tenant::builder().token_response(403, &[], body).start();
    for mut login in [login_at(&tenant), login_at_issuer(&tenant)] {
        login
            .assert()
            .code(5)
            .stderr(says("an Action of the tenant").and(says("Actions → Triggers")));
    }
}

#[test]
fn keycloak_gets_the_one_time_code_beside_the_password() {
    let tenant = keycloak().factor(Factor::otp("123456")).start();
    login_at_issuer(&tenant)
        .assert()
        .code(3)
        .stderr(says("one-time code").and(says("--otp")));
    tenant.clear_requests();
    let login = || login_at_issuer(&tenant);
    login()
        .args(["--otp", "123 456"])
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    login().env("PADLOCK_OTP", "123456").assert().code(0);
    login()
        .args(["--otp-command", "echo 123456"])
        .assert()
        .code(0);
    login()
        .arg("--otp-stdin")
        .write_stdin("123456\n")
        .assert()
        .code(0);
    for request in tenant
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
    {
        assert_eq!(request.field("totp"), Some("123456".into()));
        assert_eq!(request.field("otp"), None);
    }
    login()
        .args(["--otp", "000000"])
        .assert()
        .code(3)
        .stderr(says("000000").not());
}

#[test]
fn a_code_that_another_provider_cannot_take_is_refused_before_anything_is_sent() {
    for flags in [
        &["--otp", "123456"][..],
        &["--otp-command", "echo 123456"],
        &["--otp-stdin"],
        &["--factor", "push"],
    ] {
        let tenant = plain().start();
        login_at_issuer(&tenant)
            .args(flags)
            .assert()
            .code(2)
            .stdout("")
            .stderr(says(flags[0]).and(says("provider")));
        assert_eq!(tenant.passwords_received(), 0);
    }
    let tenant = plain().start();
    login_at_issuer(&tenant)
        .env("PADLOCK_OTP", "123456")
        .assert()
        .code(2)
        .stderr(says("PADLOCK_OTP"));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn the_hint_for_another_algorithm_names_auth0s_dashboard_only_at_auth0() {
    let hs256 = Signing::hs256(CLIENT_SECRET.as_bytes());
    let hint = |login: &mut assert_cmd::Command| {
        let error = error_of(login);
        assert_eq!(error["exit"], 8, "{error}");
        error["hint"].as_str().unwrap().to_owned()
    };
    let other = plain().sign_with(hs256.clone()).start();
    let found = hint(login_at_issuer(&other).args(["--algorithm", "RS256"]));
    assert!(
        found.contains("AUTH0_ALGORITHM=HS256") && !found.contains('→'),
        "{found}"
    );
    let auth0 = Tenant::builder().sign_with(hs256).start();
    let found = hint(login_at(&auth0).args(["--algorithm", "RS256"]));
    assert!(
        found.contains("Applications → … → Advanced Settings"),
        "{found}"
    );
}

#[test]
fn uaas_client_with_an_empty_secret_authenticates() {
    let tenant = plain()
        .first_client(|client| client.id = "cf".into())
        .client_secret("")
        .discovery_member(
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic"]),
        )
        .start();
    login_at_issuer(&tenant)
        .env("AUTH0_CLIENT_SECRET", "")
        .assert()
        .code(0);
    let request = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(request.header("authorization"), Some("Basic Y2Y6"));
}
