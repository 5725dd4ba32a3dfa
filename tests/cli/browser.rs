//! Sign-in with a browser: the authorization code flow, from the address to the result.

use jsonwebtoken::Algorithm;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::browsing::{begin, begin_at_issuer, start, tenant, visit};
use crate::program::{login_at, printed, process_at, says};
use crate::tenant::{
    AUDIENCE, AUTHORIZE, CLIENT_ID, CLIENT_SECRET, EMAIL, Fault, RetryAfter, TOKEN, Tenant,
    client_key_file, error_responses,
};

#[test]
fn a_login_with_a_browser_ends_like_one_with_a_password() {
    let tenant = tenant().start();
    let ended = begin(&tenant, &[]).finish();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert_eq!(ended.stdout, printed(&mut login_at(&tenant)));
    for output in [
        &["-o", "json"][..],
        &["--claim", "email"],
        &["--all-claims", "--userinfo"],
    ] {
        let ended = begin(&tenant, output).finish();
        assert!(
            ended.code == Some(0) && ended.stdout.contains(EMAIL),
            "{ended:?}"
        );
    }
    let ended = begin(&tenant, &["--audience", AUDIENCE, "-o", "header"]).finish();
    assert!(
        ended.stdout.starts_with("Authorization: Bearer "),
        "{ended:?}"
    );
    let required = [
        "--require-claim",
        "email=x@percy.test",
        "--require-scope",
        "x",
    ];
    let ended = begin(&tenant, &required).finish();
    assert_eq!((ended.code, &*ended.stdout), (Some(9), ""), "{ended:?}");
}

#[test]
fn without_a_command_browser_is_a_login_too() {
    let tenant = tenant().start();
    let arguments = [
        "--browser",
        "--no-open",
        "--redirect-uri",
        crate::browsing::ANY_PORT,
    ];
    let ended = start(process_at(&tenant, &arguments)).finish();
    assert!(
        ended.code == Some(0) && ended.stdout.contains(EMAIL),
        "{ended:?}"
    );
}

#[test]
fn the_address_has_pkce_state_nonce_and_what_the_flags_say() {
    let tenant = tenant().start();
    let login = begin(
        &tenant,
        &[
            "--email",
            EMAIL,
            "--audience",
            AUDIENCE,
            "--scope",
            "openid email",
            "--organization",
            "org_1",
            "--connection",
            "google-oauth2",
            "--prompt",
            "select_account",
            "--max-age",
            "60",
            "--parameter",
            "ext-a=b&c",
            "--parameter",
            "resource=https://a.test/",
            "--parameter",
            "resource=https://b.test/",
        ],
    );
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
        ("audience", AUDIENCE),
        ("organization", "org_1"),
        ("connection", "google-oauth2"),
        ("prompt", "select_account"),
        ("max_age", "60"),
        ("login_hint", EMAIL),
        ("ext-a", "b&c"),
    ];
    for (name, value) in expected {
        assert_eq!(login.parameter(name).as_deref(), Some(value), "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(
            login.parameter(name).map(|value| value.len()),
            Some(43),
            "{name}"
        );
    }
    assert_eq!(login.address.path(), AUTHORIZE);
    assert_eq!(
        login.address.query().unwrap().matches("resource=").count(),
        2
    );
    let other = begin(&tenant, &[]);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(login.parameter(name), other.parameter(name), "{name}");
    }
    for name in [
        "audience",
        "organization",
        "connection",
        "prompt",
        "max_age",
        "login_hint",
    ] {
        assert_eq!(other.parameter(name), None, "{name}");
    }
}

#[test]
fn the_address_has_no_secret() {
    let tenant = tenant().start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "hunter2").unwrap();
    let parameter = format!("pin={}", file.display());
    let login = begin(&tenant, &["--parameter-file", &parameter]);
    assert!(!login.announced.contains("hunter2") && !login.announced.contains(CLIENT_SECRET));
    assert_eq!(login.finish().code, Some(0));
    let sent = &tenant.requests_to(TOKEN)[0];
    assert_eq!(sent.field("pin").as_deref(), Some("hunter2"));
}

#[test]
fn the_code_is_sent_once_with_the_verifier_and_the_redirect_uri() {
    let tenant = tenant().start();
    let login = begin(&tenant, &[]);
    let redirect_uri = login.redirect_uri();
    assert_eq!(login.finish().code, Some(0));
    let requests = tenant.requests_to(TOKEN);
    assert_eq!(requests.len(), 1);
    let field = |name: &str| requests[0].field(name);
    assert_eq!(field("grant_type").as_deref(), Some("authorization_code"));
    assert_eq!(
        field("redirect_uri").as_deref(),
        Some(redirect_uri.as_str())
    );
    assert_eq!(
        field("code_verifier").map(|verifier| verifier.len()),
        Some(43)
    );
}

#[test]
fn a_code_that_may_have_arrived_is_never_sent_again() {
    let when = || RetryAfter::Seconds(0);
    let too_many = error_responses::error_response(429, "too_many_requests", "Too many");
    for fault in [
        Fault::RetryAfter {
            status: 503,
            when: when(),
        },
        Fault::RetryAfter {
            status: 429,
            when: when(),
        },
        Fault::Responds(too_many.retry_after("0")),
        Fault::ClosesWithoutResponse,
    ] {
        let tenant = tenant().fault(TOKEN, fault).start();
        let ended = begin(&tenant, &[]).finish();
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert_eq!(tenant.requests_to(TOKEN).len(), 1);
    }
}

#[test]
fn public_clients_and_those_with_a_key_sign_in_too() {
    let public = tenant().public_client().start();
    assert_eq!(begin(&public, &[]).finish().code, Some(0));
    let sent = &public.requests_to(TOKEN)[0];
    assert_eq!(sent.field("client_secret"), None);
    let with_key = tenant().private_key_jwt(Algorithm::RS256).start();
    let file = client_key_file(Algorithm::RS256).display().to_string();
    let arguments = [
        "--client-key-file",
        &file,
        "--client-key-id",
        "percy-client",
    ];
    assert_eq!(begin(&with_key, &arguments).finish().code, Some(0));
    let hs256 = tenant().hs256().start();
    assert_eq!(begin(&hs256, &[]).finish().code, Some(0));
}

#[test]
fn an_issuers_endpoints_are_found_by_discovery() {
    let tenant = tenant().plain_provider().start();
    let ended = begin_at_issuer(&tenant, &[]).finish();
    assert!(
        ended.code == Some(0) && ended.stdout.contains(EMAIL),
        "{ended:?}"
    );
    let tenant = crate::browsing::tenant()
        .plain_provider()
        .discovery_member(
            "authorization_endpoint",
            json!("http://127.0.0.1:1/authorize?a=b"),
        )
        .start();
    let login = begin_at_issuer(&tenant, &[]);
    assert!(
        login
            .address
            .as_str()
            .starts_with("http://127.0.0.1:1/authorize?a=b&response_type=")
    );
}

#[test]
fn a_provider_without_a_login_page_is_reported_with_what_it_offers() {
    let grants = json!(["password", "urn:ietf:params:oauth:grant-type:device_code"]);
    let without_grant = tenant()
        .plain_provider()
        .discovery_member("grant_types_supported", grants);
    let without_page = tenant()
        .plain_provider()
        .without_discovery_member("authorization_endpoint");
    for (options, offered) in [(without_grant, "password"), (without_page, "device_code")] {
        let tenant = options.start();
        let mut process = crate::program::padlock_at(&tenant);
        process
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", tenant.issuer());
        process
            .args(["login", "--browser"])
            .assert()
            .code(5)
            .stdout("")
            .stderr(
                says("authorization_code")
                    .and(says(offered))
                    .and(says("--device")),
            );
        assert_eq!(tenant.requests_to(AUTHORIZE).len(), 0);
    }
}

#[test]
fn a_program_that_reads_json_gets_the_address_as_json() {
    let tenant = tenant().start();
    let login = begin(&tenant, &["--error-format", "json"]);
    let line: Value = serde_json::from_str(&login.announced).unwrap();
    assert_eq!(line["browser"]["address"], login.address.as_str());
    let page = visit(&login.return_with(&[("error", "access_denied")]));
    assert_eq!(page.status, 200);
    let error = login.end().error();
    assert_eq!(
        (&error["class"], &error["code"]),
        (&json!("tenant_refused"), &json!("access_denied"))
    );
    assert_eq!(error["status"], Value::Null);
}

#[test]
fn an_organization_must_be_in_the_id_token() {
    let member = tenant().claim("org_id", json!("org_1")).start();
    assert_eq!(
        begin(&member, &["--organization", "org_1"]).finish().code,
        Some(0)
    );
    let ended = begin(&member, &["--organization", "org_2"]).finish();
    assert_eq!((ended.code, &*ended.stdout), (Some(8), ""), "{ended:?}");
    let ended = begin(&tenant().start(), &["--organization", "org_1"]).finish();
    assert!(
        ended.code == Some(8) && ended.stderr.contains("org_id is missing"),
        "{ended:?}"
    );
}

#[test]
fn a_sign_in_older_than_max_age_is_refused() {
    let old = tenant()
        .claim("auth_time", json!(crate::tenant::now() - 4000))
        .start();
    let ended = begin(&old, &["--max-age", "60"]).finish();
    assert!(
        ended.code == Some(8) && ended.stderr.contains("auth_time"),
        "{ended:?}"
    );
}

#[test]
fn a_host_that_cannot_be_reached_is_reported_before_the_browser_is_needed() {
    let mut login = crate::program::padlock();
    login.args([
        "login",
        "--browser",
        "--no-open",
        "--client-id",
        "a",
        "--redirect-uri",
    ]);
    login.args([crate::browsing::ANY_PORT, "--domain", "http://127.0.0.1:1"]);
    login.assert().code(7).stderr(says("/authorize").not());
}

#[test]
fn tokens_of_a_browser_are_fetched_with_one_request_after_the_return() {
    let tenant = tenant().start();
    let login = begin(&tenant, &[]);
    while tenant.requests().is_empty() {
        std::thread::yield_now();
    }
    let target = login.sign_in();
    tenant.clear_requests();
    visit(&target);
    assert_eq!(login.end().code, Some(0));
    let paths: Vec<_> = tenant
        .requests()
        .iter()
        .map(|one| one.route().to_owned())
        .collect();
    assert_eq!(paths, [TOKEN]);
}

#[test]
fn a_refused_password_grant_names_the_flag_that_would_work() {
    use crate::tenant::error_responses::{grant_not_allowed, unsupported_grant};
    let refused = |tenant: &Tenant| {
        let refusal = grant_not_allowed("password");
        tenant.change(|options| options.fault(TOKEN, Fault::Responds(refusal)));
        crate::program::error_of(&mut login_at(tenant))["hint"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let with_secret = refused(&tenant().start());
    assert!(
        with_secret.contains("--browser") && !with_secret.contains("--device"),
        "{with_secret}"
    );
    let public = refused(&tenant().public_client().start());
    assert!(public.contains("--browser or --device"), "{public}");
    let tenant = tenant()
        .plain_provider()
        .without_discovery_member("authorization_endpoint")
        .fault(TOKEN, Fault::Responds(unsupported_grant("password")))
        .start();
    let error = crate::program::error_of(&mut crate::program::login_at_issuer(&tenant));
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("--device") && !hint.contains("--browser"),
        "{hint}"
    );
}
