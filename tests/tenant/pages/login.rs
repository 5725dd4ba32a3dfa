//! The login page of the authorization endpoint: password, second factor, consent.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::visit::{Next, Visit, fields};
use crate::tenant::error_responses;
use crate::tenant::grants::authorization_code;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;

/// Shows the first page for a valid authorization request.
pub(crate) fn begin(state: &TenantState, query: &HashMap<String, String>) -> Response {
    let (id, mut visit) = (random_token("visit_"), Visit::new(query.clone()));
    match visit.next(&id, &HashMap::new(), &state.options()) {
        Next::Page(page) => {
            state.visits().insert(id, visit);
            page
        }
        Next::Accepted(_) | Next::Declined => error_responses::not_found(),
    }
}

/// `POST /authorize`, as the pages' forms do.
pub(crate) async fn submit(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    proceed(&state, &headers, &body).unwrap_or_else(|page| page)
}

fn proceed(state: &TenantState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = fields(headers, body)?;
    let id = fields.get("visit").cloned().unwrap_or_default();
    let visit = state.visits().remove(&id);
    let mut visit = visit.ok_or_else(|| error_responses::page(400, "This page has expired"))?;
    match visit.next(&id, &fields, &state.options()) {
        Next::Page(page) => {
            state.visits().insert(id, visit);
            Ok(page)
        }
        Next::Accepted(email) => Ok(authorization_code::grant(state, &visit.query, Some(email))),
        Next::Declined => Ok(authorization_code::return_with(
            &visit.query,
            &[
                ("error", "access_denied"),
                ("error_description", "User did not authorize the request"),
            ],
        )),
    }
}

impl TenantOptions {
    /// Shows a login page. Otherwise the person's browser is signed in already, as the first user.
    pub(crate) fn shows_login_page(mut self) -> Self {
        self.browsers.shows_login_page = true;
        self
    }
}
