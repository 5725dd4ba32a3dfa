//! Key sets that are large or change.

use serde_json::{Value, json};

use super::signing::jwks;
use crate::tenant::options::TenantOptions;
use crate::tenant::transport::response::Response;
use crate::tenant::transport::routes::JWKS;

/// The tenant's keys after this many small ones: 10,000 take less than 1 MiB.
pub(crate) fn jwks_with_small_keys(others: usize) -> Value {
    with_tenant_keys(
        others,
        |number| json!({ "kty": "OKP", "crv": "Ed25519", "kid": format!("{number:x}"), "x": padding(number, 43) }),
    )
}

/// The tenant's keys after this many 2048-bit RSA keys: 10,000 take 4 MB.
pub(crate) fn jwks_with_rsa_keys(others: usize) -> Value {
    let key = |number| {
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB",
            "kid": format!("percy-{number}"), "n": padding(number, 342),
        })
    };
    with_tenant_keys(others, key)
}

fn with_tenant_keys(others: usize, other: impl Fn(usize) -> Value) -> Value {
    let mut keys: Vec<Value> = (0..others).map(other).collect();
    keys.extend(jwks()["keys"].as_array().into_iter().flatten().cloned());
    json!({ "keys": keys })
}

/// Unique base64url of this length; it decodes to an odd number, as an RSA modulus must.
fn padding(number: usize, length: usize) -> String {
    format!("{number:x}{}", "w".repeat(length))
        .chars()
        .take(length)
        .collect()
}

impl TenantOptions {
    /// Serves these key sets in turn, then the tenant's own.
    pub(crate) fn jwks_sequence(self, sets: impl IntoIterator<Item = Value>) -> Self {
        sets.into_iter().fold(self, |options, set| {
            options.responds_first(1, JWKS, Response::json(200, &set))
        })
    }
}
