//! A token of a saved session: the stored one while it is valid for long enough, else a renewed one.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::renewal::{Renewal, UsableSession};
use super::signed_in::{public_key_algorithms, tenant_roles};
use crate::args::SessionArgs;
use crate::auth::Client;
use crate::config::{RenewalSettings, Report, SessionChoice, TenantRef};
use crate::context::Context;
use crate::failure::Failure;
use crate::keys::Keys;
use crate::output::SessionTokens;
use crate::provider::{PendingJwks, Provider};
use crate::session::{Session, SessionError, Sessions, StoredIdToken, Wanted, WantedToken};
use crate::verify::{AccessToken, Claims, Policy, Requirements, TokenKind, TokenName, verify};

/// A session with a token that can be used.
pub(super) struct SessionToken {
    pub(super) session: Session,
    wanted: Wanted,
    /// Why there will be no other token.
    pub(super) lost: Option<Failure>,
}

/// Finds the session, renews it where that is necessary, and checks what its tokens must grant.
/// A token that is stored needs no network, and no thread.
pub(super) fn session_token(
    args: &SessionArgs,
    token: WantedToken,
    context: &Context<'_>,
) -> Result<SessionToken, Failure> {
    let report = Report::default();
    let choice = context.load_with(&report, |context| SessionChoice::of_token(args, context))?;
    let timeout = Duration::from_secs_f64(args.tenant.timeout);
    let sessions = Sessions::open(context.variables, timeout)?;
    let sessions = sessions.ok_or_else(|| SessionError::None(Vec::new()))?;
    let (entry, session) = sessions.choose(&choice)?;
    session.ensure_alive()?;
    let wanted = Wanted {
        token,
        audience: choice.audience,
        scope: args
            .tenant
            .scope
            .clone()
            .filter(|scope| !scope.trim().is_empty()),
        min_ttl: args.min_ttl.into(),
    };
    let renewal = Renewal {
        args,
        report: &report,
        context,
        sessions: &sessions,
        entry: &entry,
        wanted: &wanted,
    };
    let usable = if session.has(&wanted, (context.clock)()) {
        UsableSession::stored(session)
    } else {
        renewal.renew(&session)?
    };
    let UsableSession { session, lost } = usable;
    let requirements: Requirements = args.requirements.clone().into();
    if !requirements.is_empty() {
        require(args, &report, &session, &wanted, &requirements, context)?;
    }
    Ok(SessionToken {
        session,
        wanted,
        lost,
    })
}

impl SessionToken {
    /// What can be printed.
    pub(super) fn tokens(&self) -> SessionTokens<'_> {
        let access_token = self.session.access_token(&self.wanted);
        let id_token = self.session.id_token.as_ref();
        SessionTokens {
            access_token: access_token.map(|stored| &stored.token),
            token_type: access_token.and_then(|stored| stored.token_type.as_deref()),
            scope: access_token.and_then(|stored| stored.scope.as_deref()),
            expires_at: access_token.and_then(|stored| stored.expires_at),
            id_token: id_token.map(|stored| &stored.token),
            id_token_expires_at: id_token.and_then(|stored| stored.expires_at),
        }
    }
}

/// Fails where the tokens do not grant what is required: roles and claims are looked for in the
/// `id_token`, which was verified when it came, scopes and permissions in the access token.
fn require(
    args: &SessionArgs,
    report: &Report,
    session: &Session,
    wanted: &Wanted,
    requirements: &Requirements,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let id_token = session.id_token.as_ref().and_then(StoredIdToken::claims);
    let id_token = id_token.unwrap_or_default();
    let stored = session.access_token(wanted);
    let token = stored.map(|stored| stored.token.expose_secret());
    let parts = token.map_or(0, |token| token.split('.').count());
    let is_jwt = parts == 3 && !requirements.needs_no_access_token();
    if !is_jwt && !args.requirements.roles_from_tenant {
        let access_token = AccessToken::Opaque {
            scope: stored.and_then(|stored| stored.scope.as_deref()),
            is_encrypted: parts == 5,
        };
        return Ok(requirements.check_login(&id_token, access_token, None)?);
    }
    let saved = super::renewal::saved_client(session)?;
    let settings = context.load_with(report, |context| {
        RenewalSettings::load(args, &saved, context)
    })?;
    let http = context.http(&settings.client.network)?;
    let provider = Provider::find(&http, &settings.client.tenant)?;
    let client = &settings.client;
    let client = Client::new(
        &http,
        &provider,
        &client.application,
        &client.options,
        context.clock,
    );
    let now = (context.clock)();
    let verified = token
        .filter(|_| is_jwt)
        .map(|token| verified_access_token(token, session, wanted, &client, &settings, now));
    let verified = verified.transpose()?;
    let access_token = match &verified {
        Some(claims) => AccessToken::Verified(claims),
        None => AccessToken::Opaque {
            scope: stored.and_then(|stored| stored.scope.as_deref()),
            is_encrypted: parts == 5,
        },
    };
    let tenant: &TenantRef = &settings.client.tenant;
    let from_tenant = settings.rules.roles_from_tenant.as_ref();
    let from_tenant =
        from_tenant.map(|api| tenant_roles(Some(&session.subject), &client, tenant, api));
    let from_tenant = from_tenant.transpose()?;
    Ok(requirements.check_login(&id_token, access_token, from_tenant.as_deref())?)
}

fn verified_access_token(
    token: &str,
    session: &Session,
    wanted: &Wanted,
    client: &Client<'_>,
    settings: &RenewalSettings,
    now: i64,
) -> Result<Claims, Failure> {
    let set = PendingJwks::begin(&client.http, client.provider)?.wait()?;
    let audience = session.audience_for(wanted).map(str::to_owned);
    let policy = Policy {
        issuer: Some(session.issuer.clone()),
        audiences: audience.into_iter().collect(),
        leeway: settings.rules.leeway,
        ..Policy::new(
            TokenKind::AccessToken,
            public_key_algorithms(&settings.rules),
        )
    };
    let verified = verify(token, &Keys::new(Some(set), None), &policy, now, None);
    let verified = verified.map_err(|error| {
        let error = error.about(TokenName::AccessToken);
        error.at_auth0(client.provider.kind.is_auth0())
    })?;
    Ok(verified.into_claims())
}
