//! `GET /userinfo` (`OpenID` Connect Core §5.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::bearer;
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::signing::Signing;
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
    let claims = options.userinfo.members(claims);
    if !options.signs_userinfo {
        return Some(Response::json(200, &Value::Object(claims)));
    }
    let mut claims = claims;
    claims.insert("iss".to_owned(), json!(options.issuer_for(&state.url)));
    claims.insert("aud".to_owned(), json!(grant.client));
    let claims = options.userinfo.members(claims);
    let jwt = options.userinfo.jwt(claims)?;
    Some(Response::new(200, jwt).header("content-type", "application/jwt"))
}

impl TenantOptions {
    /// The response is a JWT with `iss` and `aud` (§5.3.2), as some providers send it.
    pub(crate) fn signs_userinfo(mut self) -> Self {
        self.signs_userinfo = true;
        self
    }

    /// Key and algorithm of a signed response.
    pub(crate) fn sign_userinfo_with(mut self, signing: Signing) -> Self {
        self.userinfo.signing = signing;
        self.signs_userinfo()
    }

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
