//! `POST /oauth/token`: who asks, and for which grant.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::directory::{CLIENT_CREDENTIALS, Client, PASSWORD, PASSWORD_REALM};
use super::grants::{self, Exchange};
use super::options::TenantOptions;
use super::record;
use super::refusal;
use super::shared::Shared;

/// Grants that Auth0 knows; anything else is unsupported rather than not allowed.
const KNOWN: [&str; 3] = [PASSWORD, PASSWORD_REALM, CLIENT_CREDENTIALS];

pub(super) async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Answer {
    exchange(&shared, &headers, &body).unwrap_or_else(|refused| refused)
}

fn exchange(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Answer> {
    let fields = Fields(record::fields(headers, body).ok_or_else(refusal::malformed_body)?);
    let options = shared.options();
    let grant = fields.required("grant_type")?;
    if !KNOWN.contains(&grant) {
        return Err(refusal::unsupported_grant(grant));
    }
    let client = authenticated(&options, headers, &fields)?;
    if !client.grants.iter().any(|allowed| allowed == grant) {
        return Err(refusal::grant_not_allowed(grant));
    }
    let exchange = Exchange { shared, options: &options, client, fields: &fields };
    match grant {
        CLIENT_CREDENTIALS => grants::client_credentials(&exchange),
        PASSWORD_REALM => grants::password(&exchange, Some(fields.required("realm")?)),
        _ => grants::password(&exchange, None),
    }
}

/// The application, by `client_id` and `client_secret` in the body or by HTTP Basic (RFC 6749 §2.3.1).
fn authenticated<'a>(options: &'a TenantOptions, headers: &HeaderMap, fields: &Fields) -> Result<&'a Client, Answer> {
    let (id, secret) = match basic(headers) {
        Some((id, secret)) => (id, Some(secret)),
        None => (fields.required("client_id")?.to_owned(), fields.text("client_secret").map(str::to_owned)),
    };
    let client = options.directory.clients.iter().find(|client| client.id == id).ok_or_else(refusal::unauthorized)?;
    if client.secret.is_none() || client.secret == secret { Ok(client) } else { Err(refusal::unauthorized()) }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get("authorization")?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

/// Both halves of Basic are form-encoded first (RFC 6749 §2.3.1).
fn form_decoded(text: &str) -> String {
    let text = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

/// The fields of the request's body.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// A string that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Answer> {
        self.text(name).ok_or_else(|| refusal::missing_parameter(name))
    }
}
