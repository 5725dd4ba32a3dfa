//! What is given instead of a token is named as what it is, with the next step.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use predicates::prelude::PredicateBooleanExt;
use serde_json::json;

use crate::program::{access_token_of, says, verify_at};
use crate::tenant::Tenant;

#[test]
fn text_that_is_no_token_is_named_with_the_next_step() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let response = json!({ "access_token": token, "token_type": "Bearer" }).to_string();
    let load_balancer = json!({
        "alg": "RS256", "kid": "percy-current",
        "signer": "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/y",
    });
    let load_balancer = [
        load_balancer.to_string(),
        "{\"sub\":1}".into(),
        "x".repeat(64),
    ];
    let load_balancer = load_balancer.map(|part| URL_SAFE.encode(part)).join(".");
    assert!(load_balancer.contains('='), "{load_balancer}");
    for (text, name, step) in [
        (format!("\"{token}\""), "in quotes", "jq"),
        (format!("'{token}'"), "in quotes", "-r"),
        (response, "a whole token response", ".access_token"),
        (
            json!({ "id_token": token }).to_string(),
            "a whole token response",
            ".id_token",
        ),
        (
            format!("bearer {token}"),
            "authentication scheme",
            "only the token",
        ),
        (
            format!("BEARER {token}"),
            "authentication scheme",
            "only the token",
        ),
        (
            format!("Authorization: Bearer {token}"),
            "authentication scheme",
            "only the token",
        ),
        (
            format!("https://app.test/#access_token={token}"),
            "an address",
            "access_token",
        ),
        (
            "a.b.c.d.e".into(),
            "encrypted (a JWE with five parts)",
            "audience",
        ),
        ("v4xo2Hq_opaque".into(), "opaque", "audience"),
        (
            load_balancer,
            "AWS load balancer",
            "x-amzn-oidc-accesstoken",
        ),
        (
            json!({ "sub": "me", "exp": 1 }).to_string(),
            "JSON",
            "the token itself",
        ),
        (token.replace('.', "\n."), "whitespace", "one line"),
        (String::new(), "empty", "variable"),
        (format!("{}...", &token[..40]), "shortened", "whole token"),
    ] {
        let refused = verify_at(&tenant).arg(&text).assert().code(8).stdout("");
        let signature = token.rsplit('.').next().unwrap();
        refused.stderr(says(name).and(says(step)).and(says(signature).not()));
    }
}

#[test]
fn json_of_several_lines_gets_one_error_with_the_next_step() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let response = json!({ "access_token": token, "token_type": "Bearer" });
    let response = serde_json::to_string_pretty(&response).unwrap();
    let claims = serde_json::to_string_pretty(&json!({ "sub": "me" })).unwrap();
    let wrapped = format!("{{\"token_type\": \"Bearer\",\n\"id_token\": \"{token}\"}}");
    let tokens = serde_json::to_string_pretty(&json!([token, token])).unwrap();
    for (text, name, step) in [
        (response.clone(), "a whole token response", ".access_token"),
        (wrapped, "a whole token response", ".id_token"),
        (
            response.replace('\n', "\r\n"),
            "a whole token response",
            ".id_token",
        ),
        (
            format!("{response}\n{response}\n"),
            "a whole token response",
            ".access_token",
        ),
        (claims, "JSON", "the token itself"),
        (tokens, "JSON", "the token itself"),
        (
            format!("{{\n{token}\n{token}\n"),
            "JSON",
            "the token itself",
        ),
    ] {
        for flags in [&[][..], &["--stream"]] {
            let mut verify = verify_at(&tenant);
            let refused = verify.args(flags).write_stdin(text.clone()).assert();
            let refused = refused.code(8).stdout("");
            let signature = token.rsplit('.').next().unwrap();
            let message = "the token failed verification";
            refused.stderr(
                says(message)
                    .and(says(name))
                    .and(says(step))
                    .and(says(signature).not()),
            );
        }
        verify_at(&tenant)
            .arg("--quiet")
            .write_stdin(text)
            .assert()
            .code(8)
            .stderr("");
    }
}

#[test]
fn json_that_is_whole_on_its_line_gets_its_verdict_as_a_line() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let lines = format!("{{\"access_token\":\"{token}\"}}\n{token}\n");
    let assert = verify_at(&tenant).write_stdin(lines).assert().code(8);
    let verdicts = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let verdicts: Vec<_> = verdicts.lines().collect();
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts[0].contains("\"valid\":false") && verdicts[0].contains("token response"));
    assert!(verdicts[1].contains("\"valid\":true"));
}
