//! `POST /oauth/token`: who asks, and for which grant.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::client_authentication::authenticated;
use super::request::{Exchange, Fields};
use super::{client_credentials, password, refresh};
use crate::tenant::directory::{
    CLIENT_CREDENTIALS, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM,
    REFRESH_TOKEN,
};
use crate::tenant::error_responses;
use crate::tenant::second_factors;
use crate::tenant::shared::Shared;
use crate::tenant::transport::response::Response;

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

pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    exchange(&shared, &headers, &body).unwrap_or_else(|refused| refused)
}

fn exchange(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
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
        CLIENT_CREDENTIALS => client_credentials::client_credentials(&exchange),
        REFRESH_TOKEN => refresh::refresh(&exchange),
        MFA_OTP => second_factors::grants::otp(&exchange),
        MFA_OOB => second_factors::grants::oob(&exchange),
        MFA_RECOVERY_CODE => second_factors::grants::recovery_code(&exchange),
        PASSWORD_REALM => password::password(&exchange, Some(fields.required("realm")?)),
        _ => password::password(&exchange, None),
    }
}
