//! `padlock logout`: revokes the refresh token at the tenant, and deletes the session.

use std::time::Duration;

use zeroize::Zeroizing;

use super::renewal::saved_client;
use crate::args::LogoutArgs;
use crate::auth::Client;
use crate::config::{Report, SessionChoice, SessionClient};
use crate::context::Context;
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::provider::Provider;
use crate::session::{Entry, Session, SessionError, Sessions};
use crate::state::StateFolder;
use crate::token_cache::remove_cached_tokens;

/// Runs the command.
pub(crate) fn logout(
    args: &LogoutArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let report = Report::default();
    let choice = if args.all {
        SessionChoice::default()
    } else {
        context.load_with(&report, |context| SessionChoice::of_logout(args, context))?
    };
    let timeout = Duration::from_secs_f64(args.tenant.timeout);
    let sessions = Sessions::open(context.variables, timeout)?;
    let sessions = sessions.ok_or_else(|| SessionError::None(Vec::new()))?;
    let logout = Logout {
        args,
        report: &report,
        context,
        sessions: &sessions,
    };
    let entries = if args.all {
        sessions.fitting(&choice)?
    } else {
        vec![sessions.choose_to_end(&choice)?]
    };
    let removed = if args.all {
        remove_tokens_of_applications(context)
    } else {
        Ok(0)
    };
    if entries.is_empty() && matches!(removed, Ok(0)) {
        return Err(SessionError::None(Vec::new()).into());
    }
    // One that cannot be revoked or removed does not keep the others.
    let mut ended: Vec<_> = entries.iter().map(|entry| logout.end(entry)).collect();
    ended.push(removed.map(drop));
    let mut failures = ended.into_iter().filter_map(Result::err);
    let Some(first) = failures.next() else {
        return Ok(Zeroizing::default());
    };
    for failure in failures {
        (context.note)(&failure.message);
    }
    Err(first)
}

/// The tenant forgets none of them: an access token cannot be revoked there.
fn remove_tokens_of_applications(context: &Context<'_>) -> Result<usize, Failure> {
    let Some(folder) = StateFolder::open()? else {
        return Ok(0);
    };
    let removed = remove_cached_tokens(&folder)?;
    if removed > 0 {
        (context.note)(&format!(
            "deleted the cached tokens of applications ({removed}); they stay valid until they expire"
        ));
    }
    Ok(removed)
}

struct Logout<'a> {
    args: &'a LogoutArgs,
    report: &'a Report,
    context: &'a Context<'a>,
    sessions: &'a Sessions,
}

impl Logout<'_> {
    fn end(&self, entry: &Entry) -> Result<(), Failure> {
        let timeout = Duration::from_secs_f64(self.args.tenant.timeout);
        let deadline = Deadline::after(timeout);
        let _lock = self.sessions.lock(entry, deadline, self.context.log.wait)?;
        let Some(mut session) = self.record(entry)? else {
            return Ok(self.sessions.remove(entry, deadline)?);
        };
        let account = session.shown_account();
        let is_dead = session.ended.is_some();
        if !self.args.local && !is_dead {
            if !session.is_signed_out {
                // Whatever comes of the request, no token of it is used any more.
                session.sign_out();
                self.sessions.write(entry, &session)?;
            }
            self.revoke(&session).map_err(|failure| {
                let tenant = session.shown_tenant();
                Failure {
                    message: format!(
                        "the session of {account} could not be revoked, and is still valid at \
                         {tenant}: {}",
                        failure.message
                    ),
                    hint: Some(
                        "run padlock logout again, or padlock logout --local to give it up"
                            .to_owned(),
                    ),
                    ..failure
                }
            })?;
        }
        self.sessions.remove(entry, deadline)?;
        let note = if self.args.local && !is_dead {
            let tenant = session.shown_tenant();
            format!("the session of {account} is deleted here, and still valid at {tenant}")
        } else {
            format!("signed out {account}")
        };
        (self.context.note)(&note);
        Ok(())
    }

    /// The record; `None` where there is none, or one that cannot be read and is given up.
    fn record(&self, entry: &Entry) -> Result<Option<Session>, SessionError> {
        match self.sessions.read(entry) {
            Err(error) if self.args.local => {
                (self.context.note)(&format!(
                    "{error}; the session is deleted here, and may still be valid at the tenant"
                ));
                Ok(None)
            }
            read => read,
        }
    }

    fn revoke(&self, session: &Session) -> Result<(), Failure> {
        let saved = saved_client(session)?;
        let settings = self.context.load_with(self.report, |context| {
            SessionClient::of_logout(self.args, &saved, context)
        })?;
        let http = self.context.http(&settings.network)?;
        let provider = Provider::find_to_revoke(&http, &settings.tenant)?;
        let Some(endpoint) = provider.revocation_url()? else {
            (self.context.note)(&format!(
                "{} has no revocation endpoint: the refresh token stays valid there until it \
                 expires, or until an administrator ends the user's session",
                session.shown_tenant()
            ));
            return Ok(());
        };
        let (application, options) = (&settings.application, &settings.options);
        let client = Client::new(&http, &provider, application, options, self.context.clock);
        Ok(client.revoke(endpoint, &session.refresh_token)?)
    }
}
