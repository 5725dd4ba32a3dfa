//! `GET /userinfo` (`OpenID` Connect Core §5.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::transport::response::Response;

pub(crate) async fn userinfo(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
) -> Response {
    claims(&state, &headers).unwrap_or_else(error_responses::invalid_bearer)
}

fn claims(state: &TenantState, headers: &HeaderMap) -> Option<Response> {
    let grant = state.access_token_grant(bearer(headers)?)?;
    let options = state.options();
    let user = grant.user_in(&options.directory)?;
    if !grant.has_scope("openid") {
        return None;
    }
    let mut claims = json!({ "sub": user.id });
    claims
        .as_object_mut()?
        .extend(user.claims(grant.has_scope("profile"), grant.has_scope("email")));
    let Value::Object(claims) = claims else {
        return None;
    };
    Some(Response::json(
        200,
        &Value::Object(options.userinfo.members(claims)),
    ))
}

impl TenantOptions {
    /// Sets a claim of the response, `sub` included.
    pub(crate) fn userinfo_claim(mut self, name: &str, value: Value) -> Self {
        self.userinfo = self.userinfo.with_claim(name, Some(value));
        self
    }

    pub(crate) fn without_userinfo_claim(mut self, name: &str) -> Self {
        self.userinfo = self.userinfo.with_claim(name, None);
        self
    }
}
