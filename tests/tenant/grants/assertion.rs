//! Client authentication by a signed assertion (RFC 7523 §3, with Auth0's limits).

use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::Value;

use super::request::Fields;
use crate::tenant::directory::Client;
use crate::tenant::directory::client_key::CLIENT_KID;
use crate::tenant::error_responses::{invalid_client, missing_parameter};
use crate::tenant::now;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Limits in seconds.
const MAX_LIFETIME: i64 = 300;
const MAX_CLOCK_SKEW: i64 = 10;
/// The longest `iss`, `sub` and `jti`.
const MAX_CHARS: usize = 64;

/// The client that signed the assertion. Each assertion is accepted once.
pub(crate) fn authenticate<'a>(
    state: &TenantState,
    options: &'a TenantOptions,
    fields: &Fields,
) -> Result<&'a Client, Response> {
    if fields.text("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(missing_parameter("client_assertion_type"));
    }
    if fields.text("client_secret").is_some() {
        return Err(invalid_client(
            "more than one way to authenticate the client",
        ));
    }
    let assertion = fields.required("client_assertion")?;
    let (client, claims) = verify(options, assertion)?;
    let issuer = options.issuer_for(&state.url);
    broken_rule(&claims, &client.id, &issuer).map_or(Ok(()), |rule| Err(invalid_client(&rule)))?;
    if fields.text("client_id").is_some_and(|id| id != client.id) {
        return Err(invalid_client("'client_id' is not that of the assertion"));
    }
    let jti = claims["jti"].as_str().unwrap_or_default();
    if state.is_first_use(&client.id, jti) {
        Ok(client)
    } else {
        Err(invalid_client("'jti' was used before"))
    }
}

/// Finds the client whose registered key verifies the assertion, and returns its claims.
fn verify<'a>(
    options: &'a TenantOptions,
    assertion: &str,
) -> Result<(&'a Client, Value), Response> {
    let malformed = |_| invalid_client("malformed client assertion");
    let header = decode_header(assertion).map_err(malformed)?;
    let mut rules = Validation::new(header.alg);
    // The claims are checked below, so that the error names the broken rule.
    rules.required_spec_claims.clear();
    (rules.validate_exp, rules.validate_aud) = (false, false);
    let clients = options.directory.clients.iter();
    let keys = clients.flat_map(|client| client.keys.iter().map(move |key| (client, key)));
    let mut candidates = keys.filter(|(_, key)| {
        key.algorithm == header.alg && header.kid.as_deref().is_none_or(|kid| kid == CLIENT_KID)
    });
    let found = candidates.find_map(|(client, key)| {
        Some((
            client,
            decode(assertion, &key.public(), &rules).ok()?.claims,
        ))
    });
    found.ok_or_else(|| invalid_client("no registered key of the client verifies the assertion"))
}

fn broken_rule(claims: &Value, client: &str, issuer: &str) -> Option<String> {
    let text = |name: &str| claims[name].as_str();
    let audience = claims["aud"] == issuer
        || claims["aud"]
            .as_array()
            .is_some_and(|audiences| audiences.iter().any(|audience| audience == issuer));
    let (Some(exp), iat) = (claims["exp"].as_i64(), claims["iat"].as_i64()) else {
        return Some("'exp' is missing".to_owned());
    };
    let ahead = |name: &str| {
        claims[name]
            .as_i64()
            .is_some_and(|time| time > now() + MAX_CLOCK_SKEW)
    };
    let rules = [
        (
            text("iss") == Some(client) && client.len() <= MAX_CHARS,
            "'iss' is not the client id",
        ),
        (text("sub") == Some(client), "'sub' is not the client id"),
        (audience, "'aud' is not this tenant"),
        (exp > now(), "'exp' is past"),
        (
            exp - iat.unwrap_or_else(now) <= MAX_LIFETIME,
            "'exp' claim must specify a time that is no more than 5 minutes after 'iat'",
        ),
        (!ahead("iat"), "'iat' is in the future"),
        (!ahead("nbf"), "'nbf' is in the future"),
        (
            text("jti").is_some_and(|jti| (1..=MAX_CHARS).contains(&jti.len())),
            "'jti' is missing or too long",
        ),
    ];
    rules
        .into_iter()
        .find(|(holds, _)| !holds)
        .map(|(_, rule)| rule.to_owned())
}
