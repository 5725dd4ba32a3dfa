//! An API that requires the tenant's access tokens (RFC 6750).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::AUDIENCE;
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

/// What the list of orders requires, as a permission of the user or a scope of the application.
pub(crate) const READ_ORDERS: &str = "read:orders";

/// `GET /api/version`, for every token of this API.
pub(crate) async fn version(State(state): State<Arc<TenantState>>, headers: HeaderMap) -> Response {
    respond(&state, &headers, None, &json!({ "version": "1.4.2" }))
}

/// `GET /orders`, for those with [`READ_ORDERS`].
pub(crate) async fn orders(State(state): State<Arc<TenantState>>, headers: HeaderMap) -> Response {
    let orders =
        json!({ "orders": [{ "id": 1007, "item": "padlock" }, { "id": 1008, "item": "key" }] });
    respond(&state, &headers, Some(READ_ORDERS), &orders)
}

fn respond(
    state: &TenantState,
    headers: &HeaderMap,
    permission: Option<&str>,
    body: &Value,
) -> Response {
    let Some(token) = bearer(headers) else {
        return refused(401, "Bearer");
    };
    let grant = state.access_token_grant(token);
    let Some(grant) = grant.filter(|grant| grant.audience.as_deref() == Some(AUDIENCE)) else {
        return refused(401, "Bearer error=\"invalid_token\"");
    };
    let options = state.options();
    let user = grant.user_in(&options.directory);
    let is_granted = |permission: &str| match user {
        Some(user) => user.permissions.iter().any(|one| one == permission),
        None => grant.user.is_none() && grant.has_scope(permission),
    };
    match permission {
        Some(permission) if !is_granted(permission) => {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{permission}\"");
            refused(403, &challenge)
        }
        _ => Response::new(200, format!("{body}\n")).header("content-type", "application/json"),
    }
}

/// RFC 6750 §3.
fn refused(status: u16, challenge: &str) -> Response {
    Response::new(status, "").header("www-authenticate", challenge)
}
