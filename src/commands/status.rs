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
    let applications = applications(context)?;
    let found = Found::read(&sessions, &choice)?;
    let are_only_applications = args.all && found.is_empty() && !applications.is_empty();
    if found.is_empty() && !are_only_applications {
        // The error names the others.
        sessions.choose(&choice)?;
    }
    let status = Status {
        sessions: found.iter().map(|one| one.shown(now)).collect(),
        applications,
        now,
    };
    let text = (args.output.render)(&status, context.stdout)?;
    let first = found.first().and_then(Found::problem);
    let (others, failure) = match first {
        Some(first) if found.iter().all(|one| one.problem().is_some()) => {
            (&found[1..], Some(first))
        }
        _ => (&found[..], None),
    };
    // Of a session that has ended, the result says it.
    let unreadable = others.iter().filter_map(|one| one.session.as_ref().err());
    unreadable.for_each(|failure| note(failure, context));
    let Some(failure) = failure else {
        return Ok(text);
    };
    (context.write)(text.as_bytes()).map_err(|error| {
        let message = format!("the result could not be written: {error}");
        Failure::new(Class::Internal, message)
    })?;
    Err(failure)
}

/// A session, or why its record cannot be read.
struct Found {
    entry: Entry,
    session: Result<Session, Failure>,
}

impl Found {
    /// All that the settings name or leave open.
    fn read(sessions: &Sessions, choice: &SessionChoice) -> Result<Vec<Self>, Failure> {
        let read = |entry: Entry| {
            let session = sessions.read(&entry).map_err(Failure::from).transpose()?;
            Some(Self { entry, session })
        };
        let entries = sessions.fitting(choice)?;
        Ok(entries.into_iter().filter_map(read).collect())
    }

    /// Why no token of it can be used.
    fn problem(&self) -> Option<Failure> {
        match &self.session {
            Ok(session) => session.ensure_alive().err().map(Failure::from),
            Err(failure) => Some(failure.clone()),
        }
    }

    fn shown(&self, now: i64) -> SessionStatus {
        match &self.session {
            Ok(session) => shown(&self.entry, session, now),
            Err(failure) => unreadable(&self.entry, failure),
        }
    }
}

/// Says what is wrong with one of several, and the next step.
fn note(failure: &Failure, context: &Context<'_>) {
    let hint = failure.hint.as_deref().unwrap_or_default();
    let separator = if hint.is_empty() { "" } else { "; " };
    (context.note)(&format!("{}{separator}{hint}", failure.message));
}

/// The cached tokens of applications.
fn applications(context: &Context<'_>) -> Result<Vec<ApplicationStatus>, Failure> {
    let Some(folder) = StateFolder::open()? else {
        return Ok(Vec::new());
    };
    let (tokens, unreadable) = cached_tokens(&folder, (context.clock)())?;
    for error in unreadable {
        note(&error.into(), context);
    }
    let shown = tokens.into_iter().map(|token| ApplicationStatus {
        client_id: token.client_id,
        tenant: token.tenant,
        audience: token.audience,
        scope: token.scope,
        organization: token.organization,
        expires_at: token.expires_at,
    });
    Ok(shown.collect())
}

/// What the index says of a session whose record cannot be read.
fn unreadable(entry: &Entry, failure: &Failure) -> SessionStatus {
    SessionStatus {
        account: entry.account.clone(),
        id: entry.subject.clone(),
        tenant: entry.tenant.clone(),
        client_id: entry.client_id.clone(),
        audience: None,
        scope: None,
        state: "unreadable",
        reason: Some(failure.message.clone()),
        signed_in_at: None,
        renewed_at: None,
        renewal_due: false,
        access_tokens: Vec::new(),
        id_token_expires_at: None,
        store: entry.store.name(),
    }
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
        signed_in_at: Some(session.signed_in_at),
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
