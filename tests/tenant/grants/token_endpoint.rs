//! `POST /oauth/token`: authenticates the client and dispatches on the grant type.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::client_authentication::authenticate_client;
use super::request::{Fields, TokenRequest};
use super::{authorization_code, client_credentials, device, password, refresh};
use crate::tenant::directory::{
    AUTHORIZATION_CODE, CLIENT_CREDENTIALS, DEVICE_CODE, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE,
    PASSWORD, PASSWORD_REALM, REFRESH_TOKEN,
};
use crate::tenant::error_responses;
use crate::tenant::now;
use crate::tenant::options::Flavor;
use crate::tenant::second_factors;
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

/// Grant types that Auth0 supports; a client may still not be allowed to use one.
const KNOWN: [&str; 9] = [
    PASSWORD,
    PASSWORD_REALM,
    CLIENT_CREDENTIALS,
    REFRESH_TOKEN,
    AUTHORIZATION_CODE,
    DEVICE_CODE,
    MFA_OTP,
    MFA_OOB,
    MFA_RECOVERY_CODE,
];

pub(crate) async fn token(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let response = exchange(&state, &headers, &body).unwrap_or_else(|error| error);
    match state.options().flavor {
        Flavor::Auth0 => with_rate_limit(response),
        Flavor::Keycloak | Flavor::Plain => response,
    }
}

/// Auth0 describes the whole tenant's rate limit on every response.
fn with_rate_limit(response: Response) -> Response {
    if response
        .headers
        .iter()
        .any(|(name, _)| name.starts_with("x-ratelimit"))
    {
        return response;
    }
    response
        .header("x-ratelimit-limit", "30")
        .header("x-ratelimit-remaining", "29")
        .header("x-ratelimit-reset", &now().to_string())
}

fn exchange(state: &TenantState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = state.options();
    let grant = fields.required("grant_type")?;
    if !KNOWN.contains(&grant) {
        return Err(error_responses::unsupported_grant(grant));
    }
    let client = authenticate_client(state, &options, headers, &fields)?;
    if !client.allows_grant(grant) {
        return Err(error_responses::grant_not_allowed(grant));
    }
    let request = TokenRequest {
        state,
        options: &options,
        client,
        fields: &fields,
    };
    match grant {
        CLIENT_CREDENTIALS => client_credentials::client_credentials(&request),
        AUTHORIZATION_CODE => authorization_code::authorization_code(&request),
        DEVICE_CODE => device::device(&request),
        REFRESH_TOKEN => refresh::refresh(&request),
        MFA_OTP => second_factors::grants::otp(&request),
        MFA_OOB => second_factors::grants::oob(&request),
        MFA_RECOVERY_CODE => second_factors::grants::recovery_code(&request),
        PASSWORD_REALM => password::password(&request, Some(fields.required("realm")?)),
        _ => password::password(&request, None),
    }
}
