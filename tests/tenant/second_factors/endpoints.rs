//! `GET /mfa/authenticators` and `POST /mfa/challenge`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::factor::{Credential, Factor};
use crate::tenant::directory::{MFA_GRANTS, User};
use crate::tenant::error_responses;
use crate::tenant::grants::client_authentication::authenticate_client;
use crate::tenant::grants::request::Fields;
use crate::tenant::options::TenantOptions;
use crate::tenant::resources::bearer;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::transport::response::Response;

pub(crate) async fn authenticators(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
) -> Response {
    list_factors(&state, &headers).unwrap_or_else(|error| error)
}

pub(crate) async fn challenge(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    start_challenge(&state, &headers, &body).unwrap_or_else(|error| error)
}

pub(crate) fn user<'a>(options: &'a TenantOptions, grant: &Grant) -> Result<&'a User, Response> {
    grant
        .user_in(&options.directory)
        .ok_or_else(error_responses::malformed_mfa_token)
}

fn list_factors(state: &TenantState, headers: &HeaderMap) -> Result<Response, Response> {
    let options = state.options();
    let token = bearer(headers).ok_or_else(error_responses::missing_mfa_token)?;
    let grant = state
        .transactions()
        .grant(token, options.mfa_token_lifetime)?;
    let factors = &user(&options, &grant)?.factors;
    let mut listed: Vec<Value> = factors.iter().map(Factor::to_json).collect();
    if !factors.iter().any(|factor| factor.active) {
        // As a real tenant does for a user who has enrolled nothing.
        listed.push(json!({
            "id": "email|dev_Percy00000000000", "authenticator_type": "oob", "active": true,
            "oob_channel": "email", "name": "ro***@perc*****",
        }));
    }
    Ok(Response::json(200, &Value::from(listed)))
}

fn start_challenge(
    state: &TenantState,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = state.options();
    // Also beside HTTP Basic.
    fields.required("client_id")?;
    let client = authenticate_client(state, &options, headers, &fields)?;
    if !MFA_GRANTS.iter().any(|grant| client.allows_grant(grant)) {
        return Err(error_responses::grant_not_allowed(MFA_GRANTS[1]));
    }
    let token = fields.required("mfa_token")?;
    let grant = state
        .transactions()
        .grant(token, options.mfa_token_lifetime)?;
    if grant.client != client.id {
        return Err(error_responses::mfa_token_of_other_client());
    }
    let factor = choose_factor(user(&options, &grant)?, &fields)?;
    if factor.kind() == "otp" {
        return Ok(Response::json(200, &json!({ "challenge_type": "otp" })));
    }
    let mut members = json!({ "challenge_type": "oob", "oob_code": state.transactions().challenge(token, &factor.id) });
    if matches!(factor.credential, Credential::Message { .. }) {
        members["binding_method"] = json!("prompt");
    }
    if let (Credential::Push { .. }, Some(seconds)) =
        (&factor.credential, options.advertised_interval)
    {
        members["interval"] = json!(seconds);
    }
    Ok(Response::json(200, &members))
}

/// The requested factor, or the first that matches.
fn choose_factor<'a>(user: &'a User, fields: &Fields) -> Result<&'a Factor, Response> {
    let mut factors = user
        .factors
        .iter()
        .filter(|factor| factor.active)
        .peekable();
    factors.peek().ok_or_else(error_responses::not_enrolled)?;
    let types = fields.text("challenge_type").unwrap_or("otp oob");
    let channel = fields.text("oob_channel");
    if !channel.is_none_or(|channel| ["sms", "voice", "auth0"].contains(&channel)) {
        return Err(error_responses::invalid_oob_channel());
    }
    let matches = |factor: &&Factor| {
        types.split_whitespace().any(|kind| kind == factor.kind())
            && (channel.is_none() || channel == factor.channel())
    };
    match fields.text("authenticator_id") {
        None => factors
            .find(matches)
            .ok_or_else(|| error_responses::unsupported_challenge_type(types)),
        Some(id) => {
            let factor = factors
                .find(|factor| factor.id == id)
                .ok_or_else(error_responses::unknown_authenticator)?;
            Some(factor)
                .filter(matches)
                .ok_or_else(|| error_responses::unsupported_challenge_type(types))
        }
    }
}
