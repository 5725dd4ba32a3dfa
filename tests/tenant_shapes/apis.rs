//! Resources and refresh tokens.

use std::time::Duration;

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, Tenant, TenantOptions};
use crate::{error_of, http, post, post_to};

fn tokens(tenant: &Tenant, changes: &Value) -> Value {
    let response = post(tenant, changes);
    assert_eq!(response.status(), 200);
    response.json().unwrap()
}

fn get(tenant: &Tenant, path: &str, token: &Value) -> Response {
    let token = token.as_str().unwrap_or_default();
    http()
        .get(format!("{}{path}", tenant.url()))
        .bearer_auth(token)
        .send()
        .unwrap()
}

#[test]
fn userinfo_returns_the_claims_of_the_scopes() {
    let tenant = Tenant::start();
    for audience in [json!(null), json!(AUDIENCE)] {
        let token = &tokens(
            &tenant,
            &json!({ "audience": audience, "scope": "openid email" }),
        )["access_token"];
        let claims: Value = get(&tenant, "userinfo", token).json().unwrap();
        let sub = "auth0|65f1c0de8a1b2c3d4e5f0001";
        assert_eq!(
            claims,
            json!({ "sub": sub, "email": "robin@percy.test", "email_verified": true })
        );
    }
    tenant.change(|options| options.userinfo_claim("sub", json!("auth0|else")));
    let token = &tokens(&tenant, &json!({}))["access_token"];
    let claims: Value = get(&tenant, "userinfo", token).json().unwrap();
    assert_eq!(
        [&claims["sub"], &claims["nickname"]],
        ["auth0|else", "robin"]
    );
}

#[test]
fn userinfo_reports_errors_in_a_header() {
    let tenant = Tenant::start();
    let without_openid = tokens(
        &tenant,
        &json!({ "audience": AUDIENCE, "scope": "read:messages" }),
    );
    for token in [&json!("guessed"), &without_openid["access_token"]] {
        let response = get(&tenant, "userinfo", token);
        assert_eq!(response.status(), 401);
        assert!(
            response.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .contains("error=\"invalid_token\"")
        );
        assert_eq!(response.text().unwrap(), "Unauthorized");
    }
}

fn management(tenant: &Tenant, scope: &Value) -> Response {
    let audience = format!("{}api/v2/", tenant.url());
    post(
        tenant,
        &json!({ "grant_type": "client_credentials", "audience": audience, "scope": scope }),
    )
}

fn with_roles() -> TenantOptions {
    let names: Vec<String> = (0..60).map(|number| format!("role-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Tenant::builder()
        .management_scopes(&["read:users", "read:clients"])
        .roles(&names)
}

#[test]
fn roles_are_paginated() {
    let tenant = with_roles().start();
    let token = &management(&tenant, &json!("read:users"))
        .json::<Value>()
        .unwrap()["access_token"];
    let roles = |query: &str| {
        let path = format!("api/v2/users/auth0%7C65f1c0de8a1b2c3d4e5f0001/roles{query}");
        get(&tenant, &path, token)
    };
    let all: Value = roles("").json().unwrap();
    assert_eq!(
        (all.as_array().unwrap().len(), &all[0]["name"]),
        (50, &json!("role-0"))
    );
    let last: Value = roles("?per_page=25&page=2&include_totals=true")
        .json()
        .unwrap();
    assert_eq!(
        [&last["start"], &last["limit"], &last["total"]],
        [&json!(50), &json!(25), &json!(60)]
    );
    assert_eq!(last["roles"].as_array().unwrap().len(), 10);
    assert_eq!(roles("?per_page=101").status(), 400);
    assert_eq!(
        get(&tenant, "api/v2/users/auth0%7Cnobody/roles", token).status(),
        404
    );
}

#[test]
fn roles_require_a_management_token_with_the_scope() {
    let tenant = with_roles().start();
    let path = "api/v2/users/auth0%7C65f1c0de8a1b2c3d4e5f0001/roles";
    let wrong_scope = management(&tenant, &json!("read:clients"))
        .json::<Value>()
        .unwrap();
    let limited: Value = get(&tenant, path, &wrong_scope["access_token"])
        .json()
        .unwrap();
    assert_eq!(
        [&limited["errorCode"], &limited["statusCode"]],
        [&json!("insufficient_scope"), &json!(403)]
    );
    let other = tokens(
        &tenant,
        &json!({ "grant_type": "client_credentials", "audience": AUDIENCE, "scope": null }),
    );
    assert_eq!(get(&tenant, path, &other["access_token"]).status(), 401);
    let excessive = error_of(management(&tenant, &json!("read:users delete:users")));
    assert_eq!(
        excessive.2,
        "Client has not been granted scopes: delete:users"
    );
    let unauthorized = Tenant::start();
    assert!(
        error_of(management(&unauthorized, &json!(null)))
            .2
            .starts_with("Client is not authorized to access")
    );
}

fn refresh(tenant: &Tenant, token: &Value, scope: &Value) -> Response {
    let changes = json!({
        "grant_type": "refresh_token", "refresh_token": token, "scope": scope, "username": null, "password": null,
    });
    post(tenant, &changes)
}

#[test]
fn a_refresh_token_works_until_it_is_revoked() {
    let tenant = Tenant::start();
    let scope = json!({ "scope": "openid read:messages offline_access", "audience": AUDIENCE });
    let token = &tokens(&tenant, &scope)["refresh_token"];
    let renewed: Value = refresh(&tenant, token, &json!("openid write:messages"))
        .json()
        .unwrap();
    assert_eq!(
        (&renewed["scope"], renewed.get("refresh_token")),
        (&json!("openid"), None)
    );
    assert_eq!(refresh(&tenant, token, &json!(null)).status(), 200);
    assert_eq!(tenant.valid_refresh_tokens().len(), 1);
    let fields = json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token": token });
    let revoked = post_to(&tenant, "oauth/revoke", &fields);
    assert_eq!(
        (revoked.status().as_u16(), revoked.text().unwrap().as_str()),
        (200, "")
    );
    assert_eq!(
        error_of(refresh(&tenant, token, &json!(null))).2,
        "Unknown or invalid refresh token."
    );
    assert!(tenant.valid_refresh_tokens().is_empty());
}

#[test]
fn reusing_a_rotated_refresh_token_revokes_its_family() {
    let tenant = Tenant::builder().rotate_refresh_tokens().start();
    let first = &tokens(&tenant, &json!({ "scope": "openid offline_access" }))["refresh_token"];
    let second = &refresh(&tenant, first, &json!(null))
        .json::<Value>()
        .unwrap()["refresh_token"];
    assert_eq!(tenant.valid_refresh_tokens(), [second.as_str().unwrap()]);
    assert_eq!(refresh(&tenant, first, &json!(null)).status(), 403);
    assert_eq!(refresh(&tenant, second, &json!(null)).status(), 403);
}

/// A refresh token of a new login.
fn refresh_token(tenant: &Tenant) -> Value {
    tokens(tenant, &json!({ "scope": "openid offline_access" }))["refresh_token"].clone()
}

#[test]
fn reuse_revokes_the_whole_grant_and_the_overlap_accepts_only_the_last_token() {
    let tenant = Tenant::builder().rotate_refresh_tokens().start();
    let other = refresh_token(&tenant);
    let first = refresh_token(&tenant);
    assert_eq!(refresh(&tenant, &first, &json!(null)).status(), 200);
    assert_eq!(refresh(&tenant, &first, &json!(null)).status(), 403);
    assert_eq!(
        refresh(&tenant, &other, &json!(null)).status(),
        403,
        "the same grant"
    );

    let overlap = Duration::from_secs(60);
    let tenant = Tenant::builder().refresh_token_overlap(overlap).start();
    let first = refresh_token(&tenant);
    let second = refresh(&tenant, &first, &json!(null))
        .json::<Value>()
        .unwrap();
    assert_eq!(
        refresh(&tenant, &first, &json!(null)).status(),
        200,
        "a lost response"
    );
    let second = &second["refresh_token"];
    assert_eq!(refresh(&tenant, second, &json!(null)).status(), 200);
    assert_eq!(
        refresh(&tenant, &first, &json!(null)).status(),
        403,
        "not the last one"
    );
}

#[test]
fn a_revocation_may_end_the_whole_grant_and_say_ok() {
    let tenant = Tenant::builder()
        .revocation_ends_grant()
        .revocation_body("OK")
        .start();
    let (first, second) = (refresh_token(&tenant), refresh_token(&tenant));
    let fields = json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token": first });
    let revoked = post_to(&tenant, "oauth/revoke", &fields);
    assert_eq!(
        (revoked.status().as_u16(), revoked.text().unwrap()),
        (200, "OK".to_owned())
    );
    assert_eq!(refresh(&tenant, &second, &json!(null)).status(), 403);
}

#[test]
fn the_oldest_of_more_than_200_refresh_tokens_is_dropped() {
    let tenant = Tenant::start();
    let first = refresh_token(&tenant);
    for _ in 0..200 {
        refresh_token(&tenant);
    }
    assert_eq!(tenant.valid_refresh_tokens().len(), 200);
    assert_eq!(refresh(&tenant, &first, &json!(null)).status(), 403);
}

#[test]
fn refreshing_may_require_a_second_factor_and_keeps_the_token() {
    let tenant = Tenant::start();
    let token = refresh_token(&tenant);
    tenant.change(TenantOptions::refresh_requires_mfa);
    let refused: Value = refresh(&tenant, &token, &json!(null)).json().unwrap();
    assert_eq!(refused["error"], "mfa_required");
    assert!(refused["mfa_token"].is_string());
    assert_eq!(tenant.valid_refresh_tokens(), [token.as_str().unwrap()]);
}

#[test]
fn the_api_requires_a_token_for_it_and_lists_orders_for_those_who_may_read_them() {
    let tenant = Tenant::builder()
        .for_demo()
        .user("else@percy.test", "pa55word")
        .start();
    let api = json!({ "audience": AUDIENCE });
    let other = json!({ "audience": AUDIENCE, "username": "else@percy.test" });
    let application =
        json!({ "audience": AUDIENCE, "grant_type": "client_credentials", "scope": null });
    let of = |changes: &Value| tokens(&tenant, changes)["access_token"].clone();
    for (token, version, orders) in [
        (of(&api), 200, 200),
        (of(&application), 200, 200),
        (of(&other), 200, 403),
        (of(&json!({})), 401, 401),
        (json!("guessed"), 401, 401),
        (json!(null), 401, 401),
    ] {
        assert_eq!(get(&tenant, "api/version", &token).status(), version);
        let response = get(&tenant, "orders", &token);
        assert_eq!(response.status(), orders);
        let challenge = response.headers().contains_key("www-authenticate");
        assert_eq!(challenge, orders != 200);
    }
}
