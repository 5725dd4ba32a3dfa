//! `GET /userinfo`: what an access token shows of its user (`OpenID` Connect Core §5.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::shared::Shared;
use crate::tenant::transport::response::Response;

pub(crate) async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    claims(&shared, &headers).unwrap_or_else(error_responses::invalid_bearer)
}

fn claims(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    let grant = shared.holder(bearer(headers)?)?;
    let options = shared.options();
    let user = options
        .directory
        .users
        .iter()
        .find(|user| Some(&user.email) == grant.user.as_ref())?;
    let scope = grant.scope.unwrap_or_default();
    let has = |wanted: &str| scope.split_whitespace().any(|scope| scope == wanted);
    if !has("openid") {
        return None;
    }
    let mut claims = json!({ "sub": user.id });
    claims
        .as_object_mut()?
        .extend(user.claims(has("profile"), has("email")));
    let Value::Object(claims) = claims else {
        return None;
    };
    Some(Response::json(
        200,
        &Value::Object(options.userinfo.members(claims)),
    ))
}

impl TenantOptions {
    /// A claim that `/userinfo` shows: `sub` too, for an answer about somebody else.
    pub(crate) fn userinfo_claim(mut self, name: &str, value: Value) -> Self {
        self.userinfo = self.userinfo.with_claim(name, Some(value));
        self
    }

    pub(crate) fn without_userinfo_claim(mut self, name: &str) -> Self {
        self.userinfo = self.userinfo.with_claim(name, None);
        self
    }
}
