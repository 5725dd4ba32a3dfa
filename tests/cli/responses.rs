//! Responses in every form that real servers send: members of other types, errors of any status and
//! encoding.

use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{error_of, login_at, login_at_issuer, padlock_at, printed, says};
use crate::tenant::{AUDIENCE, Tenant};

#[test]
fn members_that_a_login_does_not_need_may_have_any_form() {
    for (name, value) in [
        ("expires_in", json!("3600")),
        ("expires_in", json!("")),
        ("expires_in", json!({})),
        ("scope", json!(["openid", "profile"])),
        ("scope", json!(5)),
        ("token_type", json!("BearerToken")),
        ("token_type", json!(null)),
        ("refresh_token", json!([])),
        ("recovery_code", json!(false)),
        ("access_token", json!([])),
        ("access_token", json!("a b")),
    ] {
        let tenant = Tenant::builder().member(name, value.clone()).start();
        login_at(&tenant)
            .assert()
            .code(0)
            .stdout(says("Robin Percy"))
            .stderr("");
    }
}

#[test]
fn a_member_that_is_needed_must_be_right() {
    for value in [json!([]), json!("a b"), json!("")] {
        let tenant = Tenant::builder().member("access_token", value).start();
        login_at(&tenant)
            .args(["--output", "header"])
            .assert()
            .code(7)
            .stdout("")
            .stderr(says("its access_token"));
    }
    let tenant = Tenant::builder()
        .member("token_type", json!("DPoP"))
        .start();
    login_at(&tenant)
        .args(["--output", "header"])
        .assert()
        .code(7)
        .stderr(says("its token_type is not Bearer"));
}

#[test]
fn a_byte_order_mark_before_the_response_is_no_part_of_it() {
    let tenant = Tenant::builder().access_token("at.at.at").start();
    let plain = printed(login_at(&tenant).args(["--output", "tokens"]));
    let tenant = Tenant::builder()
        .token_response(200, &[], format!("\u{feff}{plain}"))
        .start();
    let marked = printed(padlock_at(&tenant).args([
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--output",
        "tokens",
    ]));
    assert_eq!(plain, marked);
}

#[test]
fn a_lifetime_as_a_string_and_a_scope_as_a_list_are_read() {
    let tenant = Tenant::builder()
        .access_token("at.at.at")
        .member("expires_in", json!("3600"))
        .member("scope", json!(["a", "b"]))
        .start();
    let printed = printed(padlock_at(&tenant).args([
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--output",
        "json",
    ]));
    let token: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&token["expires_in"], &token["scope"]),
        (&json!(3600), &json!("a b"))
    );
}

/// An error in every form. Each says that the e-mail address or the password is wrong.
fn errors() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let json = r#"{"error":"invalid_grant","error_description":"Invalid user credentials (é)"}"#;
    let form = "error=invalid_grant&error_description=Invalid+user+credentials+(%C3%A9)";
    let json_type = "application/json";
    vec![
        ("JSON", json_type, json.into()),
        (
            "Latin-1",
            "application/json; charset=iso-8859-1",
            latin1(json),
        ),
        (
            "a byte order mark",
            json_type,
            format!("\u{feff}{json}").into(),
        ),
        ("UTF-16", json_type, utf16(&format!("\u{feff}{json}"))),
        ("a form", "application/x-www-form-urlencoded", form.into()),
        (
            "a form in Latin-1",
            "text/plain",
            form.replace("%C3%A9", "%E9").into(),
        ),
        (
            "a list",
            json_type,
            json.replace("\"Invalid", "[\"Invalid")
                .replace("\"}", "\"]}")
                .into(),
        ),
        (
            "an object",
            json_type,
            json.replace("\"Invalid", "{\"message\":\"Invalid")
                .replace("\"}", "\"}}")
                .into(),
        ),
        (
            "another member",
            "text/html",
            json.replace("error_description", "message").into(),
        ),
        (
            "an object as error",
            json_type,
            br#"{"error":{"code":"invalid_grant","message":"Invalid user credentials"}}"#.into(),
        ),
    ]
}

#[test]
fn an_error_is_understood_with_any_status_and_in_any_form() {
    for (name, content_type, body) in errors() {
        for status in [200, 400, 401, 403, 404, 500] {
            let tenant = Tenant::builder()
                .plain_provider()
                .token_response(status, &[("content-type", content_type)], body.clone())
                .start();
            let error = error_of(&mut login_at_issuer(&tenant));
            assert_eq!(error["exit"], 3, "{name}, status {status}: {error}");
            assert_eq!(error["code"], "invalid_grant", "{name}, status {status}");
            assert_eq!(error["status"], status, "{name}, status {status}");
        }
    }
}

#[test]
fn an_error_in_the_header_alone_is_understood() {
    let challenge =
        "Bearer realm=\"x\", error=\"invalid_client\", error_description=\"no such one\"";
    for (status, body) in [(200, ""), (401, ""), (400, "<html>"), (403, "Forbidden")] {
        let tenant = Tenant::builder()
            .token_response(status, &[("www-authenticate", challenge)], body)
            .start();
        let error = error_of(&mut login_at(&tenant));
        assert_eq!(
            (&error["exit"], &error["code"]),
            (&json!(5), &json!("invalid_client"))
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("no such one"), "{message}");
    }
}

#[test]
fn a_refusal_is_never_exit_7() {
    for (status, body) in [
        (400, ""),
        (400, "<html><body>Bad Request</body></html>"),
        (400, "{"),
        (400, "[]"),
        (400, "null"),
        (401, "\"no\""),
        (402, ""),
        (403, "{}"),
        (409, "no"),
        (415, "<html>"),
        (422, ""),
        (200, "{\"error\":\"odd_thing\"}"),
        (200, "error=odd_thing"),
        (299, "{\"error\":{\"code\":\"odd_thing\"}}"),
        (404, "{\"error\":\"odd_thing\"}"),
        (500, "{\"error\":\"invalid_request\"}"),
        (503, "{\"error\":\"odd_thing\",\"error_description\":5}"),
    ] {
        let tenant = Tenant::builder().token_response(status, &[], body).start();
        let error = error_of(&mut login_at(&tenant));
        let found = (&error["exit"], &error["class"]);
        assert_eq!(
            found,
            (&json!(5), &json!("tenant_refused")),
            "{status} {body}: {error}"
        );
    }
}

#[test]
fn a_fault_of_the_server_is_no_refusal() {
    for (status, body) in [
        (500, ""),
        (500, "{\"error\":\"server_error\"}"),
        (500, "{\"error\":\"Internal Server Error\",\"status\":500}"),
        (502, "<html>"),
        (503, "{\"error\":\"service_unavailable\"}"),
        (504, "{\"message\":\"Endpoint request timed out\"}"),
        (200, "{\"error\":\"server_error\"}"),
        (400, "{\"error\":\"temporarily_unavailable\"}"),
    ] {
        let tenant = Tenant::builder().token_response(status, &[], body).start();
        let error = error_of(&mut login_at(&tenant));
        let found = (&error["exit"], &error["class"]);
        assert_eq!(
            found,
            (&json!(7), &json!("unreachable")),
            "{status} {body}: {error}"
        );
    }
    for (status, body) in [(200, "<html>"), (200, "{}"), (404, "<html>"), (405, "")] {
        let tenant = Tenant::builder().token_response(status, &[], body).start();
        let error = error_of(&mut login_at(&tenant));
        assert_eq!(error["class"], "bad_answer", "{status} {body}: {error}");
    }
}

#[test]
fn the_servers_words_come_first_where_padlock_has_none() {
    let body = r#"{"error":"odd_thing","error_description":"the moon is full"}"#;
    let tenant = Tenant::builder().token_response(418, &[], body).start();
    login_at(&tenant).assert().code(5).stderr(says(
        "refused the request: the moon is full (status 418, odd_thing)",
    ));
    let tenant = Tenant::builder()
        .token_response(400, &[], "no code in /oauth/token")
        .start();
    login_at(&tenant).assert().code(5).stderr(says(
        "refused the request: no code in /oauth/token (status 400)",
    ));
}

#[test]
fn an_error_without_a_value_beside_tokens_is_none() {
    for value in [json!(null), json!("")] {
        let tenant = Tenant::builder().member("error", value).start();
        login_at(&tenant).assert().code(0);
    }
}

#[test]
fn a_lock_is_not_said_to_end_when_the_tenants_rate_limit_does() {
    let body =
        r#"{"error":"too_many_attempts","error_description":"Your account has been blocked"}"#;
    let reset = (crate::tenant::now() + 100).to_string();
    let tenant = Tenant::builder()
        .token_response(429, &[("x-ratelimit-reset", &reset)], body)
        .start();
    login_at(&tenant)
        .assert()
        .code(6)
        .stderr(says("blocked after too many attempts").and(says("try again in").not()));
}
