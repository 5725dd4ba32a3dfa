//! Refresh tokens: issue, use, rotation and revocation (RFC 6749 §6, RFC 7009).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::client_authentication::authenticate_client;
use super::request::{Fields, TokenRequest};
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;
use crate::tenant::{Tenant, error_responses};

/// All refresh tokens ever issued.
#[derive(Default)]
pub(crate) struct RefreshTokens {
    issued: HashMap<String, IssuedToken>,
    revoked_families: HashSet<usize>,
}

struct IssuedToken {
    grant: Grant,
    /// A token and those issued in its place.
    family: usize,
    used: bool,
}

impl RefreshTokens {
    pub(crate) fn issue(&mut self, grant: Grant) -> String {
        self.issue_in(self.issued.len(), grant)
    }

    /// The grant of a token, and the token that replaces it. Reusing a rotated token revokes its
    /// family.
    fn redeem(
        &mut self,
        token: &str,
        client: &str,
        rotate: bool,
    ) -> Option<(Grant, Option<String>)> {
        let issued = self
            .issued
            .get_mut(token)
            .filter(|issued| issued.grant.client == client)?;
        let (grant, family) = (issued.grant.clone(), issued.family);
        if issued.used {
            self.revoked_families.insert(family);
        }
        if self.revoked_families.contains(&family) {
            return None;
        }
        issued.used = rotate;
        let next = rotate.then(|| self.issue_in(family, grant.clone()));
        Some((grant, next))
    }

    fn revoke(&mut self, token: &str, client: &str) {
        if let Some(issued) = self
            .issued
            .get(token)
            .filter(|issued| issued.grant.client == client)
        {
            self.revoked_families.insert(issued.family);
        }
    }

    fn valid(&self) -> impl Iterator<Item = &str> {
        let valid =
            |issued: &IssuedToken| !issued.used && !self.revoked_families.contains(&issued.family);
        self.issued
            .iter()
            .filter(move |(_, issued)| valid(issued))
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

/// RFC 6749 §6; the request may narrow the scope.
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
    if let Some(requested) = request.fields.text("scope") {
        let granted = grant.scope.unwrap_or_default();
        let narrowed = requested
            .split_whitespace()
            .filter(|scope| granted.split_whitespace().any(|other| other == *scope));
        grant.scope = Some(narrowed.collect::<Vec<_>>().join(" "));
    }
    Ok(request.token_response(request.user_tokens(user, &grant, next)))
}

/// `POST /oauth/revoke`: an unknown token is not an error (RFC 7009 §2.2).
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
    /// A refresh token if the login requested `offline_access`.
    pub(crate) fn refresh_token(&self, grant: &Grant) -> Option<String> {
        grant
            .has_scope("offline_access")
            .then(|| self.state.refresh_tokens().issue(grant.clone()))
    }
}

impl TenantOptions {
    /// Each use replaces the refresh token; reuse of an old one revokes the whole family.
    pub(crate) fn rotate_refresh_tokens(mut self) -> Self {
        self.rotate_refresh_tokens = true;
        self
    }
}

impl Tenant {
    /// The refresh tokens that are neither replaced nor revoked, in any order.
    pub(crate) fn valid_refresh_tokens(&self) -> Vec<String> {
        self.state
            .refresh_tokens()
            .valid()
            .map(str::to_owned)
            .collect()
    }
}
