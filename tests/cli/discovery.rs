//! Providers that are named by their issuer, and what their discovery document says.

use predicates::prelude::PredicateBooleanExt;
use rexpect::session::spawn_command;
use serde_json::{Value, json};

use crate::program::{error_of, login_at, padlock_at, process_at, says};
use crate::tenant::{
    AUDIENCE, CLIENT_SECRET, DISCOVERY, EMAIL, JWKS, Response, TOKEN, Tenant, TenantOptions,
    USERINFO, error_responses,
};

const METHODS: &str = "token_endpoint_auth_methods_supported";
const GRANTS: &str = "grant_types_supported";

/// A login at the tenant by its issuer.
fn login_by_issuer(tenant: &Tenant) -> assert_cmd::Command {
    let mut login = login_at(tenant);
    login
        .env_remove("AUTH0_DOMAIN")
        .args(["--issuer", &tenant.issuer()]);
    login
}

fn client_credentials_by_issuer(tenant: &Tenant) -> assert_cmd::Command {
    let mut command = padlock_at(tenant);
    command
        .env_remove("AUTH0_DOMAIN")
        .args(["client-credentials", "--issuer", &tenant.issuer()])
        .args(["--audience", AUDIENCE]);
    command
}

fn with_grants(grants: Value) -> Tenant {
    Tenant::builder().discovery_member(GRANTS, grants).start()
}

/// A tenant whose discovery document is at another path than its issuer's.
fn tenant_with_document_elsewhere(document: &Value) -> Tenant {
    let tenant = Tenant::builder()
        .issuer("https://b2c.percy.test/6babcaad/v2.0/")
        .responds(DISCOVERY, Response::new(404, ""))
        .start();
    let Value::Object(mut members) = json!({
        "issuer": tenant.issuer(),
        "token_endpoint": format!("{}oauth/token", tenant.url()),
        "jwks_uri": format!("{}.well-known/jwks.json", tenant.url()),
        METHODS: ["client_secret_post"],
    }) else {
        unreachable!("it is an object")
    };
    members.extend(document.as_object().cloned().unwrap_or_default());
    let document = Response::json(200, &Value::Object(members));
    tenant.change(|options| options.responds("/my-policy/document", document));
    tenant
}

#[test]
fn a_discovery_document_at_another_address_is_read_there() {
    let tenant = tenant_with_document_elsewhere(&json!({}));
    let url = format!("{}my-policy/document?p=b2c_1_ropc", tenant.url());
    login_by_issuer(&tenant)
        .args(["--discovery-url", &url])
        .assert()
        .code(0);
    assert_eq!(
        tenant.requests()[0].path,
        "/my-policy/document?p=b2c_1_ropc"
    );
    assert_eq!(tenant.requests_to(DISCOVERY).len(), 0);
    client_credentials_by_issuer(&tenant)
        .args(["--discovery-url", &url])
        .assert()
        .code(0);
}

#[test]
fn a_discovery_document_at_another_address_must_name_the_issuer() {
    let tenant = tenant_with_document_elsewhere(&json!({ "issuer": "https://other.test/" }));
    let url = format!("{}my-policy/document", tenant.url());
    login_by_issuer(&tenant)
        .args(["--discovery-url", &url])
        .assert()
        .code(7)
        .stderr(says("calls itself"));
    assert_eq!(tenant.passwords_received(), 0);
    // The document is right, and the id_token is another issuer's.
    let tenant = tenant_with_document_elsewhere(&json!({}));
    tenant.change(|options| options.claim("iss", json!("https://other.test/")));
    let url = format!("{}my-policy/document", tenant.url());
    login_by_issuer(&tenant)
        .args(["--discovery-url", &url])
        .assert()
        .code(8)
        .stderr(says("iss is"));
}

#[test]
fn a_discovery_url_requires_an_issuer_and_a_safe_address() {
    let tenant = Tenant::start();
    login_at(&tenant)
        .args(["--discovery-url", "https://idp.test/document"])
        .assert()
        .code(2)
        .stderr(says("--discovery-url requires an issuer"));
    for url in [
        "http://idp.test/document",
        "https://u:hunter2@idp.test/document",
        "idp.test/document",
        "",
    ] {
        login_by_issuer(&tenant)
            .args(["--discovery-url", url])
            .assert()
            .code(2)
            .stderr(says("discovery URL").and(says("hunter2").not()));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_grant_that_is_not_offered_is_reported_before_a_password_is_sent() {
    for (grants, offered) in [
        (
            json!(["authorization_code", "refresh_token"]),
            "it offers: authorization_code, refresh_token",
        ),
        (json!([]), "it offers: none"),
        (json!(["Password"]), "it offers: Password"),
    ] {
        let tenant = with_grants(grants);
        let error = error_of(&mut login_by_issuer(&tenant));
        assert_eq!(
            (&error["class"], &error["exit"]),
            (&json!("tenant_refused"), &json!(5))
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("does not offer the password grant"),
            "{message}"
        );
        assert!(message.contains(offered), "{message}");
        assert_eq!(tenant.requests_to(TOKEN).len(), 0);
        client_credentials_by_issuer(&tenant)
            .assert()
            .code(5)
            .stderr(says("does not offer the client_credentials grant"));
        assert_eq!(tenant.requests_to(TOKEN).len(), 0);
    }
}

#[test]
fn a_grant_that_is_not_offered_is_reported_before_a_password_is_asked_for() {
    let tenant = with_grants(json!(["authorization_code"]));
    let issuer = tenant.issuer();
    let mut process = process_at(&tenant, &["--email", EMAIL, "--issuer", &issuer]);
    process.env_remove("AUTH0_DOMAIN");
    let mut session = spawn_command(process, Some(10_000)).expect("the pseudo-terminal opens");
    let shown = session.exp_eof().expect("the program ends");
    assert!(
        shown.contains("does not offer the password grant"),
        "{shown}"
    );
    assert!(!shown.contains("Password for"), "{shown}");
}

#[test]
fn a_grant_that_is_offered_or_unknown_is_tried() {
    for grants in [
        json!(["authorization_code", "password", "client_credentials"]),
        json!(null),
        json!("authorization_code"),
        json!({ "authorization_code": true }),
    ] {
        let tenant = with_grants(grants);
        login_by_issuer(&tenant).assert().code(0);
        client_credentials_by_issuer(&tenant).assert().code(0);
    }
    let tenant = with_grants(json!(["authorization_code"]));
    login_at(&tenant).assert().code(0);
    // Glewlwyd's document.
    let types = json!(["id_token", "password", "client_credentials"]);
    tenant.change(|options| options.discovery_member("response_types_supported", types));
    login_by_issuer(&tenant).assert().code(0);
}

/// How the secret came to the token endpoint: in the body, in a header.
fn secret_at(tenant: &Tenant, arguments: &[&str]) -> (bool, bool) {
    login_by_issuer(tenant).args(arguments).assert().code(0);
    let request = tenant.requests_to(TOKEN).pop().expect("a request");
    (
        request.field("client_secret").as_deref() == Some(CLIENT_SECRET),
        request.header("authorization").is_some(),
    )
}

#[test]
fn the_secret_is_sent_as_discovery_lists_unless_a_method_is_named() {
    let (in_body, in_header) = ((true, false), (false, true));
    for (methods, expected) in [
        (
            json!(["client_secret_basic", "client_secret_post"]),
            in_body,
        ),
        (json!(["private_key_jwt", "client_secret_post"]), in_body),
        (json!(["client_secret_basic", "private_key_jwt"]), in_header),
        (json!(["private_key_jwt"]), in_header),
        (json!([]), in_header),
        (json!("client_secret_post"), in_header),
    ] {
        let tenant = Tenant::builder().discovery_member(METHODS, methods).start();
        assert_eq!(secret_at(&tenant, &[]), expected);
        let named = ["--client-auth", "client_secret_post"];
        assert_eq!(secret_at(&tenant, &named), in_body);
        let named = ["--client-auth", "client_secret_basic"];
        assert_eq!(secret_at(&tenant, &named), in_header);
    }
    let tenant = Tenant::builder().without_discovery_member(METHODS).start();
    assert_eq!(secret_at(&tenant, &[]), in_header, "RFC 8414's default");
    login_at(&tenant).assert().code(0);
    let at_domain = tenant.requests_to(TOKEN).pop().expect("a request");
    assert!(
        at_domain.field("client_secret").is_some(),
        "always at a domain"
    );
}

#[test]
fn the_hint_for_a_refused_application_names_how_it_authenticated_and_how_it_could() {
    let refused = |options: TenantOptions| {
        options.token_error(error_responses::invalid_client(
            "Client authentication failed",
        ))
    };
    let methods = json!(["client_secret_basic", "private_key_jwt"]);
    let tenant = refused(Tenant::builder().discovery_member(METHODS, methods)).start();
    for (arguments, used) in [
        (&[][..], "padlock used client_secret_basic"),
        (
            &["--client-auth", "client_secret_post"],
            "padlock used client_secret_post",
        ),
        (&["--client-auth", "none"], "padlock used none"),
    ] {
        let error = error_of(login_by_issuer(&tenant).args(arguments));
        assert_eq!(error["exit"], 5, "{error}");
        let hint = error["hint"].as_str().unwrap();
        let listed = "accepts client_secret_basic, private_key_jwt";
        for words in [used, listed, "--client-auth"] {
            assert!(hint.contains(words), "{hint}");
        }
    }
    let tenant = refused(Tenant::builder().without_discovery_member(METHODS)).start();
    login_by_issuer(&tenant)
        .assert()
        .code(5)
        .stderr(says("padlock used client_secret_basic").and(says("does not say")));
}

#[test]
fn a_member_of_discovery_that_the_command_does_not_need_ends_nothing() {
    let tenant = Tenant::builder()
        .discovery_member("userinfo_endpoint", json!("http://elsewhere.test/userinfo"))
        .discovery_member("mfa_challenge_endpoint", json!(7))
        .discovery_member("scopes_supported", json!("openid"))
        .start();
    login_by_issuer(&tenant).assert().code(0);
    login_by_issuer(&tenant).arg("--userinfo").assert().code(2);
    for jwks in [json!(null), json!("http://elsewhere.test/keys")] {
        let tenant = Tenant::builder().discovery_member("jwks_uri", jwks).start();
        client_credentials_by_issuer(&tenant).assert().code(0);
        login_by_issuer(&tenant)
            .assert()
            .code(7)
            .stderr(says("jwks_uri"));
        assert_eq!(tenant.passwords_received(), 0);
    }
    let tenant = Tenant::builder()
        .hs256()
        .without_discovery_member("jwks_uri")
        .start();
    login_by_issuer(&tenant).assert().code(0);
}

#[test]
fn a_domain_that_is_no_auth0_tenant_is_recognized() {
    let page = "<!DOCTYPE html><title>Not here</title>";
    for response in [
        Response::new(404, page),
        Response::new(404, ""),
        Response::json(
            404,
            &json!({ "error": "Unable to find matching target resource method" }),
        ),
        Response::json(
            404,
            &json!({ "status": 404, "error": "Not Found", "path": "/oauth/token" }),
        ),
        Response::new(405, ""),
        Response::new(200, page),
        Response::new(302, "").header("location", "/login"),
    ] {
        let tenant = Tenant::builder().responds(TOKEN, response).start();
        let error = error_of(&mut login_at(&tenant));
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("--issuer in place of --domain"), "{error}");
    }
}

#[test]
fn hints_about_an_issuer_do_not_speak_of_a_domain() {
    let page = Response::new(200, "<!DOCTYPE html>");
    for (path, response) in [
        (DISCOVERY, page.clone()),
        (DISCOVERY, Response::new(404, "")),
        (DISCOVERY, Response::new(302, "").header("location", "/x")),
        (JWKS, page.clone()),
        (JWKS, Response::new(404, "")),
        (TOKEN, page.clone()),
        (USERINFO, page),
        (TOKEN, Response::new(404, "<p>")),
        (TOKEN, Response::new(307, "").header("location", "/x")),
        (TOKEN, Response::new(200, vec![b' '; (1 << 20) + 1])),
    ] {
        let tenant = Tenant::builder().responds(path, response).start();
        let error = error_of(login_by_issuer(&tenant).arg("--userinfo"));
        let hint = error["hint"].as_str().unwrap();
        assert!(!hint.contains("domain"), "{path}: {error}");
        assert!(
            hint.contains("issuer") || hint.contains("URL"),
            "{path}: {error}"
        );
    }
}

#[test]
fn plain_http_to_a_server_with_tls_is_recognized() {
    let tenant = Tenant::builder().tls().start();
    let plain = tenant.url().replace("https://", "http://");
    let error = error_of(login_at(&tenant).args(["--domain", &plain]));
    assert!(
        error["hint"].as_str().unwrap().contains("use https://"),
        "{error}"
    );
    assert_eq!(tenant.passwords_received(), 0);
    for body in [
        "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
        "Bad Request\r\nThis combination of host and port requires TLS.\r\n",
    ] {
        let tenant = Tenant::builder().token_response(400, &[], body).start();
        let error = error_of(&mut login_at(&tenant));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("expects TLS"), "{error}");
        assert!(
            error["hint"].as_str().unwrap().contains("https://"),
            "{error}"
        );
    }
}
