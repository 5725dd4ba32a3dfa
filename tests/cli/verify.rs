//! `padlock verify` with one token: valid and printed, or refused with every reason.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};

use crate::program::{access_token_of, error_of, id_token_of, padlock, printed, says, verify_at};
use crate::tenant::{AUDIENCE, CLIENT_ID, Signing, Tenant, TenantOptions, now};

/// The first word of each reason to refuse the tenant's access token.
fn reasons(options: TenantOptions, flags: &[&str]) -> Vec<String> {
    let tenant = options.start();
    let error = error_of(verify_at(&tenant).args(flags).arg(access_token_of(&tenant)));
    assert_eq!(
        (&error["class"], &error["exit"]),
        (&json!("untrusted_token"), &json!(8)),
        "{error}"
    );
    let reasons = error["reasons"].as_array().unwrap().iter();
    reasons
        .map(|reason| {
            reason
                .as_str()
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn the_claims_of_a_valid_token_are_printed_as_one_json_object() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let output = verify_at(&tenant)
        .arg(&token)
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .stdout
        .clone();
    let claims: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(tenant.issuer()), &json!(AUDIENCE))
    );
    assert_eq!(
        output.iter().position(|byte| *byte == b'\n'),
        Some(output.len() - 1)
    );
}

#[test]
fn a_token_is_read_from_stdin_if_none_is_given() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    for text in [token.clone(), format!("{token}\n"), format!("{token}\r\n")] {
        verify_at(&tenant)
            .write_stdin(text)
            .assert()
            .code(0)
            .stdout(says("\"iss\""));
    }
    for text in [
        format!(" {token}"),
        format!("{token} \n"),
        format!("{token}\n\n"),
        String::new(),
        "\n".into(),
    ] {
        verify_at(&tenant)
            .write_stdin(text)
            .assert()
            .code(8)
            .stdout(says("\"valid\":true").or(says("iss").not()));
    }
}

#[test]
fn a_line_ending_is_removed_from_stdin_but_not_from_an_argument() {
    let tenant = Tenant::start();
    verify_at(&tenant)
        .arg(format!("{}\n", access_token_of(&tenant)))
        .assert()
        .code(8)
        .stdout("");
}

#[test]
fn one_claim_is_printed_bare_and_all_claims_as_a_table() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    assert_eq!(
        printed(verify_at(&tenant).args(["--claim", "aud", &token])),
        format!("{AUDIENCE}\n")
    );
    let table = printed(verify_at(&tenant).args(["--output", "table", &token]));
    assert!(
        table.starts_with('+') && table.contains("| exp ") && table.contains("(in "),
        "{table}"
    );
    verify_at(&tenant)
        .args(["--claim", "nope", &token])
        .assert()
        .code(9)
        .stdout("")
        .stderr(says("no claim \"nope\""));
}

#[test]
fn quiet_prints_no_verdict() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .args(["--quiet", &token])
        .assert()
        .code(0)
        .stdout("")
        .stderr("");
    verify_at(&tenant)
        .args(["--quiet", "opaque"])
        .assert()
        .code(8)
        .stdout("")
        .stderr("");
    verify_at(&tenant)
        .args(["--quiet", "--require-scope", "x", &token])
        .assert()
        .code(9)
        .stdout("")
        .stderr("");
    padlock()
        .args(["verify", "--any-audience", "--quiet", &token])
        .assert()
        .code(2)
        .stderr(says("no source of keys"));
}

#[test]
fn an_access_token_must_have_iss_aud_and_exp() {
    let without = |name: &str| reasons(Tenant::builder().without_access_token_claim(name), &[]);
    assert_eq!(
        (without("iss"), without("aud"), without("exp")),
        (vec!["iss".into()], vec!["aud".into()], vec!["exp".into()])
    );
}

#[test]
fn a_jwt_needs_only_the_claims_that_flags_ask_for() {
    let tenant = Tenant::builder()
        .without_access_token_claim("aud")
        .without_access_token_claim("exp")
        .start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .args(["--kind", "jwt", &token])
        .assert()
        .code(0);
    verify_at(&tenant)
        .args(["--kind", "jwt", "--audience", "a", &token])
        .assert()
        .code(8)
        .stderr(says("aud is missing"));
}

#[test]
fn an_id_token_must_have_sub_and_iat() {
    let tenant = Tenant::start();
    verify_at(&tenant)
        .args([
            "--kind",
            "id-token",
            "--audience",
            CLIENT_ID,
            &id_token_of(&tenant),
        ])
        .assert()
        .code(0);
    let kind = ["--kind", "id-token"];
    assert_eq!(
        reasons(Tenant::builder().without_access_token_claim("sub"), &kind),
        ["sub"]
    );
    assert_eq!(
        reasons(Tenant::builder().without_access_token_claim("iat"), &kind),
        ["iat"]
    );
}

#[test]
fn a_token_of_another_kind_is_refused_by_its_typ() {
    let tenant = Tenant::builder()
        .access_token_header("typ", json!("at+jwt"))
        .start();
    let token = access_token_of(&tenant);
    verify_at(&tenant).arg(&token).assert().code(0);
    verify_at(&tenant)
        .args(["--kind", "id-token", &token])
        .assert()
        .code(8)
        .stderr(says("typ is \"at+jwt\""));
}

#[test]
fn any_one_of_the_audiences_is_enough() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .args(["--audience", "other", "--audience", AUDIENCE, &token])
        .assert()
        .code(0);
    let mut other = verify_at(&tenant);
    other.args(["--audience", "other", "--audience", "another", &token]);
    other
        .assert()
        .code(8)
        .stderr(says("aud is").and(says("expected \"other\" or \"another\"")));
}

#[test]
fn times_are_checked_as_of_now_or_as_of_the_given_time() {
    let options = || Tenant::builder().access_token_claim("exp", json!(now() - 100));
    assert_eq!(reasons(options(), &[]), ["exp"]);
    let tenant = options().start();
    let token = access_token_of(&tenant);
    verify_at(&tenant)
        .args(["--leeway", "300", &token])
        .assert()
        .code(0);
    verify_at(&tenant)
        .args(["--at", &(now() - 200).to_string(), &token])
        .assert()
        .code(8)
        .stderr(says("iat"));
    let tenant = options()
        .access_token_claim("iat", json!(now() - 300))
        .start();
    verify_at(&tenant)
        .args([
            "--at",
            &(now() - 200).to_string(),
            &access_token_of(&tenant),
        ])
        .assert()
        .code(0);
    verify_at(&tenant)
        .args(["--at", "2020-01-01T00:00:00Z", &access_token_of(&tenant)])
        .assert()
        .code(8);
    verify_at(&tenant)
        .args(["--at", "yesterday", "x"])
        .assert()
        .code(2)
        .stderr(says("RFC 3339").or(says("2026-01-31")));
    verify_at(&tenant)
        .args(["--leeway", "301", "x"])
        .assert()
        .code(2);
}

#[test]
fn nonce_max_age_and_organization_are_checked_if_flags_ask_for_them() {
    let options = Tenant::builder()
        .access_token_claim("nonce", json!("n"))
        .access_token_claim("org_id", json!("org_1"));
    let options = options
        .access_token_claim("org_name", json!("acme"))
        .access_token_claim("auth_time", json!(now() - 1000));
    let tenant = options.start();
    let token = access_token_of(&tenant);
    let valid = [
        "--nonce",
        "n",
        "--organization",
        "org_1",
        "--max-age",
        "2000",
    ];
    verify_at(&tenant).args(valid).arg(&token).assert().code(0);
    verify_at(&tenant)
        .args(["--organization", "acme", &token])
        .assert()
        .code(0);
    for (flag, value, claim) in [
        ("--nonce", "N", "nonce"),
        ("--organization", "org_2", "org_id"),
        ("--max-age", "500", "auth_time"),
    ] {
        verify_at(&tenant)
            .args([flag, value, &token])
            .assert()
            .code(8)
            .stdout("")
            .stderr(says(claim));
    }
}

#[test]
fn at_hash_is_checked_against_the_given_access_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access_token");
    std::fs::write(&file, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y\n").unwrap();
    // The pair of OpenID Connect Core, appendix A.3.
    let signer = Tenant::builder()
        .access_token_claim("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"))
        .start();
    let token = access_token_of(&signer);
    let mut matching = verify_at(&signer);
    matching
        .args(["--kind", "jwt", "--access-token-file"])
        .arg(&file)
        .arg(&token)
        .assert()
        .code(0);
    std::fs::write(&file, "another").unwrap();
    let mut other = verify_at(&signer);
    other
        .args(["--kind", "jwt", "--access-token-file"])
        .arg(&file)
        .arg(&token)
        .assert()
        .code(8)
        .stderr(says("at_hash"));
}

#[test]
fn all_violations_are_reported_at_once() {
    let options = Tenant::builder().access_token_claim("iss", json!("https://evil.test/"));
    let options = options
        .access_token_claim("aud", json!("other"))
        .access_token_claim("exp", json!(now() - 7200));
    assert_eq!(
        reasons(options, &["--audience", AUDIENCE]),
        ["iss", "aud", "exp"]
    );
}

#[test]
fn claims_are_not_checked_if_the_signature_is_invalid() {
    let options = Tenant::builder().sign_access_token_with(Signing::unpublished_key());
    let error = reasons(options.access_token_claim("exp", json!(1)), &[]);
    assert_eq!(error, ["invalid"], "only the signature is reported");
}

#[test]
fn the_token_never_chooses_its_algorithm() {
    for signing in [
        Signing::none(),
        Signing::es256(),
        Signing::hs256(include_bytes!("../tenant/keys/jwks.json")),
    ] {
        assert_eq!(
            reasons(Tenant::builder().sign_access_token_with(signing), &[]),
            ["alg"]
        );
    }
    let tenant = Tenant::builder()
        .sign_access_token_with(Signing::es256())
        .start();
    let mut es256 = verify_at(&tenant);
    es256
        .arg(access_token_of(&tenant))
        .assert()
        .code(8)
        .stderr(says("--algorithm ES256"));
}

/// The public half of a key that no tenant publishes.
fn foreign_key() -> Value {
    let pem: String = include_str!("../tenant/keys/foreign.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(&pem).unwrap());
    let pair = pair
        .or_else(|_| RsaKeyPair::from_der(&STANDARD.decode(&pem).unwrap()))
        .unwrap();
    let modulus = pair
        .public_key()
        .modulus()
        .big_endian_without_leading_zero();
    json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
}

#[test]
fn keys_and_urls_in_the_header_are_ignored() {
    let attacker = Tenant::start();
    let url = json!(format!("{}.well-known/jwks.json", attacker.url()));
    let options = Tenant::builder().sign_access_token_with(Signing::unpublished_key());
    let options = options
        .access_token_header("jku", url.clone())
        .access_token_header("x5u", url);
    let tenant = options.access_token_header("jwk", foreign_key()).start();
    verify_at(&tenant)
        .arg(access_token_of(&tenant))
        .assert()
        .code(8)
        .stderr(says("signature"));
    assert_eq!(
        (
            attacker.connections(),
            tenant.requests_to("/.well-known/jwks.json").len()
        ),
        (0, 1)
    );
}

#[test]
fn control_characters_in_a_reason_are_escaped() {
    let tenant = Tenant::builder()
        .access_token_claim("aud", json!("\u{1b}[2J\u{202e}x"))
        .start();
    let mut verify = verify_at(&tenant);
    verify.args(["--audience", "a", &access_token_of(&tenant)]);
    verify.assert().code(8).stderr(
        says("\u{1b}")
            .not()
            .and(says("\u{202e}").not())
            .and(says("\\u{202e}")),
    );
}

#[test]
fn claims_are_written_to_a_pipe_byte_for_byte() {
    let tenant = Tenant::builder()
        .access_token_claim("odd", json!("\u{1b}[2J\u{202e}"))
        .start();
    let token = access_token_of(&tenant);
    assert_eq!(
        printed(verify_at(&tenant).args(["--claim", "odd", &token])),
        "\u{1b}[2J\u{202e}\n"
    );
    assert!(printed(verify_at(&tenant).arg(&token)).contains('\u{202e}'));
}

#[test]
fn verify_refuses_for_the_same_reasons_as_a_login() {
    let changes: [(&str, Value); 7] = [
        ("iss", json!("https://evil.test/")),
        ("sub", json!("")),
        ("aud", json!(["padlock-cli", "other"])),
        ("exp", json!(now() - 100)),
        ("nbf", json!(now() + 100)),
        ("iat", json!(now() + 100)),
        ("azp", json!("other")),
    ];
    for (name, value) in changes {
        let login = Tenant::builder().claim(name, value.clone()).start();
        let refused = error_of(&mut crate::program::login_at(&login));
        let options = Tenant::builder()
            .access_token_claim("aud", json!(CLIENT_ID))
            .without_access_token_claim("azp");
        let signer = options
            .issuer(&login.issuer())
            .access_token_claim(name, value)
            .start();
        let mut verify = padlock();
        verify.args([
            "verify",
            "--any-audience",
            "--jwks",
            &format!("{}.well-known/jwks.json", login.url()),
        ]);
        verify.args([
            "--kind",
            "id-token",
            "--audience",
            CLIENT_ID,
            "--expect-issuer",
            &login.issuer(),
        ]);
        let error = error_of(verify.arg(access_token_of(&signer)));
        let rule = |error: &Value| {
            error["reasons"][0]
                .as_str()
                .unwrap()
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            (&refused["class"], rule(&refused)),
            (&error["class"], rule(&error)),
            "{name}"
        );
    }
}
