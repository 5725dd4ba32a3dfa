//! What messages of `verify` and of logins at an issuer say: bounded, without secrets in URLs, with
//! the next step for each cause.

use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::program::{access_token_of, error_of, login_at_issuer, padlock, verify_at};
use crate::tenant::{Certificate, DISCOVERY, Fault, JWKS, Response, Tenant, TenantOptions};

/// Characters that some reader takes for the end of a line, besides CR and LF.
const LINE_ENDS: [char; 8] = [
    '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}',
];

/// A token that was never signed.
fn forged(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.AA", part(header), part(payload))
}

#[test]
fn reasons_are_short_whatever_is_in_a_token_and_however_many_issuers_are_trusted() {
    let tenant = Tenant::start();
    let long = "x\u{2028}".repeat(20_000);
    let list: Vec<String> = (0..3000)
        .map(|number| format!("https://{number}.test/"))
        .collect();
    let tokens = [
        forged(&json!({ "alg": "RS256", "kid": long }), &json!({})),
        forged(&json!({ "alg": long }), &json!({})),
        forged(&json!({ "alg": list }), &json!({})),
        forged(&json!({ "alg": "RS256", "typ": list }), &json!({})),
        forged(&json!({ "alg": "RS256", "crit": list }), &json!({})),
        ".".repeat(50_000),
    ];
    for token in tokens {
        let error = error_of(verify_at(&tenant).write_stdin(token));
        assert!(error.to_string().len() < 1500, "{error}");
    }
    let options = Tenant::builder()
        .access_token_claim("aud", json!(list))
        .access_token_claim("iss", json!(long))
        .access_token_claim("cnf", json!(list));
    let mut verify = verify_at(&tenant);
    verify.args(["--audience", "a", "--audience", "b"]);
    verify.args(["--audience", "c", "--audience", "d", "--audience", "e"]);
    let token = access_token_of(&options.start());
    let error = error_of(verify.write_stdin(token));
    let reasons = error["reasons"].as_array().unwrap();
    assert!(
        reasons.len() > 2 && error.to_string().len() < 3000,
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains(r#"\"a\" or \"b\" or \"c\" or 2 others"#),
        "{error}"
    );
    let mut many = padlock();
    many.args(["verify", "--any-audience"]);
    for number in 0..1000 {
        many.args(["--issuer", &format!("https://{number}.test/")]);
    }
    let error =
        error_of(many.write_stdin(forged(&json!({ "alg": "RS256" }), &json!({ "iss": long }))));
    let reason = error["reasons"][0].as_str().unwrap();
    assert!(
        reason.ends_with(", 997 others") && reason.len() < 300,
        "{reason}"
    );
}

#[test]
fn no_message_and_no_log_line_contains_the_query_or_the_user_of_a_url() {
    let keys = |tenant: &Tenant| format!("{}.well-known/jwks.json?sig=hunter2", tenant.url());
    let token = access_token_of(&Tenant::start());
    let verify = |url: &str| {
        let mut verify = padlock();
        verify.args(["verify", "-vv", "--any-audience", "--jwks", url, &token]);
        let output = verify.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            !text.contains("hunter2") && !text.contains("sig="),
            "{text}"
        );
        (text, output.status.code())
    };
    for fault in [
        Fault::Status(404),
        Fault::Status(503),
        Fault::Html,
        Fault::ClosesWithoutResponse,
        Fault::Responds(Response::new(302, "").header("location", "/x?sig=hunter2")),
    ] {
        let tenant = Tenant::builder().fault(JWKS, fault).start();
        let (text, exit) = verify(&keys(&tenant));
        assert!(text.contains("127.0.0.1") && exit == Some(7), "{text}");
    }
    let gone = keys(&Tenant::start());
    assert_eq!(verify(&gone).1, Some(7));
    for url in [
        "http://elsewhere.test/keys?sig=hunter2",
        "ftp://elsewhere.test/keys?sig=hunter2",
        "https://[/keys?sig=hunter2",
        "https://robin:hunter2@elsewhere.test/",
    ] {
        assert_eq!(verify(url).1, Some(2));
    }
    let moved = "ftp://robin:hunter2@elsewhere.test/keys?sig=hunter2";
    let tenant = Tenant::builder().discovery_member("jwks_uri", json!(moved));
    let tenant = tenant.start();
    let text = error_of(verify_at(&tenant).args(["-vv", &token])).to_string();
    assert!(
        text.contains("ftp://elsewhere.test/keys") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn verdicts_and_failures_are_one_line_for_every_reader() {
    let odd: String = LINE_ENDS.iter().flat_map(|end| ['a', *end]).collect();
    let tenant = Tenant::builder()
        .access_token_claim("odd", json!(odd))
        .access_token_claim("sub", json!(odd))
        .start();
    let token = access_token_of(&tenant);
    let unknown = forged(&json!({ "alg": "RS256", "kid": odd }), &json!({}));
    let mut verify = verify_at(&tenant);
    verify.args([
        "--error-format",
        "json",
        "--require-claim",
        &format!("odd={odd}x"),
    ]);
    let output = verify.write_stdin(format!("{token}\n{unknown}\n{odd}\n"));
    let output = output.output().unwrap();
    for text in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(text).unwrap();
        assert!(!text.contains(LINE_ENDS), "{text:?}");
    }
    let mut valid = verify_at(&tenant);
    let output = valid.write_stdin(format!("{token}\n\n")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(LINE_ENDS), "{text:?}");
    let verdict: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(verdict["claims"]["odd"], odd);
}

/// The hint of a verification and of a login at the same issuer.
fn hints(tenant: &Tenant, change: impl Fn(&mut assert_cmd::Command)) -> [String; 2] {
    let token = access_token_of(&Tenant::start());
    let mut commands = [verify_at(tenant), login_at_issuer(tenant)];
    let ca_file = tenant.settings().into_iter();
    commands[0]
        .arg(token)
        .envs(ca_file.filter(|(name, _)| *name == "PADLOCK_CA_FILE"));
    commands.map(|mut command| {
        change(&mut command);
        let error = error_of(&mut command);
        assert_eq!(error["exit"], 7, "{error}");
        error["hint"].as_str().unwrap().to_owned()
    })
}

#[test]
fn a_network_failure_has_a_hint_for_its_cause() {
    let no_ca = |command: &mut assert_cmd::Command| {
        command.env_remove("PADLOCK_CA_FILE");
    };
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let with = |options: TenantOptions| options.start();
    let issuer = |issuer: &str| with(Tenant::builder().issuer(issuer));
    let plain = |issuer: &str| issuer.replace("https://", "http://");
    let tls = with(Tenant::builder().tls());
    let cases = [
        (hints(&tls, no_ca), "--ca-file"),
        (
            hints(
                &with(Tenant::builder().certificate(Certificate::Expired)),
                |_| (),
            ),
            "clock",
        ),
        (
            hints(
                &with(Tenant::builder().fault(DISCOVERY, Fault::NoResponse)),
                |command| {
                    command.args(["--timeout", "0.3"]);
                },
            ),
            "--timeout",
        ),
        (
            hints(&issuer("https://acme.invalid/"), |_| ()),
            "host name for typos",
        ),
        (
            hints(&issuer(&format!("http://{closed}/")), |_| ()),
            "the server is running",
        ),
        (
            hints(&issuer("https://acme.test/"), |command| {
                command.env("HTTPS_PROXY", format!("http://{closed}"));
            }),
            "HTTPS_PROXY",
        ),
        (hints(&issuer(&plain(&tls.issuer())), |_| ()), "https://"),
    ];
    for (hints, words) in cases {
        for hint in hints {
            assert!(
                hint.contains(words) && !hint.contains("domain"),
                "{words}: {hint}"
            );
        }
    }
}

#[test]
fn a_server_without_tls_is_told_from_one_that_is_not_running() {
    let plain = Tenant::start();
    let issuer = plain.issuer().replace("http://", "https://");
    let tenant = Tenant::builder().issuer(&issuer).start();
    for hint in hints(&tenant, |_| ()) {
        assert!(hint.contains("check the port"), "{hint}");
    }
}

#[test]
fn key_sets_are_asked_for_as_key_sets() {
    let accept = "application/jwk-set+json, application/json;q=0.9, */*;q=0.1";
    let keys = Response::new(200, include_str!("../tenant/keys/jwks.json"))
        .header("content-type", "application/jwk-set+json");
    let tenant = Tenant::builder().responds(JWKS, keys).start();
    let token = access_token_of(&tenant);
    tenant.clear_requests();
    verify_at(&tenant).arg(token).assert().code(0);
    login_at_issuer(&tenant).assert().code(0);
    let requests = tenant.requests_to(JWKS);
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.header("accept"), Some(accept));
        assert_eq!(request.header("accept-encoding"), None);
    }
}

#[test]
fn gzip_and_a_byte_order_mark_of_public_documents_are_understood() {
    for fault in [
        Fault::Gzip { announced: true },
        Fault::Gzip { announced: false },
        Fault::ByteOrderMark,
    ] {
        for path in [JWKS, DISCOVERY] {
            let tenant = Tenant::builder().fault(path, fault.clone()).start();
            let token = access_token_of(&tenant);
            verify_at(&tenant).arg(token).assert().code(0);
            login_at_issuer(&tenant).assert().code(0);
        }
    }
}

#[test]
fn a_discovery_document_that_lacks_something_gets_a_hint_of_its_own() {
    let no_token_endpoint = Tenant::builder()
        .without_discovery_member("token_endpoint")
        .start();
    let error = error_of(&mut login_at_issuer(&no_token_endpoint));
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("padlock verify"), "{error}");
    let no_keys = Tenant::builder()
        .without_discovery_member("jwks_uri")
        .start();
    for hint in hints(&no_keys, |_| ()) {
        assert!(hint.contains("--jwks") && hint.contains("HS256"), "{hint}");
    }
    for body in ["<!DOCTYPE html>", "", "{}", "[]", "{\"issuer\":7}"] {
        let tenant = Tenant::builder()
            .responds(DISCOVERY, Response::new(200, body))
            .start();
        for hint in hints(&tenant, |_| ()) {
            assert!(hint.contains("no discovery document"), "{body}: {hint}");
        }
    }
}
