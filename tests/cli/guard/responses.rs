//! The responses and the log.

use std::fmt::Write;

use serde_json::{Value, json};

use super::harness::{Guard, connect, get, guard_at, signed, token_of, with_token};
use super::shared::{GUARD, admin, authorized, token, user};
use crate::tenant::{AUDIENCE, Fault, JWKS, Signing, Tenant, now};

#[test]
fn without_a_token_the_challenge_names_no_error() {
    let answer = GUARD.ask(&get("/", &[]));
    assert_eq!(answer.challenge(), format!("Bearer realm=\"{AUDIENCE}\""));
}

#[test]
fn the_challenge_for_malformed_credentials_is_invalid_request() {
    let answer = authorized("Bearer a b");
    let start =
        format!("Bearer realm=\"{AUDIENCE}\", error=\"invalid_request\", error_description=\"");
    assert!(answer.challenge().starts_with(&start), "{answer:?}");
}

#[test]
fn the_challenge_for_an_invalid_token_is_invalid_token() {
    let start =
        format!("Bearer realm=\"{AUDIENCE}\", error=\"invalid_token\", error_description=\"");
    let forged = signed(&Signing::unpublished_key(), "https://evil.test/", json!({}));
    for token in [
        token(json!({ "exp": now() - 3600 })),
        forged,
        "x".to_owned(),
    ] {
        let answer = GUARD.ask(&with_token("/", &token));
        assert!(answer.challenge().starts_with(&start), "{answer:?}");
        assert!(!answer.challenge().contains("evil"), "{answer:?}");
    }
}

#[test]
fn the_challenge_for_an_expired_token_says_so() {
    let answer = GUARD.ask(&with_token("/", &token(json!({ "exp": now() - 3600 }))));
    let end = "error_description=\"the token has expired\"";
    assert!(answer.challenge().ends_with(end), "{answer:?}");
}

#[test]
fn the_challenge_for_an_insufficient_token_names_the_scope() {
    let token = token(json!({ "scope": "openid" }));
    let answer = GUARD.ask(&with_token("/orders", &token));
    assert_eq!(answer.status, 403);
    let challenge = answer.challenge();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(
        challenge.ends_with(", scope=\"read:orders\""),
        "{challenge}"
    );
}

#[test]
fn a_200_has_no_challenge_and_no_body() {
    let answer = GUARD.ask(&with_token("/admin", &admin()));
    assert_eq!((answer.status, answer.challenge()), (200, ""));
    assert_eq!(answer.body, "");
}

#[test]
fn no_response_may_be_stored() {
    for request in [
        with_token("/", &user()),
        get("/", &[]),
        with_token("/admin", &user()),
    ] {
        let answer = GUARD.ask(&request);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn with_explain_a_refusal_has_the_class_and_the_reasons() {
    let answer = GUARD.ask(&with_token("/admin", &user()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["class"], "claim_missing");
    assert!(
        body["reasons"][0].as_str().unwrap().contains("admin"),
        "{body}"
    );
}

#[test]
fn without_explain_no_response_has_a_body() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &["--require-permission=admin"]);
    let token = token_of(&tenant, json!({}));
    for request in [with_token("/", &token), get("/", &[]), with_token("/", "x")] {
        let answer = guard.ask(&request);
        assert!(matches!(answer.status, 401 | 403));
        assert_eq!(answer.body, "");
    }
}

#[test]
fn requirements_before_the_first_check_are_those_of_all() {
    let tenant = Tenant::start();
    let flags = [
        "--require-scope=read:orders",
        "--check=admin",
        "--require-permission=admin",
    ];
    let guard = guard_at(&tenant, &flags);
    for (claims, base, check) in [
        (
            json!({ "scope": "openid", "permissions": ["admin"] }),
            403,
            403,
        ),
        (json!({}), 200, 403),
        (json!({ "permissions": ["admin"] }), 200, 200),
    ] {
        let token = token_of(&tenant, claims.clone());
        assert_eq!(guard.status("/", &token), base, "{claims}");
        assert_eq!(guard.status("/admin", &token), check, "{claims}");
    }
}

#[test]
fn an_address_for_one_check_holds_every_path_to_it() {
    let tenant = Tenant::start();
    let flags = ["--listen=127.0.0.1:0", "--listen-for=admin=127.0.0.1:0"];
    let checks = [
        "--check=admin",
        "--require-permission=admin",
        "--check=open",
    ];
    let guard = guard_at(&tenant, &[&flags[..], &checks].concat());
    let user = token_of(&tenant, json!({}));
    let admin = token_of(&tenant, json!({ "permissions": ["admin"] }));
    for path in [
        "/",
        "/admin",
        "/open",
        "//",
        "/x/../open",
        "/%2e",
        "*",
        "/nothing?a",
    ] {
        for (token, status) in [(&user, 403), (&admin, 200)] {
            let mut connection = connect(&guard.addresses[1]);
            connection.write(&with_token(path, token));
            assert_eq!(connection.answer().status, status, "{path}");
        }
    }
    assert_eq!(guard.status("/open", &user), 200);
}

#[test]
fn keys_that_cannot_be_had_are_a_503_for_what_could_be_valid() {
    let tenant = Tenant::builder().fault(JWKS, Fault::Status(500)).start();
    let guard = guard_at(&tenant, &["--explain"]);
    let token = token_of(&tenant, json!({}));
    let answer = guard.ask(&with_token("/", &token));
    assert_eq!((answer.status, answer.challenge()), (503, ""));
    assert_eq!(answer.header("retry-after"), Some("5"));
    for (token, class) in [
        ("x", "untrusted_token"),
        ("a b", "malformed_credentials"),
        (&format!("{token},x"), "malformed_credentials"),
        (&format!("e\"{token}"), "malformed_credentials"),
    ] {
        let answer = guard.ask(&with_token("/", token));
        assert_eq!((answer.status, answer.class().as_str()), (401, class));
    }
    assert_eq!(guard.ask(&get("/", &[])).status, 401);
    assert_eq!(guard.ask(&get("/nothing", &[])).status, 403);
}

#[test]
fn an_issuer_that_is_down_costs_only_its_own_tokens() {
    let (up, down) = (
        Tenant::start(),
        Tenant::builder().fault(JWKS, Fault::Status(500)).start(),
    );
    let guard = guard_at(&up, &["--issuer", &down.issuer()]);
    assert_eq!(guard.status("/", &token_of(&up, json!({}))), 200);
    assert_eq!(guard.status("/", &token_of(&down, json!({}))), 503);
    assert_eq!(
        guard.status(
            "/",
            &signed(&Signing::current_key(), "https://evil.test/", json!({}))
        ),
        401
    );
}

#[test]
fn every_decision_is_one_line_of_the_log() {
    let tenant = Tenant::start();
    let flags = ["--check=admin", "--require-permission=admin"];
    let guard = guard_at(&tenant, &flags);
    let user = token_of(&tenant, json!({}));
    guard.status("/admin", &user);
    guard.status("/", &user);
    guard.ask(&get("/nothing", &[]));
    guard.status("/", "x");
    let all = guard.until("\"untrusted_token\"");
    let lines = all
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<_> = lines.filter(|line| line.get("status").is_some()).collect();
    let fields = |name: &str| Value::Array(lines.iter().map(|line| line[name].clone()).collect());
    assert_eq!(fields("status"), json!([403, 200, 403, 401]));
    assert_eq!(fields("check"), json!(["admin", "", null, ""]));
    assert_eq!(
        fields("sub"),
        json!(["auth0|robin", "auth0|robin", null, null])
    );
    assert_eq!(
        fields("iss"),
        json!([tenant.issuer(), tenant.issuer(), null, null])
    );
    let classes = ["claim_missing", "valid", "unknown_path", "untrusted_token"];
    assert_eq!(fields("class"), json!(classes));
    for line in lines {
        assert!(line["time"].as_str().unwrap().ends_with('Z') && line["duration_us"].is_u64());
    }
}

#[test]
fn no_token_is_in_the_log_or_in_a_response() {
    let tenant = Tenant::start();
    let guard = guard_at(
        &tenant,
        &["--explain", "--check=admin", "--require-permission=admin"],
    );
    let mut tokens = vec![
        token_of(&tenant, json!({})),
        token_of(&tenant, json!({ "exp": 1 })),
        token_of(&tenant, json!({ "iss": "https://evil.test/" })),
        signed(&Signing::unknown_kid(), &tenant.issuer(), json!({})),
        "opaque-secret-0123456789".to_owned(),
        "eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOjF9.".to_owned(),
    ];
    let mut bodies = String::new();
    for token in &tokens {
        for path in [
            "/",
            "/admin",
            &format!("/{token}"),
            &format!("/?access_token={token}"),
        ] {
            let bearer = format!("Bearer {token}");
            let twice = get(
                path,
                &[("Authorization", &bearer), ("authorization", &bearer)],
            );
            let list = get(path, &[("Authorization", &format!("{bearer}, {bearer}"))]);
            for request in [with_token(path, token), twice, list] {
                write!(bodies, "{:?}", guard.ask(&request)).unwrap();
            }
        }
    }
    guard.status("/", "last");
    guard.signal(rustix::process::Signal::TERM);
    let (_, lines) = guard.end();
    let shown = lines.join("\n") + &bodies;
    assert!(lines.len() > 70, "{}", lines.len());
    tokens.push("eyJ".to_owned());
    for part in tokens
        .iter()
        .flat_map(|token| token.split('.'))
        .filter(|part| part.len() > 2)
    {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn control_characters_of_a_token_are_escaped_in_the_log() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &[]);
    let subject = "a\n{\"status\":200}\u{1b}[2J";
    guard.status("/", &token_of(&tenant, json!({ "sub": subject })));
    let lines = guard.until("\"status\":200");
    let line = lines
        .iter()
        .find(|line| line.contains("\"sub\""))
        .expect("one line");
    assert!(!line.contains('\u{1b}'), "{line}");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["sub"], subject);
}

/// The status and body at the health address.
fn health(guard: &Guard, path: &str) -> (u16, String) {
    let mut connection = connect(guard.health.as_deref().expect("a health address"));
    connection.write(&get(path, &[]));
    let answer = connection.answer();
    (answer.status, answer.body)
}

#[test]
fn health_is_at_an_address_of_its_own() {
    assert_eq!(health(&GUARD, "/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(health(&GUARD, "/readyz"), (200, "ready\n".to_owned()));
    for path in ["/", "/admin", "/healthz/"] {
        assert_eq!(health(&GUARD, path).0, 404, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(GUARD.ask(&with_token(path, &admin())).status, 403, "{path}");
    }
}

#[test]
fn idle_connections_for_health_keep_nothing_from_the_others() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &["--health-listen=127.0.0.1:0"]);
    let address = guard.health.clone().expect("a health address");
    let idle: Vec<_> = (0..200).map(|_| connect(&address)).collect();
    assert_eq!(health(&guard, "/healthz").0, 200);
    assert_eq!(guard.status("/", &token_of(&tenant, json!({}))), 200);
    let closed = idle.into_iter().take(100);
    assert!(
        closed
            .map(|one| one.answers().len())
            .all(|length| length == 0)
    );
}

#[test]
fn it_is_not_ready_before_the_first_keys_were_asked_for() {
    let tenant = Tenant::builder().fault(JWKS, Fault::NoResponse).start();
    let issuer = tenant.issuer();
    let guard = Guard::starting(&[
        "--issuer",
        &issuer,
        "--audience",
        AUDIENCE,
        "--health-listen=127.0.0.1:0",
    ]);
    assert_eq!(health(&guard, "/readyz"), (503, "not ready\n".to_owned()));
    assert_eq!(health(&guard, "/healthz").0, 200);
}
