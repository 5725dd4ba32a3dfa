//! Client authentication.

use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::{Value, json};

use crate::tenant::{ASSERTION_TYPE, CLIENT_ID, CLIENT_KID, ClientKey, Tenant, now};
use crate::{error_of, post};

/// A valid assertion with changes to its claims; null removes one.
fn assertion(tenant: &Tenant, algorithm: Algorithm, jti: &str, changes: &Value) -> String {
    let mut claims = json!({
        "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": tenant.issuer(), "iat": now(), "exp": now() + 60, "jti": jti,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let header = Header {
        kid: Some(CLIENT_KID.to_owned()),
        ..Header::new(algorithm)
    };
    encode(&header, &claims, &ClientKey::new(algorithm).private()).unwrap()
}

fn login(tenant: &Tenant, assertion: &str) -> reqwest::blocking::Response {
    let fields = json!({
        "client_secret": null, "client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE,
    });
    post(tenant, &fields)
}

#[test]
fn an_assertion_signed_with_a_registered_key_is_accepted_once() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256] {
        let tenant = Tenant::builder().private_key_jwt(algorithm).start();
        let valid = assertion(&tenant, algorithm, "one", &json!({}));
        assert_eq!(login(&tenant, &valid).status(), 200);
        assert_eq!(error_of(login(&tenant, &valid)).2, "'jti' was used before");
        let changes = json!({ "aud": [tenant.issuer()], "iat": null });
        assert_eq!(
            login(&tenant, &assertion(&tenant, algorithm, "two", &changes)).status(),
            200
        );
    }
}

#[test]
fn an_assertion_that_breaks_a_rule_is_rejected() {
    let tenant = Tenant::builder().private_key_jwt(Algorithm::RS256).start();
    let table = [
        (json!({ "iss": "else" }), "'iss' is not the client id"),
        (json!({ "sub": "else" }), "'sub' is not the client id"),
        (
            json!({ "aud": tenant.issuer().trim_end_matches('/') }),
            "'aud' is not this tenant",
        ),
        (json!({ "exp": now() - 1 }), "'exp' is past"),
        (json!({ "exp": null }), "'exp' is missing"),
        (
            json!({ "exp": now() + 400 }),
            "'exp' claim must specify a time that is no more than 5 minutes after 'iat'",
        ),
        (json!({ "iat": now() + 60 }), "'iat' is in the future"),
        (json!({ "nbf": now() + 60 }), "'nbf' is in the future"),
        (json!({ "jti": null }), "'jti' is missing or too long"),
        (
            json!({ "jti": "x".repeat(65) }),
            "'jti' is missing or too long",
        ),
    ];
    for (changes, rule) in table {
        let error = error_of(login(
            &tenant,
            &assertion(&tenant, Algorithm::RS256, "one", &changes),
        ));
        assert_eq!(
            (error.0, &*error.1, &*error.2),
            (401, "invalid_client", rule),
            "{changes}"
        );
    }
    let other_key = assertion(&tenant, Algorithm::ES256, "one", &json!({}));
    assert_eq!(
        error_of(login(&tenant, &other_key)).2,
        "no registered key of the client verifies the assertion"
    );
    assert_eq!(
        error_of(post(&tenant, &json!({}))).1,
        "invalid_client",
        "a secret instead of an assertion"
    );
}
