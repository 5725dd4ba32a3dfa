//! Refresh tokens: token_state, redeemed, replaced, revoked (RFC 6749 §6, RFC 7009).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::client_authentication::authenticate_client;
use super::request::Fields;
use super::request::TokenRequest;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;
use crate::tenant::{Tenant, error_responses};

/// Every refresh token that was ever token_state.
#[derive(Default)]
pub(crate) struct RefreshTokens {
    issued: HashMap<String, IssuedToken>,
    revoked_families: HashSet<usize>,
}

struct IssuedToken {
    grant: Grant,
    /// A token and those that took its place.
    family: usize,
    used: bool,
}

impl RefreshTokens {
    pub(crate) fn issue(&mut self, grant: Grant) -> String {
        self.issue_in(self.issued.len(), grant)
    }

    /// What a token stands for, and the one that takes its place. One that was replaced before is stolen: its whole family ends.
    fn redeem(
        &mut self,
        token: &str,
        client: &str,
        rotate: bool,
    ) -> Option<(Grant, Option<String>)> {
        let token_state = self
            .issued
            .get_mut(token)
            .filter(|token_state| token_state.grant.client == client)?;
        let (grant, family) = (token_state.grant.clone(), token_state.family);
        if token_state.used {
            self.revoked_families.insert(family);
        }
        if self.revoked_families.contains(&family) {
            return None;
        }
        token_state.used = rotate;
        let next = rotate.then(|| self.issue_in(family, grant.clone()));
        Some((grant, next))
    }

    fn revoke(&mut self, token: &str, client: &str) {
        if let Some(token_state) = self
            .issued
            .get(token)
            .filter(|token_state| token_state.grant.client == client)
        {
            self.revoked_families.insert(token_state.family);
        }
    }

    fn valid(&self) -> impl Iterator<Item = &str> {
        let valid = |token_state: &IssuedToken| {
            !token_state.used && !self.revoked_families.contains(&token_state.family)
        };
        self.issued
            .iter()
            .filter(move |(_, token_state)| valid(token_state))
            .map(|(token, _)| token.as_str())
    }

    fn issue_in(&mut self, family: usize, grant: Grant) -> String {
        let token = random_token("v1.");
        self.issued.insert(
            token.clone(),
            IssuedToken {
                grant,
                family,
                used: false,
            },
        );
        token
    }
}

/// RFC 6749 §6; a narrower scope may be asked for.
pub(crate) fn refresh(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let token = request.fields.required("refresh_token")?;
    let rotate = request.options.rotate_refresh_tokens;
    let redeemed = request
        .state
        .refresh_tokens()
        .redeem(token, &request.client.id, rotate);
    let (mut grant, next) = redeemed.ok_or_else(error_responses::unknown_refresh_token)?;
    let user = grant
        .user_in(&request.options.directory)
        .ok_or_else(error_responses::unknown_refresh_token)?;
    if user.blocked {
        return Err(error_responses::user_blocked());
    }
    if let Some(asked) = request.fields.text("scope") {
        let before = grant.scope.unwrap_or_default();
        let both = asked
            .split_whitespace()
            .filter(|scope| before.split_whitespace().any(|had| had == *scope));
        grant.scope = Some(both.collect::<Vec<_>>().join(" "));
    }
    Ok(request.token_response(request.user_tokens(user, &grant, next)))
}

/// `POST /oauth/revoke`: an unknown token is no error (RFC 7009 §2.2).
pub(crate) async fn revoke(
    State(state): State<Arc<TenantState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    handle_revoke(&state, &headers, &body).unwrap_or_else(|error| error)
}

fn handle_revoke(
    state: &TenantState,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = state.options();
    let client = authenticate_client(state, &options, headers, &fields)?;
    state
        .refresh_tokens()
        .revoke(fields.required("token")?, &client.id);
    Ok(Response::new(200, "").header("content-type", "application/json"))
}

impl TokenRequest<'_> {
    /// The refresh token of a new login that asks for one.
    pub(crate) fn refresh_token(&self, grant: &Grant) -> Option<String> {
        grant
            .has_scope("offline_access")
            .then(|| self.state.refresh_tokens().issue(grant.clone()))
    }
}

impl TenantOptions {
    /// Each use of a refresh token replaces it; using one twice ends all that came from it.
    pub(crate) fn rotate_refresh_tokens(mut self) -> Self {
        self.rotate_refresh_tokens = true;
        self
    }
}

impl Tenant {
    /// The refresh tokens that are neither replaced nor revoked, in no order.
    pub(crate) fn valid_refresh_tokens(&self) -> Vec<String> {
        self.state
            .refresh_tokens()
            .valid()
            .map(str::to_owned)
            .collect()
    }
}
