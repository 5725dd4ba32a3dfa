//! Refresh tokens: issue, use, rotation and revocation (RFC 6749 §6, RFC 7009).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// The most refresh tokens of one user and application; the oldest is dropped without a word.
const MAX_ACTIVE: usize = 200;

/// How refresh tokens are renewed and revoked.
#[derive(Clone, Default)]
pub(crate) struct RefreshOptions {
    /// None: they are not replaced; else the overlap.
    rotation: Option<Duration>,
    requires_mfa: bool,
    revocation_ends_grant: bool,
    revocation_body: &'static str,
}

/// All refresh tokens ever issued.
#[derive(Default)]
pub(crate) struct RefreshTokens {
    issued: HashMap<String, IssuedToken>,
    /// How many were issued.
    count: usize,
    /// The token of each family that was used last.
    last_used: HashMap<usize, String>,
}

struct IssuedToken {
    grant: Grant,
    /// A token and those issued in its place.
    family: usize,
    /// Its place in the order of issue.
    number: usize,
    /// When another token replaced it.
    replaced: Option<Instant>,
    revoked: bool,
}

impl IssuedToken {
    fn is_active(&self) -> bool {
        !self.revoked && self.replaced.is_none()
    }

    /// Whether both belong to the same user, application and audience.
    fn shares_grant(&self, grant: &Grant) -> bool {
        let other = &self.grant;
        (&other.user, &other.client, &other.audience)
            == (&grant.user, &grant.client, &grant.audience)
    }
}

impl RefreshTokens {
    pub(crate) fn issue(&mut self, grant: Grant) -> String {
        self.issue_in(self.count, grant)
    }

    /// The grant of a token that may be used.
    fn grant(&self, token: &str, client: &str) -> Option<Grant> {
        let issued = self.issued.get(token)?;
        let may_be_used = !issued.revoked && issued.grant.client == client;
        may_be_used.then(|| issued.grant.clone())
    }

    /// The grant of a token, and the token that replaces it. Reuse of a rotated token revokes its
    /// family along with the grant, unless it is the last one before the current and the overlap
    /// is not over.
    fn redeem(
        &mut self,
        token: &str,
        client: &str,
        rotation: Option<Duration>,
    ) -> Option<(Grant, Option<String>)> {
        let grant = self.grant(token, client)?;
        let (family, replaced) = (self.issued[token].family, self.issued[token].replaced);
        if let Some(when) = replaced {
            let is_last = self
                .last_used
                .get(&family)
                .is_some_and(|last| last == token);
            if !(is_last && when.elapsed() < rotation.unwrap_or_default()) {
                self.revoke_grant(&grant);
                return None;
            }
        }
        if rotation.is_none() {
            return Some((grant, None));
        }
        let next = self.issue_in(family, grant.clone());
        self.issued.get_mut(token)?.replaced = replaced.or_else(|| Some(Instant::now()));
        self.last_used.insert(family, token.to_owned());
        Some((grant, Some(next)))
    }

    fn revoke(&mut self, token: &str, client: &str, whole_grant: bool) {
        let Some(issued) = self
            .issued
            .get(token)
            .filter(|one| one.grant.client == client)
        else {
            return;
        };
        let (family, grant) = (issued.family, issued.grant.clone());
        if whole_grant {
            return self.revoke_grant(&grant);
        }
        let tokens = self.issued.values_mut();
        tokens
            .filter(|one| one.family == family)
            .for_each(|one| one.revoked = true);
    }

    fn revoke_grant(&mut self, grant: &Grant) {
        let tokens = self.issued.values_mut();
        tokens
            .filter(|one| one.shares_grant(grant))
            .for_each(|one| one.revoked = true);
    }

    fn valid(&self) -> impl Iterator<Item = &str> {
        let active = self.issued.iter().filter(|(_, issued)| issued.is_active());
        active.map(|(token, _)| token.as_str())
    }

    fn issue_in(&mut self, family: usize, grant: Grant) -> String {
        let token = random_token("v1.");
        self.count += 1;
        let of_same = |one: &&mut IssuedToken| {
            one.is_active() && (&one.grant.user, &one.grant.client) == (&grant.user, &grant.client)
        };
        let active = self.issued.values_mut().filter(of_same).count();
        if active >= MAX_ACTIVE {
            let oldest = self.issued.values_mut().filter(of_same);
            let oldest = oldest.min_by_key(|one| one.number);
            if let Some(one) = oldest {
                one.revoked = true;
            }
        }
        let issued = IssuedToken {
            grant,
            family,
            number: self.count,
            replaced: None,
            revoked: false,
        };
        self.issued.insert(token.clone(), issued);
        token
    }
}

/// RFC 6749 §6; the request may narrow the scope.
pub(crate) fn refresh(request: &TokenRequest<'_>) -> Result<Response, Response> {
    let token = request.fields.required("refresh_token")?;
    let client = &request.client.id;
    let grant = request.state.refresh_tokens().grant(token, client);
    let grant = grant.ok_or_else(error_responses::unknown_refresh_token)?;
    let user = grant
        .user_in(&request.options.directory)
        .ok_or_else(error_responses::refresh_token_of_deleted_user)?;
    if user.blocked {
        return Err(error_responses::user_blocked());
    }
    if request.options.refresh.requires_mfa {
        // The refresh token stays valid.
        let token = request.state.transactions().start(grant);
        return Err(request.mfa_required(user, &token));
    }
    let rotation = request.options.refresh.rotation;
    let redeemed = request
        .state
        .refresh_tokens()
        .redeem(token, client, rotation);
    let (mut grant, next) = redeemed.ok_or_else(error_responses::unknown_refresh_token)?;
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
    let token = fields.required("token")?;
    let whole_grant = options.refresh.revocation_ends_grant;
    state
        .refresh_tokens()
        .revoke(token, &client.id, whole_grant);
    let body = options.refresh.revocation_body;
    Ok(Response::new(200, body).header("content-type", "application/json"))
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
    /// Each use replaces the refresh token, and no overlap is allowed.
    pub(crate) fn rotate_refresh_tokens(self) -> Self {
        self.refresh_token_overlap(Duration::ZERO)
    }

    /// Each use replaces the refresh token; for this long, the token before the current one is
    /// accepted too.
    pub(crate) fn refresh_token_overlap(mut self, overlap: Duration) -> Self {
        self.refresh.rotation = Some(overlap);
        self
    }

    /// Refreshing requires a second factor, as with an Action that does not exempt it.
    pub(crate) fn refresh_requires_mfa(mut self) -> Self {
        self.refresh.requires_mfa = true;
        self
    }

    /// Revocation ends all refresh tokens of the user, the application and the audience.
    pub(crate) fn revocation_ends_grant(mut self) -> Self {
        self.refresh.revocation_ends_grant = true;
        self
    }

    /// What a revocation responds beside status 200; nothing by default.
    pub(crate) fn revocation_body(mut self, body: &'static str) -> Self {
        self.refresh.revocation_body = body;
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
