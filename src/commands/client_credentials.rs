//! `padlock client-credentials`: an access token for the application itself, cached until it is stale.

use zeroize::Zeroizing;

use crate::args::ClientCredentialsArgs;
use crate::auth::Client;
use crate::config::{CacheUse, ClientCredentials};
use crate::context::Context;
use crate::duration;
use crate::failure::Failure;
use crate::http::Detail;
use crate::provider::Provider;
use crate::response::TokenResponse;
use crate::token_cache::CachedToken;

/// Runs the command.
pub(crate) fn client_credentials(
    args: ClientCredentialsArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let settings = context.load(|context| ClientCredentials::load(args, context))?;
    let response = application_token(&settings, context)?;
    let destination = context.destination(&settings.handover);
    Ok((settings.output.render)(&response, destination)?)
}

/// An access token for the application itself: a cached one while it is valid, else a new one. Of
/// many processes without a valid token one asks, and the others wait for its token.
pub(super) fn application_token(
    settings: &ClientCredentials,
    context: &Context<'_>,
) -> Result<TokenResponse, Failure> {
    let min_ttl = match settings.cache {
        CacheUse::None => return request(settings, context),
        CacheUse::Fresh => None,
        CacheUse::MinTtl(seconds) => Some(seconds),
    };
    let read = |cached: &CachedToken| match min_ttl {
        Some(seconds) => read(cached, seconds, context),
        None => Ok(None),
    };
    if let Some(cached) = CachedToken::find(settings)?
        && let Some(response) = read(&cached)?
    {
        return Ok(response);
    }
    let deadline = settings.network.deadline;
    let Some(cached) = CachedToken::create(settings, deadline)? else {
        return request(settings, context);
    };
    let Some(_lock) = cached.lock(deadline, context.log.wait)? else {
        return request(settings, context);
    };
    if let Some(response) = read(&cached)? {
        return Ok(response);
    }
    let asked_at = (context.clock)();
    let response = request(settings, context)?;
    if let Err(error) = cached.write(settings, &response, asked_at) {
        let message = Failure::from(error).message;
        (context.note)(&format!("the token is not cached: {message}"));
    }
    Ok(response)
}

/// The cached token, if it is valid for this many seconds yet.
fn read(
    cached: &CachedToken,
    min_ttl: i64,
    context: &Context<'_>,
) -> Result<Option<TokenResponse>, Failure> {
    let now = (context.clock)();
    let response = cached.read(now, min_ttl)?;
    let expires_at = response.as_ref().and_then(|found| found.expires_at(now));
    if let Some(time) = expires_at.and_then(duration::timestamp)
        && context.log.detail >= Detail::Requests
    {
        (context.log.write)(&format!("the token is a cached one, valid until {time}"));
    }
    Ok(response)
}

/// Asks the tenant for a token.
fn request(settings: &ClientCredentials, context: &Context<'_>) -> Result<TokenResponse, Failure> {
    let http = context.http(&settings.network)?;
    let provider = Provider::find_able(&http, &settings.tenant, |provider| {
        provider.require_grant("client_credentials")
    })?;
    let (application, options) = (&settings.application, &settings.options);
    let client = Client::new(&http, &provider, application, options, context.clock);
    let (audience, scope) = (settings.audience.as_deref(), settings.scope.as_deref());
    let organization = settings.organization.as_deref();
    let response = client.client_credentials(audience, scope, organization)?;
    response.bearer()?;
    Ok(response)
}
