//! Client authentication (RFC 6749 §2.3).

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::assertion;
use super::request::Fields;
use crate::tenant::directory::Client;
use crate::tenant::error_responses;
use crate::tenant::options::{Flavor, TenantOptions};
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

/// The client, by `client_id` and `client_secret` in the body, by HTTP Basic, or by an assertion.
pub(crate) fn authenticate_client<'a>(
    state: &TenantState,
    options: &'a TenantOptions,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<&'a Client, Response> {
    if fields.text("client_assertion").is_some() {
        return assertion::authenticate(state, options, fields);
    }
    let (id, secret) = match basic(headers, options.flavor) {
        Some((id, secret)) => (id, Some(secret)),
        None => (
            fields.required("client_id")?.to_owned(),
            fields.text("client_secret").map(str::to_owned),
        ),
    };
    let client = options
        .directory
        .clients
        .iter()
        .find(|client| client.id == id)
        .ok_or_else(error_responses::unauthorized)?;
    match (&client.secret, secret) {
        (None, _) if !client.keys.is_empty() => Err(error_responses::invalid_client(
            "Client authentication failed",
        )),
        (None, Some(_)) => Err(error_responses::public_client_with_secret()),
        (Some(expected), sent) if sent.as_ref() != Some(expected) => {
            Err(error_responses::unauthorized())
        }
        _ => Ok(client),
    }
}

/// Auth0 documents the plain ID and secret, and other providers follow RFC 6749 §2.3.1.
fn basic(headers: &HeaderMap, flavor: Flavor) -> Option<(String, String)> {
    let value = headers
        .get("authorization")?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some(match flavor {
        Flavor::Auth0 => (id.to_owned(), secret.to_owned()),
        Flavor::Keycloak | Flavor::Plain => (form_decoded(id), form_decoded(secret)),
    })
}

/// Both parts of the credentials are form-encoded before base64 (RFC 6749 §2.3.1).
fn form_decoded(text: &str) -> String {
    let text = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}
