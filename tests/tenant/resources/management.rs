//! The Management API, as far as roles of users go: `GET /api/v2/users/{id}/roles`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::error_responses::{
    insufficient_scope, invalid_query, invalid_token, missing_authentication, unknown_user,
};
use crate::tenant::shared::Shared;
use crate::tenant::transport::response::Response;

/// The scopes either of which is enough.
pub(crate) const SCOPES: [&str; 2] = ["read:users", "read:roles"];
/// Roles on a page unless asked for more, and at most.
const PAGE: usize = 50;
const LONGEST_PAGE: usize = 100;

pub(crate) async fn roles(
    State(shared): State<Arc<Shared>>,
    Path(user): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    page(&shared, &user, uri.query().unwrap_or_default(), &headers)
        .unwrap_or_else(|refused| refused)
}

fn page(
    shared: &Shared,
    user: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let token = bearer(headers).ok_or_else(missing_authentication)?;
    let grant = shared.holder(token).ok_or_else(invalid_token)?;
    if grant.audience.as_deref() != Some(&shared.management()) {
        return Err(invalid_token());
    }
    let scope = grant.scope.unwrap_or_default();
    if !scope
        .split_whitespace()
        .any(|scope| SCOPES.contains(&scope))
    {
        return Err(insufficient_scope());
    }
    let query = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect::<HashMap<String, String>>();
    let (size, number) = (
        number(&query, "per_page", PAGE)?,
        number(&query, "page", 0)?,
    );
    let options = shared.options();
    let user = options
        .directory
        .users
        .iter()
        .find(|known| known.id == user)
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
    if name == "per_page" && !(1..=LONGEST_PAGE).contains(&number) {
        Err(invalid_query(name))
    } else {
        Ok(number)
    }
}
