//! The Management API's `GET /api/v2/users/{id}/roles`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::error_responses::{
    insufficient_scope, invalid_query, invalid_token, missing_authentication, unknown_user,
};
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

/// Either scope is sufficient.
pub(crate) const SCOPES: [&str; 2] = ["read:users", "read:roles"];
/// Roles per page: the default and the maximum.
const PAGE_SIZE: usize = 50;
const MAX_PAGE_SIZE: usize = 100;

pub(crate) async fn roles(
    State(state): State<Arc<TenantState>>,
    Path(user): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    page(&state, &user, uri.query().unwrap_or_default(), &headers).unwrap_or_else(|error| error)
}

fn page(
    state: &TenantState,
    user: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let token = bearer(headers).ok_or_else(missing_authentication)?;
    let grant = state.access_token_grant(token).ok_or_else(invalid_token)?;
    if grant.audience.as_deref() != Some(&state.management_audience()) {
        return Err(invalid_token());
    }
    if !SCOPES.iter().any(|scope| grant.has_scope(scope)) {
        return Err(insufficient_scope());
    }
    let query = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect::<HashMap<String, String>>();
    let (size, number) = (
        number(&query, "per_page", PAGE_SIZE)?,
        number(&query, "page", 0)?,
    );
    let options = state.options();
    let user = options
        .directory
        .users
        .iter()
        .find(|candidate| candidate.id == user)
        .ok_or_else(unknown_user)?;
    let roles = user
        .roles
        .iter()
        .enumerate()
        .map(|(number, name)| role(number, name));
    let total = user.roles.len();
    let start = number * size;
    let roles: Value = roles.skip(start).take(size).collect();
    let with_totals = query
        .get("include_totals")
        .is_some_and(|value| value == "true");
    let totals = || json!({ "roles": roles, "start": start, "limit": size, "total": total });
    Ok(Response::json(
        200,
        &if with_totals { totals() } else { roles.clone() },
    ))
}

fn role(number: usize, name: &str) -> Value {
    json!({ "id": format!("rol_Percy{number:011}"), "name": name, "description": format!("May do what {name} does") })
}

fn number(query: &HashMap<String, String>, name: &str, default: usize) -> Result<usize, Response> {
    let Some(text) = query.get(name) else {
        return Ok(default);
    };
    let number: usize = text.parse().map_err(|_| invalid_query(name))?;
    if name == "per_page" && !(1..=MAX_PAGE_SIZE).contains(&number) {
        Err(invalid_query(name))
    } else {
        Ok(number)
    }
}

impl TenantOptions {
    /// The API's identifier, as of a tenant with a custom domain: the address stays the URL.
    pub(crate) fn management_audience(mut self, audience: &str) -> Self {
        self.management_audience = Some(audience.to_owned());
        self
    }
}
