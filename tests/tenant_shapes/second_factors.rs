//! Second factors, from enrolment to tokens.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tenant::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, Client, Factor, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE,
    Tenant, TenantOptions, error_responses, totp, totp_at,
};
use crate::{error_of, http, post, post_to};

/// The `mfa_token` of a login that requests an API and a refresh token.
fn mfa_token(tenant: &Tenant) -> Value {
    let response = post(
        tenant,
        &json!({ "audience": AUDIENCE, "scope": "openid read:messages offline_access" }),
    );
    assert_eq!(response.status(), 403);
    let body: Value = response.json().unwrap();
    assert_eq!(
        [&body["error"], &body["error_description"]],
        ["mfa_required", "Multifactor authentication required"]
    );
    body["mfa_token"].clone()
}

fn with_client(mut fields: Value) -> Value {
    fields["client_id"] = json!(CLIENT_ID);
    fields["client_secret"] = json!(CLIENT_SECRET);
    fields
}

fn challenge(tenant: &Tenant, token: &Value, id: &str, kind: &str) -> reqwest::blocking::Response {
    let fields = json!({ "mfa_token": token, "authenticator_id": id, "challenge_type": kind });
    post_to(tenant, "mfa/challenge", &with_client(fields))
}

fn grant(
    tenant: &Tenant,
    grant: &str,
    token: &Value,
    field: (&str, &str),
) -> reqwest::blocking::Response {
    let mut fields = json!({ "grant_type": grant, "mfa_token": token });
    fields[field.0] = json!(field.1);
    post_to(tenant, "oauth/token", &with_client(fields))
}

fn list(tenant: &Tenant, token: &str) -> reqwest::blocking::Response {
    http()
        .get(format!("{}mfa/authenticators", tenant.url()))
        .bearer_auth(token)
        .send()
        .unwrap()
}

fn all_factors() -> TenantOptions {
    Tenant::builder()
        .factor(Factor::otp("123456"))
        .factor(Factor::sms("XXXXXXXXX9167", "654321"))
        .factor(Factor::email("ro***@perc*****", "111222"))
        .factor(Factor::push_accepted_after(1))
        .factor(Factor::recovery_code("K6LGLV3RSH3VERMKET8L7QKU"))
        .factor(Factor::voice("XXXXXXXXX9167", "999999").inactive())
        .push_interval(Duration::ZERO)
}

#[test]
fn an_mfa_token_lists_the_enrolled_factors() {
    let tenant = all_factors().start();
    let token = mfa_token(&tenant);
    let listed: Value = list(&tenant, token.as_str().unwrap()).json().unwrap();
    assert_eq!(
        listed[0],
        json!({ "id": "totp|dev_Percy00000000001", "authenticator_type": "otp", "active": true })
    );
    let sms = json!({ "id": "sms|dev_Percy00000000002", "authenticator_type": "oob", "active": true, "oob_channel": "sms", "name": "XXXXXXXXX9167" });
    assert_eq!(listed[1], sms);
    assert_eq!(
        (&listed[3]["oob_channel"], &listed[5]["active"]),
        (&json!("auth0"), &json!(false))
    );
    let error = error_of(list(&tenant, "guessed"));
    assert_eq!((error.0, &*error.2), (403, "Malformed mfa_token"));
    let anonymous = http()
        .get(format!("{}mfa/authenticators", tenant.url()))
        .send()
        .unwrap();
    assert_eq!(anonymous.status(), 401);
}

#[test]
fn a_one_time_code_completes_the_login() {
    let tenant = all_factors().start();
    let token = mfa_token(&tenant);
    let wrong = error_of(grant(&tenant, MFA_OTP, &token, ("otp", "000000")));
    assert_eq!(
        wrong,
        (
            403,
            "invalid_grant".to_owned(),
            "Invalid otp_code.".to_owned()
        )
    );
    let missing = error_of(grant(&tenant, MFA_OTP, &token, ("code", "123456")));
    assert_eq!(missing.2, "Missing required parameter: otp");
    let tokens: Value = grant(&tenant, MFA_OTP, &token, ("otp", "123456"))
        .json()
        .unwrap();
    assert_eq!(tokens["scope"], "openid read:messages offline_access");
    assert!(
        ["id_token", "access_token", "refresh_token"]
            .iter()
            .all(|name| tokens[name].is_string())
    );
}

#[test]
fn an_authenticator_code_works_once() {
    let secret = b"12345678901234567890";
    assert_eq!(totp_at(secret, 59), "287082", "RFC 6238, appendix B");
    let tenant = Tenant::builder().factor(Factor::totp(secret)).start();
    let code = totp(secret);
    assert_eq!(
        grant(&tenant, MFA_OTP, &mfa_token(&tenant), ("otp", &code)).status(),
        200
    );
    assert_eq!(
        grant(&tenant, MFA_OTP, &mfa_token(&tenant), ("otp", &code)).status(),
        403
    );
}

#[test]
fn an_sms_challenge_requires_its_code() {
    let tenant = all_factors().start();
    let token = mfa_token(&tenant);
    let sent: Value = challenge(&tenant, &token, "sms|dev_Percy00000000002", "oob")
        .json()
        .unwrap();
    assert_eq!(
        (&sent["challenge_type"], &sent["binding_method"]),
        (&json!("oob"), &json!("prompt"))
    );
    let submit = |code: &str| {
        let fields = json!({ "grant_type": MFA_OOB, "mfa_token": token, "oob_code": sent["oob_code"], "binding_code": code });
        post_to(&tenant, "oauth/token", &with_client(fields))
    };
    assert_eq!(
        error_of(submit("")).2,
        "Missing required parameter: binding_code"
    );
    assert_eq!(error_of(submit("111222")).2, "Invalid binding_code.");
    assert_eq!(submit("654321").status(), 200);
}

#[test]
fn a_push_is_pending_until_it_is_accepted_or_declined() {
    let push = |factor: Factor| {
        let tenant = Tenant::builder()
            .factor(factor)
            .push_interval(Duration::ZERO)
            .start();
        let token = mfa_token(&tenant);
        let sent: Value = challenge(&tenant, &token, "push|dev_Percy00000000001", "oob")
            .json()
            .unwrap();
        assert_eq!(sent.get("binding_method"), None);
        let code = sent["oob_code"].as_str().unwrap().to_owned();
        let pending = error_of(grant(&tenant, MFA_OOB, &token, ("oob_code", &code)));
        assert_eq!((pending.0, &*pending.1), (400, "authorization_pending"));
        let response = grant(&tenant, MFA_OOB, &token, ("oob_code", &code));
        tenant.change(|options| options.push_interval(Duration::from_secs(60)));
        let early = error_of(grant(&tenant, MFA_OOB, &token, ("oob_code", &code)));
        assert_eq!((early.0, &*early.1), (429, "slow_down"));
        let later = grant(&tenant, MFA_OOB, &token, ("oob_code", &code));
        assert_eq!(later.headers()["retry-after"], "120", "it grows each time");
        response
    };
    assert_eq!(push(Factor::push_accepted_after(1)).status(), 200);
    assert_eq!(
        error_of(push(Factor::push_declined_after(
            1,
            error_responses::push_declined()
        )))
        .1,
        "invalid_grant"
    );
    assert_eq!(
        error_of(push(Factor::push_never_answered())).1,
        "authorization_pending"
    );
}

#[test]
fn each_recovery_code_is_replaced_after_use() {
    let tenant = all_factors().start();
    let submit = |code: &str| {
        grant(
            &tenant,
            MFA_RECOVERY_CODE,
            &mfa_token(&tenant),
            ("recovery_code", code),
        )
    };
    let tokens: Value = submit("K6LGLV3RSH3VERMKET8L7QKU").json().unwrap();
    let next = tokens["recovery_code"].as_str().unwrap();
    assert_eq!(next.len(), 24);
    assert_eq!(submit("K6LGLV3RSH3VERMKET8L7QKU").status(), 403);
    assert_eq!(submit(next).status(), 200);
}

#[test]
fn tokens_and_codes_of_another_login_are_rejected() {
    let other = Client {
        id: "other".to_owned(),
        secret: None,
        keys: vec![],
        grants: vec![MFA_OTP.to_owned()],
        authorized_apis: vec![],
        management_scopes: vec![],
    };
    let tenant = all_factors().client(other).start();
    let token = mfa_token(&tenant);
    let fields =
        json!({ "grant_type": MFA_OTP, "mfa_token": token, "otp": "123456", "client_id": "other" });
    assert_eq!(
        error_of(post_to(&tenant, "oauth/token", &fields)).2,
        "mfa_token not issued to this client"
    );
    let sent: Value = challenge(&tenant, &token, "sms|dev_Percy00000000002", "oob")
        .json()
        .unwrap();
    let foreign = grant(
        &tenant,
        MFA_OOB,
        &mfa_token(&tenant),
        ("oob_code", sent["oob_code"].as_str().unwrap()),
    );
    assert_eq!(
        error_of(foreign).2,
        "The oob_code doesn't match the mfa_token"
    );
    assert_eq!(
        error_of(challenge(
            &tenant,
            &token,
            "voice|dev_Percy00000000006",
            "oob"
        ))
        .2,
        "Invalid authenticator_id"
    );
    let unsupported = error_of(challenge(
        &tenant,
        &token,
        "totp|dev_Percy00000000001",
        "oob",
    ));
    assert_eq!(
        (unsupported.0, &*unsupported.1),
        (401, "unsupported_challenge_type")
    );
    let unauthenticated = post_to(
        &tenant,
        "mfa/challenge",
        &json!({ "mfa_token": token, "client_id": CLIENT_ID }),
    );
    assert_eq!(error_of(unauthenticated).2, "Unauthorized");
}

#[test]
fn second_factor_settings_produce_auth0s_errors() {
    let none = Tenant::builder().mfa_required().start();
    let token = mfa_token(&none);
    let listed: Value = list(&none, token.as_str().unwrap()).json().unwrap();
    assert_eq!(
        (&listed[0]["oob_channel"], &listed[1]),
        (&json!("email"), &Value::Null)
    );
    let id = listed[0]["id"].as_str().unwrap();
    let refused = error_of(challenge(&none, &token, id, "oob"));
    assert_eq!(
        (refused.0, &*refused.1),
        (401, "unsupported_challenge_type")
    );
    assert!(refused.2.starts_with("User is not enrolled"));
    let restricted = all_factors().without_mfa_grants().start();
    let error = error_of(grant(
        &restricted,
        MFA_OTP,
        &mfa_token(&restricted),
        ("otp", "123456"),
    ));
    assert_eq!((error.0, &*error.1), (403, "unauthorized_client"));
    let expired = all_factors().mfa_token_lifetime(Duration::ZERO).start();
    let error = error_of(grant(
        &expired,
        MFA_OTP,
        &mfa_token(&expired),
        ("otp", "123456"),
    ));
    assert_eq!(
        error,
        (
            401,
            "expired_token".to_owned(),
            "mfa_token is expired".to_owned()
        )
    );
    let expired = all_factors().oob_code_lifetime(Duration::ZERO).start();
    let token = mfa_token(&expired);
    let sent = challenge(&expired, &token, "sms|dev_Percy00000000002", "oob");
    let code = sent.json::<Value>().unwrap()["oob_code"]
        .as_str()
        .unwrap()
        .to_owned();
    let error = error_of(grant(&expired, MFA_OOB, &token, ("oob_code", &code)));
    let described = "oob_code is expired".to_owned();
    assert_eq!(error, (403, "expired_token".to_owned(), described));
    let strict = all_factors().max_failed_codes(1).start();
    let token = mfa_token(&strict);
    assert_eq!(
        error_of(grant(&strict, MFA_OTP, &token, ("otp", "1"))).2,
        "Invalid otp_code."
    );
    assert!(
        error_of(grant(&strict, MFA_OTP, &token, ("otp", "123456")))
            .2
            .starts_with("Too many failed codes.")
    );
}

#[test]
fn factors_can_be_required_one_after_another() {
    let tenant = all_factors().required_factors(2).start();
    let token = mfa_token(&tenant);
    let first: Value = grant(&tenant, MFA_OTP, &token, ("otp", "123456"))
        .json()
        .unwrap();
    assert_eq!(first["error"], "mfa_required");
    assert_ne!(first["mfa_token"], token);
    let second = grant(&tenant, MFA_OTP, &first["mfa_token"], ("otp", "123456"));
    assert_eq!(second.status(), 200);
}

#[test]
fn the_channel_of_an_e_mail_is_not_allowed_and_the_client_id_is_required() {
    let tenant = all_factors().start();
    let token = mfa_token(&tenant);
    let id = "email|dev_Percy00000000003";
    let fields = json!({ "mfa_token": token, "authenticator_id": id, "challenge_type": "oob", "oob_channel": "email" });
    let error = error_of(post_to(
        &tenant,
        "mfa/challenge",
        &with_client(fields.clone()),
    ));
    assert_eq!((error.0, &*error.1), (400, "invalid_request"));
    let error = error_of(post_to(&tenant, "mfa/challenge", &fields));
    assert_eq!(error.2, "Missing required parameter: client_id");
}

#[test]
fn a_login_says_which_factors_it_asks_for() {
    let requirements = json!({ "challenge": [{ "type": "otp" }] });
    let tenant = all_factors().mfa_requirements(requirements.clone()).start();
    let body: Value = post(&tenant, &json!({})).json().unwrap();
    assert_eq!(body["mfa_requirements"], requirements);
    let body: Value = post(&Tenant::builder().mfa_required().start(), &json!({}))
        .json()
        .unwrap();
    assert!(body["mfa_requirements"]["enroll"].is_array());
}
