//! Refresh tokens: given, redeemed, replaced, revoked (RFC 6749 §6, RFC 7009).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;

use super::client_authentication::authenticated;
use super::request::Exchange;
use super::request::Fields;
use crate::tenant::options::TenantOptions;
use crate::tenant::shared::Shared;
use crate::tenant::tokens::issue::Grant;
use crate::tenant::tokens::random_token;
use crate::tenant::transport::response::Response;
use crate::tenant::{Tenant, error_responses};

/// Every refresh token that was ever given.
#[derive(Default)]
pub(crate) struct RefreshTokens {
    given: HashMap<String, Given>,
    revoked_families: HashSet<usize>,
}

struct Given {
    grant: Grant,
    /// A token and those that took its place.
    family: usize,
    spent: bool,
}

impl RefreshTokens {
    pub(crate) fn give(&mut self, grant: Grant) -> String {
        self.give_to(self.given.len(), grant)
    }

    /// What a token stands for, and the one that takes its place. One that was replaced before is stolen: its whole family ends.
    fn redeem(
        &mut self,
        token: &str,
        client: &str,
        rotate: bool,
    ) -> Option<(Grant, Option<String>)> {
        let given = self
            .given
            .get_mut(token)
            .filter(|given| given.grant.client == client)?;
        let (grant, family) = (given.grant.clone(), given.family);
        if given.spent {
            self.revoked_families.insert(family);
        }
        if self.revoked_families.contains(&family) {
            return None;
        }
        given.spent = rotate;
        let next = rotate.then(|| self.give_to(family, grant.clone()));
        Some((grant, next))
    }

    fn revoke(&mut self, token: &str, client: &str) {
        if let Some(given) = self
            .given
            .get(token)
            .filter(|given| given.grant.client == client)
        {
            self.revoked_families.insert(given.family);
        }
    }

    fn good(&self) -> impl Iterator<Item = &str> {
        let good = |given: &Given| !given.spent && !self.revoked_families.contains(&given.family);
        self.given
            .iter()
            .filter(move |(_, given)| good(given))
            .map(|(token, _)| token.as_str())
    }

    fn give_to(&mut self, family: usize, grant: Grant) -> String {
        let token = random_token("v1.");
        self.given.insert(
            token.clone(),
            Given {
                grant,
                family,
                spent: false,
            },
        );
        token
    }
}

/// RFC 6749 §6; a narrower scope may be asked for.
pub(crate) fn refresh(exchange: &Exchange<'_>) -> Result<Response, Response> {
    let token = exchange.fields.required("refresh_token")?;
    let rotate = exchange.options.rotate_refresh_tokens;
    let redeemed = exchange
        .shared
        .refresh_tokens()
        .redeem(token, &exchange.client.id, rotate);
    let (mut grant, next) = redeemed.ok_or_else(error_responses::unknown_refresh_token)?;
    let users = &exchange.options.directory.users;
    let user = users
        .iter()
        .find(|user| Some(&user.email) == grant.user.as_ref());
    let user = user.ok_or_else(error_responses::unknown_refresh_token)?;
    if user.blocked {
        return Err(error_responses::user_blocked());
    }
    if let Some(asked) = exchange.fields.text("scope") {
        let before = grant.scope.unwrap_or_default();
        let both = asked
            .split_whitespace()
            .filter(|scope| before.split_whitespace().any(|had| had == *scope));
        grant.scope = Some(both.collect::<Vec<_>>().join(" "));
    }
    Ok(exchange.token_response(exchange.tokens(user, &grant, next)))
}

/// `POST /oauth/revoke`: an unknown token is no error (RFC 7009 §2.2).
pub(crate) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    revoked(&shared, &headers, &body).unwrap_or_else(|refused| refused)
}

fn revoked(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let fields = Fields::read(headers, body)?;
    let options = shared.options();
    let client = authenticated(shared, &options, headers, &fields)?;
    shared
        .refresh_tokens()
        .revoke(fields.required("token")?, &client.id);
    Ok(Response::new(200, "").header("content-type", "application/json"))
}

impl Exchange<'_> {
    /// The refresh token of a new login that asks for one.
    pub(crate) fn refresh_token(&self, grant: &Grant) -> Option<String> {
        let asked = grant
            .scope
            .iter()
            .flat_map(|scope| scope.split_whitespace())
            .any(|scope| scope == "offline_access");
        asked.then(|| self.shared.refresh_tokens().give(grant.clone()))
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
    pub(crate) fn good_refresh_tokens(&self) -> Vec<String> {
        self.shared
            .refresh_tokens()
            .good()
            .map(str::to_owned)
            .collect()
    }
}
