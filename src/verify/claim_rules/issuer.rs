//! The rule about `iss`.

use serde_json::Value;

use super::super::policy::{Policy, TokenKind};
use super::super::registered::{Registered, RegisteredClaims};
use super::super::violation::{quote, show};

/// In an issuer of Entra: stands for the token's `tid`.
const TENANT_ID: &str = "{tenantid}";

/// `iss` must equal an expected issuer byte by byte (OpenID Connect Core §3.1.3.7 step 2), and the
/// one that its key is for.
pub(super) fn check(
    claims: &RegisteredClaims,
    policy: &Policy,
    key_issuer: Option<&str>,
) -> Result<(), String> {
    let claim = claims.get(Registered::Issuer);
    let iss = claim.and_then(Value::as_str);
    if let Some(expected) = key_issuer.filter(|expected| !is(iss, expected, claims)) {
        let problem = format!("iss is {}, and its key is only for", show(claim));
        return Err(format!("{problem} {}{}", quote(expected), note(expected)));
    }
    let (issuer, others) = (&policy.issuer, &policy.other_issuers);
    if issuer.is_none() && others.is_empty() {
        return if policy.kind == TokenKind::Jwt || iss.is_some_and(|iss| !iss.is_empty()) {
            Ok(())
        } else {
            Err(format!("iss is {}, expected an issuer", show(claim)))
        };
    }
    let is_expected = iss.is_some() && iss == issuer.as_deref();
    if is_expected || others.iter().any(|other| is(iss, other, claims)) {
        return Ok(());
    }
    let expected = issuer.iter().chain(others);
    let expected = expected.map(|one| quote(one) + note(one));
    let expected: Vec<_> = expected.collect();
    Err(format!(
        "iss is {}, expected {}",
        show(claim),
        expected.join(" or ")
    ))
}

/// Whether `iss` is the expected one, after the token's tenant has taken its place there.
fn is(iss: Option<&str>, expected: &str, claims: &RegisteredClaims) -> bool {
    if !expected.contains(TENANT_ID) {
        return iss == Some(expected);
    }
    let tenant = claims.text(Registered::TenantId);
    let tenant = tenant.filter(|tenant| is_uuid(tenant));
    tenant.is_some_and(|tenant| iss == Some(&expected.replace(TENANT_ID, tenant)))
}

/// What a template stands for, in a message.
fn note(expected: &str) -> &'static str {
    if expected.contains(TENANT_ID) {
        " ({tenantid} is the claim tid, a UUID)"
    } else {
        ""
    }
}

/// The text form of a UUID (RFC 9562 §4).
fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    let mut octets = text.bytes().enumerate();
    text.len() == 36
        && octets.all(|(at, octet)| {
            let is_hyphen = octet == b'-';
            is_hyphen == hyphens.contains(&at) && (is_hyphen || octet.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";
    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    fn message(claims: &Value, other_issuers: &[&str], key_issuer: Option<&str>) -> Option<String> {
        let policy = Policy {
            issuer: Some("https://one.example".into()),
            other_issuers: other_issuers.iter().map(ToString::to_string).collect(),
            ..Policy::new(TokenKind::Jwt, [])
        };
        check(&RegisteredClaims::of(claims), &policy, key_issuer).err()
    }

    #[test]
    fn another_spelling_counts_byte_for_byte() {
        let others = ["one.example", "two.example"];
        for iss in ["https://one.example", "one.example", "two.example"] {
            assert_eq!(
                message(&json!({ "iss": iss }), &others, None),
                None,
                "{iss}"
            );
        }
        for iss in ["One.example", "one.example/", "three.example", ""] {
            let message = message(&json!({ "iss": iss }), &others, None).unwrap();
            assert!(
                message.ends_with("\"one.example\" or \"two.example\""),
                "{message}"
            );
        }
        assert!(message(&json!({}), &others, None).is_some());
        assert!(message(&json!({ "iss": ["one.example"] }), &others, None).is_some());
    }

    #[test]
    fn the_tenant_of_a_template_is_the_tid_if_that_is_a_uuid() {
        let claims = |tenant: &str, tid: Value| json!({ "iss": TEMPLATE.replace(TENANT_ID, tenant), "tid": tid });
        let is_accepted = |tenant, tid| message(&claims(tenant, tid), &[TEMPLATE], None).is_none();
        assert!(is_accepted(TENANT, TENANT.into()));
        let other = "11111111-86f1-41af-91ab-2d7cd011db47";
        for (tenant, tid) in [
            (other, json!(TENANT)),
            (TENANT, json!(null)),
            (TENANT, json!([TENANT])),
            ("common", json!("common")),
            ("", json!("")),
            ("{tenantid}", json!("{tenantid}")),
            (&TENANT[1..], json!(&TENANT[1..])),
            (&TENANT.replace('-', "0"), json!(TENANT.replace('-', "0"))),
        ] {
            assert!(!is_accepted(tenant, tid.clone()), "{tenant} {tid}");
        }
    }

    #[test]
    fn a_key_for_one_issuer_verifies_no_other_issuers_tokens() {
        let iss = TEMPLATE.replace(TENANT_ID, TENANT);
        let claims = json!({ "iss": iss, "tid": TENANT });
        assert_eq!(message(&claims, &[TEMPLATE], Some(TEMPLATE)), None);
        assert_eq!(message(&claims, &[TEMPLATE], Some(&iss)), None);
        for key_issuer in ["https://one.example", "https://login.example/x/v2.0", ""] {
            let message = message(&claims, &[TEMPLATE], Some(key_issuer)).unwrap();
            assert!(message.contains("its key is only for"), "{message}");
        }
    }
}
