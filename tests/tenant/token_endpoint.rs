//! `POST /oauth/token`: who asks, and for which grant.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::client_authentication::authenticated;
use super::directory::{
    CLIENT_CREDENTIALS, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM,
    REFRESH_TOKEN,
};
use super::grants::{self, Exchange};
use super::second_factors;
use super::shared::Shared;
use super::transport::record;
use super::transport::response::Answer;
use super::{error_responses, refresh};

/// Grants that Auth0 knows; anything else is unsupported rather than not allowed.
const KNOWN: [&str; 7] = [
    PASSWORD,
    PASSWORD_REALM,
    CLIENT_CREDENTIALS,
    REFRESH_TOKEN,
    MFA_OTP,
    MFA_OOB,
    MFA_RECOVERY_CODE,
];

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    exchange(&shared, &headers, &body).unwrap_or_else(|refused| refused)
}

fn exchange(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Answer> {
    let fields = Fields::read(headers, body)?;
    let options = shared.options();
    let grant = fields.required("grant_type")?;
    if !KNOWN.contains(&grant) {
        return Err(error_responses::unsupported_grant(grant));
    }
    let client = authenticated(shared, &options, headers, &fields)?;
    if !client.may_use(grant) {
        return Err(error_responses::grant_not_allowed(grant));
    }
    let exchange = Exchange {
        shared,
        options: &options,
        client,
        fields: &fields,
    };
    match grant {
        CLIENT_CREDENTIALS => grants::client_credentials(&exchange),
        REFRESH_TOKEN => refresh::refresh(&exchange),
        MFA_OTP => second_factors::grants::otp(&exchange),
        MFA_OOB => second_factors::grants::oob(&exchange),
        MFA_RECOVERY_CODE => second_factors::grants::recovery_code(&exchange),
        PASSWORD_REALM => grants::password(&exchange, Some(fields.required("realm")?)),
        _ => grants::password(&exchange, None),
    }
}

/// The fields of the request's body.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body of JSON or of a form.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Answer> {
        record::fields(headers, body)
            .map(Self)
            .ok_or_else(error_responses::malformed_body)
    }

    /// A string that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Answer> {
        self.text(name)
            .ok_or_else(|| error_responses::missing_parameter(name))
    }
}
