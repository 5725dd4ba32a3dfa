//! `GET /mfa/authenticators` and `POST /mfa/challenge`: which factors there are, and the start of one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::factor::{Factor, Proof};
use crate::tenant::directory::{MFA_GRANTS, User};
use crate::tenant::error_responses;
use crate::tenant::grants::client_authentication::authenticated;
use crate::tenant::grants::request::Fields;
use crate::tenant::options::TenantOptions;
use crate::tenant::resources::bearer;
use crate::tenant::shared::Shared;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::transport::response::Response;

pub(crate) async fn authenticators(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Response {
    listed(&shared, &headers).unwrap_or_else(|refused| refused)
}

pub(crate) async fn challenge(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    challenged(&shared, &headers, &body).unwrap_or_else(|refused| refused)
}

/// The user whom a login is for.
pub(crate) fn user<'a>(options: &'a TenantOptions, grant: &Grant) -> Result<&'a User, Response> {
    let email = grant.user.as_deref();
    options
        .directory
        .users
        .iter()
        .find(|user| Some(&*user.email) == email)
        .ok_or_else(error_responses::malformed_mfa_token)
}

fn listed(shared: &Shared, headers: &HeaderMap) -> Result<Response, Response> {
    let options = shared.options();
    let token = bearer(headers).ok_or_else(error_responses::missing_mfa_token)?;
    let grant = shared
        .transactions()
        .grant(token, options.mfa_token_lifetime)?;
    let factors = &user(&options, &grant)?.factors;
    Ok(Response::json(
        200,
        &factors.iter().map(Factor::listed).collect::<Value>(),
    ))
}

fn challenged(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = shared.options();
    let client = authenticated(shared, &options, headers, &fields)?;
    if !MFA_GRANTS.iter().any(|grant| client.may_use(grant)) {
        return Err(error_responses::grant_not_allowed(MFA_GRANTS[1]));
    }
    let token = fields.required("mfa_token")?;
    let grant = shared
        .transactions()
        .grant(token, options.mfa_token_lifetime)?;
    if grant.client != client.id {
        return Err(error_responses::foreign_mfa_token());
    }
    let factor = chosen(user(&options, &grant)?, &fields)?;
    if factor.kind() == "otp" {
        return Ok(Response::json(200, &json!({ "challenge_type": "otp" })));
    }
    let mut members = json!({ "challenge_type": "oob", "oob_code": shared.transactions().challenge(token, &factor.id) });
    if matches!(factor.proof, Proof::Message { .. }) {
        members["binding_method"] = json!("prompt");
    }
    if let (Proof::Push { .. }, Some(seconds)) = (&factor.proof, options.advertised_interval) {
        members["interval"] = json!(seconds);
    }
    Ok(Response::json(200, &members))
}

/// The factor that is asked for, or the first that fits.
fn chosen<'a>(user: &'a User, fields: &Fields) -> Result<&'a Factor, Response> {
    let mut factors = user
        .factors
        .iter()
        .filter(|factor| factor.active)
        .peekable();
    factors
        .peek()
        .ok_or_else(error_responses::association_required)?;
    let types = fields.text("challenge_type").unwrap_or("otp oob");
    let channel = fields.text("oob_channel");
    let fits = |factor: &&Factor| {
        types.split_whitespace().any(|kind| kind == factor.kind())
            && (channel.is_none() || channel == factor.channel())
    };
    match fields.text("authenticator_id") {
        None => factors
            .find(fits)
            .ok_or_else(|| error_responses::unsupported_challenge_type(types)),
        Some(id) => {
            let factor = factors
                .find(|factor| factor.id == id)
                .ok_or_else(error_responses::unknown_authenticator)?;
            Some(factor)
                .filter(fits)
                .ok_or_else(|| error_responses::unsupported_challenge_type(types))
        }
    }
}
