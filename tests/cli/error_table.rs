//! The error table: each error response of a tenant has its message, its class and a hint.

use serde_json::json;

use crate::program::{error_of, login_at, padlock_at};
use crate::tenant::{AUDIENCE, Response, Tenant, TenantOptions, error_responses, now};

/// What the user learns from a login that the tenant refused.
#[derive(Debug)]
struct Explanation {
    exit: i64,
    class: String,
    message: String,
    hint: String,
}

/// The explanation of an error response of the token endpoint.
fn explanation(refusal: Response) -> Explanation {
    explanation_at(Tenant::builder().token_error(refusal))
}

fn explanation_at(tenant: TenantOptions) -> Explanation {
    let error = error_of(&mut login_at(&tenant.start()));
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Explanation {
        exit: error["exit"].as_i64().unwrap(),
        class: text("class"),
        message: text("message"),
        hint: text("hint"),
    }
}

/// Each case: the response, the exit code, and parts of the message and the hint.
fn assert_explained<const N: usize>(cases: [(Response, i64, &str, &str); N]) {
    for (refusal, exit, message, hint) in cases {
        let found = explanation(refusal);
        assert_eq!(found.exit, exit, "{found:?}");
        assert!(
            found.message.contains(message) && found.hint.contains(hint),
            "{found:?}"
        );
    }
}

#[test]
fn every_refusal_of_a_user_has_its_own_message_and_names_the_setting() {
    assert_explained([
        (
            error_responses::invalid_user_password(),
            3,
            "the e-mail address or the password is wrong",
            "check both",
        ),
        (
            error_responses::user_blocked(),
            5,
            "the user is blocked",
            "User Management → Users → … → Unblock",
        ),
        (
            error_responses::too_many_attempts(),
            6,
            "the account is blocked",
            "User Management → Users",
        ),
        (
            error_responses::suspicious_ip(),
            6,
            "this network address is blocked",
            "Suspicious IP Throttling → IP AllowList",
        ),
        (
            error_responses::too_many_logins(),
            6,
            "too often within a minute",
            "try again later",
        ),
        (
            error_responses::password_leaked(),
            5,
            "appeared in a data breach",
            "Breached Password Detection",
        ),
        (
            error_responses::requires_verification(),
            5,
            "requires a CAPTCHA",
            "Attack Protection → Bot Detection",
        ),
        (
            error_responses::requires_validation(),
            5,
            "requires a CAPTCHA",
            "Attack Protection → Bot Detection",
        ),
        (
            error_responses::email_not_verified(),
            5,
            "the e-mail address is not verified",
            "User Management → Users",
        ),
        (
            error_responses::password_expired(),
            5,
            "the password has expired",
            "User Management → Users",
        ),
        (
            error_responses::password_change_required(),
            5,
            "the password has expired",
            "User Management → Users",
        ),
    ]);
}

#[test]
fn every_refusal_of_the_application_has_its_own_message_and_names_the_setting() {
    assert_explained([
        (
            error_responses::unauthorized(),
            5,
            "the client ID with this client secret",
            "Settings → Basic Information",
        ),
        (
            error_responses::grant_not_allowed("password"),
            5,
            "may not use the password grant",
            "Grant Types → Password",
        ),
        (
            error_responses::invalid_client("no such key"),
            5,
            "client authentication failed",
            "Applications → … → Credentials",
        ),
        (
            error_responses::unknown_audience(),
            5,
            "no API with this audience",
            "Identifier under Applications → APIs",
        ),
        (
            error_responses::service_not_enabled("https://a.test/"),
            5,
            "https://a.test/",
            "Identifier under Applications → APIs",
        ),
        (
            error_responses::api_not_authorized("https://a.test/"),
            5,
            "https://a.test/",
            "Application Access → User-Delegated Access",
        ),
        (
            error_responses::scopes_not_granted("a b"),
            5,
            "a b",
            "Machine to Machine",
        ),
        (
            error_responses::no_audience(),
            5,
            "requires an audience",
            "Default Audience",
        ),
        (
            error_responses::no_default_directory(),
            5,
            "no default directory",
            "Settings → Default Directory",
        ),
        (
            error_responses::unknown_realm(),
            5,
            "no database connection of that name",
            "Authentication → Database",
        ),
        (
            error_responses::connection_disabled(),
            5,
            "not enabled",
            "Authentication → Database → … → Applications",
        ),
        (
            error_responses::unsupported_grant("password"),
            5,
            "does not offer this grant",
            "ask its administrator",
        ),
        (
            error_responses::invalid_scope(),
            5,
            "does not grant this scope",
            "--scope",
        ),
        (
            error_responses::too_many_requests(now() + 100),
            6,
            "rate limit",
            "try again in 1m ",
        ),
        (
            error_responses::temporarily_unavailable(),
            7,
            "temporarily unavailable",
            "try again later",
        ),
    ]);
}

#[test]
fn every_refusal_of_the_evidence_has_its_class_and_its_hint() {
    let audience = "https://a.test/";
    let delegated = "Application Access → User-Delegated Access";
    assert_explained([
        (
            error_responses::resource_server_not_authorized("access_denied", audience),
            5,
            audience,
            delegated,
        ),
        (
            error_responses::resource_server_not_authorized("unauthorized_client", audience),
            5,
            audience,
            delegated,
        ),
        (
            error_responses::unknown_client("no-client"),
            5,
            "no application with this client ID",
            "compare the client ID",
        ),
        (
            error_responses::organization_required(),
            5,
            "requires an organization",
            "sign in with a browser",
        ),
        (
            error_responses::organization_invalid(),
            5,
            "requires an organization",
            "sign in with a browser",
        ),
        (
            error_responses::strategy_not_supported(),
            5,
            "does not accept passwords",
            "another connection with --realm, or sign in with a browser",
        ),
        (
            error_responses::connection_not_configured(),
            5,
            "not configured completely",
            "its scripts under Authentication → Database",
        ),
        (
            error_responses::password_expired_code(),
            5,
            "the password has expired",
            "change it on the login page",
        ),
        (
            error_responses::dpop_required("use_dpop_nonce"),
            5,
            "requires DPoP",
            "Sender-Constraining",
        ),
        (
            error_responses::dpop_required("invalid_dpop_proof"),
            5,
            "requires DPoP",
            "Sender-Constraining",
        ),
        (
            error_responses::client_quota_exceeded(),
            6,
            "quota of tokens is used up",
            "cache the token",
        ),
        (
            error_responses::endpoint_disabled(),
            5,
            "switched off",
            "enable it",
        ),
        (
            error_responses::method_not_allowed(),
            5,
            "switched off",
            "enable it",
        ),
        (
            error_responses::firewall(),
            5,
            "error code: 1010",
            "a firewall in front of the tenant",
        ),
    ]);
    let found = explanation(error_responses::firewall());
    assert!(!found.hint.contains("check the password"), "{found:?}");
}

#[test]
fn a_machine_is_pointed_to_its_own_settings() {
    let refused = |refusal: Response| {
        let tenant = Tenant::builder().token_error(refusal).start();
        let mut command = padlock_at(&tenant);
        error_of(command.args(["client-credentials", "--audience", AUDIENCE]))
    };
    let audience = "https://a.test/";
    for code in ["access_denied", "unauthorized_client"] {
        let refusal = error_responses::resource_server_not_authorized(code, audience);
        let error = refused(refusal);
        assert_eq!(error["exit"], 5);
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("Machine to Machine"), "{hint}");
    }
    let error = refused(error_responses::organization_required());
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("--organization"), "{hint}");
    let error = refused(error_responses::server_error());
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(7), &json!("unreachable"))
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("credentials-exchange") && hint.contains("status.auth0.com"),
        "{hint}"
    );
}

#[test]
fn an_actions_own_words_are_shown_escaped() {
    for refusal in [
        error_responses::denied("only on \u{1b}[1mMondays"),
        error_responses::denied_by_rule("only on \u{1b}[1mMondays"),
    ] {
        let found = explanation(refusal);
        assert_eq!(found.exit, 5);
        assert!(
            found
                .message
                .ends_with("(the tenant says: only on \\u{1b}[1mMondays)"),
            "{found:?}"
        );
        assert!(
            found.hint.contains("Actions → Triggers → post-login"),
            "{found:?}"
        );
    }
}

#[test]
fn the_tenants_words_are_omitted_if_they_add_nothing() {
    let message = |refusal| explanation(refusal).message;
    assert_eq!(
        message(error_responses::wrong_password()),
        "the e-mail address or the password is wrong"
    );
    assert_eq!(
        message(error_responses::user_blocked()),
        "the user is blocked"
    );
}

#[test]
fn refusals_by_other_servers_are_recognized_too() {
    let refusal = |status, code: &str, words: &str| {
        let body = json!({ "error": code, "error_description": words });
        explanation(Response::json(status, &body))
    };
    let exit = |status, code: &str, words: &str| refusal(status, code, words).exit;
    assert_eq!(exit(401, "invalid_grant", "Invalid user credentials"), 3);
    assert_eq!(
        exit(400, "invalid_client", "Client authentication failed"),
        5
    );
    assert_eq!(exit(401, "invalid_client", ""), 5);
    assert_eq!(exit(400, "unauthorized_client", "Invalid client"), 5);
    let unknown_client = "failed due to unknown client, or something else";
    let found = refusal(401, "invalid_client", unknown_client);
    assert!(
        found.message.contains("client authentication failed")
            && found.hint.contains("client secret"),
        "{found:?}"
    );
    let found = refusal(400, "invalid_grant", "Account is not fully set up");
    assert_eq!(found.exit, 5);
    assert!(
        found.message.contains("Account is not fully set up"),
        "{found:?}"
    );
}

#[test]
fn every_refusal_has_a_class_and_a_hint() {
    let refuses = |refusal| Tenant::builder().token_error(refusal);
    let responds = |status, body: &str| Tenant::builder().token_response(status, &[], body);
    let cases = [
        (
            refuses(error_responses::too_many_attempts()),
            6,
            "throttled",
        ),
        (
            refuses(error_responses::user_blocked()),
            5,
            "tenant_refused",
        ),
        (
            refuses(error_responses::mfa_required("Fe26...Ha")),
            4,
            "mfa_required",
        ),
        (
            refuses(error_responses::api_not_authorized(AUDIENCE)),
            5,
            "tenant_refused",
        ),
        (responds(503, ""), 7, "unreachable"),
        (responds(404, "<html>"), 7, "bad_answer"),
    ];
    for (options, exit, class) in cases {
        let found = explanation_at(options);
        assert_eq!((found.exit, found.class.as_str()), (exit, class));
        assert!(!found.hint.is_empty(), "{found:?}");
    }
}
