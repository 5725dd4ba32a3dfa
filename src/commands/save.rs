//! Keeps a verified sign-in as a session.

use super::signed_in::SignedIn;
use crate::auth::Client;
use crate::config::{ClientAuthentication, TenantRef};
use crate::context::Context;
use crate::failure::Failure;
use crate::session::{ChosenStore, NewTokens, SessionError, Sessions, SignedInSession};

/// What a sign-in was asked for.
pub(super) struct SaveRequest<'a> {
    pub(super) tenant: &'a TenantRef,
    /// The user name that was signed in with, where there is one.
    pub(super) user_name: Option<&'a str>,
    pub(super) audience: Option<&'a str>,
    pub(super) scope: &'a str,
    /// When the tokens were asked for, in seconds since 1970.
    pub(super) asked_at: i64,
    pub(super) store: ChosenStore,
}

/// Keeps a verified sign-in, in place of an earlier session of the same account.
pub(super) fn save(
    sessions: &Sessions,
    signed_in: &SignedIn<'_>,
    client: &Client<'_>,
    request: SaveRequest<'_>,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let (provider, application) = (client.provider, client.application);
    let refresh_token = signed_in.response.refresh_token();
    let refresh_token = refresh_token.ok_or_else(|| SessionError::NoRefreshToken {
        server: provider.kind.noun(),
        is_auth0: provider.kind.is_auth0(),
    })?;
    let claims = signed_in.id_token.claims();
    let sign_in = SignedInSession {
        tenant: request.tenant,
        client_id: &application.client_id,
        is_confidential: !matches!(application.authentication, ClientAuthentication::None),
        issuer: &provider.issuer,
        user_name: request.user_name,
        audience: request.audience,
        scope: request.scope,
        refresh_token,
        tokens: NewTokens {
            response: signed_in.response,
            id_token: Some((signed_in.id_token.expose_token(), claims)),
            asked_at: request.asked_at,
        },
    };
    let (deadline, announce) = (client.deadline(), context.log.wait);
    let saved = sessions.save(&sign_in, claims, request.store, deadline, announce)?;
    (context.note)(&format!(
        "the session of {} is saved in {}{}; padlock token prints its access token",
        saved.session.shown_account(),
        saved.path,
        saved.store.remark()
    ));
    Ok(())
}
