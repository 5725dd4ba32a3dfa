//! The tenant's paths, and the middleware that records requests.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::time::sleep;

use super::connection::Connection;
use super::request_log::RecordedRequest;
use crate::tenant::error_responses;
use crate::tenant::grants::{authorization_code, device, refresh, token_endpoint};
use crate::tenant::pages::{activate, login};
use crate::tenant::resources::{api, management, userinfo, well_known};
use crate::tenant::second_factors::endpoints;
use crate::tenant::state::TenantState;

pub(crate) const TOKEN: &str = "/oauth/token";
/// Where Keycloak has its token endpoint.
pub(crate) const KEYCLOAK_TOKEN: &str = "/realms/percy/protocol/openid-connect/token";
pub(crate) const AUTHORIZE: &str = "/authorize";
pub(crate) const ACTIVATE: &str = "/activate";
pub(crate) const DEVICE: &str = "/oauth/device/code";
pub(crate) const AUTHENTICATORS: &str = "/mfa/authenticators";
pub(crate) const CHALLENGE: &str = "/mfa/challenge";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const USERINFO: &str = "/userinfo";
pub(crate) const ROLES: &str = "/api/v2/users/{id}/roles";
/// An API that the tenant's access tokens are for.
pub(crate) const VERSION: &str = "/api/version";
pub(crate) const ORDERS: &str = "/orders";
pub(crate) const JWKS: &str = "/.well-known/jwks.json";
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";

const MAX_BODY: usize = 16 << 20;

pub(super) fn routes(state: Arc<TenantState>, connection: Arc<Connection>) -> Router {
    Router::new()
        .route(TOKEN, post(token_endpoint::token))
        .route(KEYCLOAK_TOKEN, post(token_endpoint::token))
        .route(
            AUTHORIZE,
            get(authorization_code::authorize).post(login::submit),
        )
        .route(ACTIVATE, get(activate::show).post(activate::submit))
        .route(DEVICE, post(device::device_code))
        .route(REVOKE, post(refresh::revoke))
        .route(USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .route(ROLES, get(management::roles))
        .route(VERSION, get(api::version))
        .route(ORDERS, get(api::orders))
        .route(AUTHENTICATORS, get(endpoints::authenticators))
        .route(CHALLENGE, post(endpoints::challenge))
        .route(JWKS, get(well_known::jwks))
        .route(DISCOVERY, get(well_known::discovery))
        .fallback(async || error_responses::not_found())
        .layer(from_fn_with_state(Arc::clone(&state), record_and_respond))
        .layer(Extension(connection))
        .with_state(state)
}

/// Records the request, then responds normally or with the scripted fault.
async fn record_and_respond(
    State(state): State<Arc<TenantState>>,
    Extension(connection): Extension<Arc<Connection>>,
    request: Request,
    next: Next,
) -> Response {
    let _active = connection.request();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return error_responses::malformed_body().into_response();
    };
    state
        .requests
        .add(RecordedRequest::new(&parts, &body, connection.number));
    let path = parts.uri.path().to_owned();
    let request = Request::from_parts(parts, Body::from(body));
    let delay = state.options().scripts.delay(&path);
    // Tokio's timer has millisecond resolution: even a zero sleep takes one.
    if !delay.is_zero() {
        sleep(delay).await;
    }
    let response = match state.fault(&path) {
        Some(fault) => fault.run(request, next, &connection).await,
        None => next.run(request).await,
    };
    state.options().scripts.apply_headers(&path, response)
}
