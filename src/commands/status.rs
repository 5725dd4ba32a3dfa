//! `padlock status`: the saved sessions, without any request.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::StatusArgs;
use crate::config::SessionChoice;
use crate::context::Context;
use crate::failure::{Class, Failure};
use crate::output::{ApplicationStatus, SessionStatus, Status, TokenStatus};
use crate::session::{Entry, Session, SessionError, Sessions, Wanted, WantedToken};
use crate::state::StateFolder;
use crate::token_cache::cached_tokens;

/// Seconds that a token must still be valid, without which a renewal is due.
const MIN_TTL: i64 = 60;

/// How long a keyring is waited for, at most.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the command.
pub(crate) fn status(
    args: &StatusArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let choice = if args.all {
        SessionChoice::default()
    } else {
        context.load(|context| SessionChoice::of_status(&args.filter, context))?
    };
    let sessions = Sessions::open(context.variables, KEYRING_TIMEOUT)?;
    let sessions = sessions.ok_or_else(|| SessionError::None(Vec::new()))?;
    let now = (context.clock)();
    let applications = applications(now)?;
    let mut found = Vec::new();
    for entry in sessions.fitting(&choice)? {
        if let Some(session) = sessions.read(&entry)? {
            found.push((entry, session));
        }
    }
    let are_only_applications = args.all && found.is_empty() && !applications.is_empty();
    if found.is_empty() && !are_only_applications {
        // The error names the others.
        sessions.choose(&choice)?;
    }
    let status = Status {
        sessions: found
            .iter()
            .map(|(entry, session)| shown(entry, session, now))
            .collect(),
        applications,
        now,
    };
    let text = (args.output.render)(&status, context.stdout)?;
    let dead = found.iter().map(|(_, session)| session.ensure_alive());
    let dead: Vec<_> = dead.filter_map(Result::err).collect();
    if dead.len() < found.len() || are_only_applications {
        return Ok(text);
    }
    (context.write)(text.as_bytes()).map_err(|error| {
        let message = format!("the result could not be written: {error}");
        Failure::new(Class::Internal, message)
    })?;
    let first = dead.into_iter().next();
    Err(first
        .unwrap_or_else(|| SessionError::None(Vec::new()))
        .into())
}

/// The cached tokens of applications.
fn applications(now: i64) -> Result<Vec<ApplicationStatus>, Failure> {
    let Some(folder) = StateFolder::open()? else {
        return Ok(Vec::new());
    };
    let tokens = cached_tokens(&folder, now)?.into_iter();
    let shown = tokens.map(|token| ApplicationStatus {
        client_id: token.client_id,
        tenant: token.tenant,
        audience: token.audience,
        scope: token.scope,
        organization: token.organization,
        expires_at: token.expires_at,
    });
    Ok(shown.collect())
}

fn shown(entry: &Entry, session: &Session, now: i64) -> SessionStatus {
    let wanted = Wanted {
        token: WantedToken::Access,
        audience: None,
        scope: None,
        min_ttl: MIN_TTL,
    };
    let state = match session {
        session if session.is_signed_out => "signed out, to be revoked",
        session if session.ended.is_some() => "ended",
        _ => "active",
    };
    let tokens = session.access_tokens.iter();
    SessionStatus {
        account: session.account.clone(),
        id: session.subject.clone(),
        tenant: session.issuer.clone(),
        client_id: session.client_id.clone(),
        audience: session.audience.clone(),
        scope: session.scope.clone(),
        state,
        reason: session.ended.as_ref().map(|ended| ended.reason.clone()),
        signed_in_at: session.signed_in_at,
        renewed_at: session.renewed_at,
        renewal_due: session.is_alive() && !session.has(&wanted, now),
        access_tokens: tokens
            .map(|stored| TokenStatus {
                audience: stored.audience.clone(),
                scope: stored.scope.clone(),
                expires_at: stored.expires_at,
            })
            .collect(),
        id_token_expires_at: session
            .id_token
            .as_ref()
            .and_then(|stored| stored.expires_at),
        store: entry.store.name(),
    }
}
