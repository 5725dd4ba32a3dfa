//! A renewal of a saved session: everything that can fail here is found before the refresh token is
//! sent, and what came for it is stored before anything else is done with it.

use secrecy::ExposeSecret;

use crate::args::SessionArgs;
use crate::auth::{AuthError, Client, GrantOutcome};
use crate::config::{RenewalSettings, Report, SavedClient, SignInRules};
use crate::context::Context;
use crate::failure::{Class, Diagnose, Failure};
use crate::input;
use crate::keys::Keys;
use crate::provider::{PendingJwks, Provider};
use crate::response::TokenResponse;
use crate::session::{Entry, NewTokens, PreparedRenewal, Session, SessionError, Sessions, Wanted};
use crate::state::reached;
use crate::verify::{Claims, Policy, TokenKind, TokenName, VerifiedToken, verify};

/// A session whose tokens can be used.
pub(super) struct UsableSession {
    pub(super) session: Session,
    /// Why the session could not be stored: its tokens are good, and there will be no others.
    pub(super) lost: Option<Failure>,
}

impl UsableSession {
    pub(super) fn stored(session: Session) -> Self {
        Self {
            session,
            lost: None,
        }
    }
}

/// What a renewal works with.
pub(super) struct Renewal<'a> {
    pub(super) args: &'a SessionArgs,
    pub(super) report: &'a Report,
    pub(super) context: &'a Context<'a>,
    pub(super) sessions: &'a Sessions,
    pub(super) entry: &'a Entry,
    pub(super) wanted: &'a Wanted,
}

/// The connection to the provider, with the keys of its tokens.
struct Connection<'a> {
    client: Client<'a>,
    keys: Keys,
    rules: &'a SignInRules,
}

impl Renewal<'_> {
    /// Renews the session, unless another process has just done so.
    pub(super) fn renew(&self, seen: &Session) -> Result<UsableSession, Failure> {
        let settings = self.settings(seen)?;
        let deadline = settings.client.network.deadline;
        let _lock = self
            .sessions
            .lock(self.entry, deadline, self.context.log.wait)?;
        let session = self.sessions.read(self.entry)?;
        let mut session = session.ok_or_else(|| SessionError::None(Vec::new()))?;
        let was_interrupted = self.sessions.was_interrupted(self.entry, &session)?;
        if was_interrupted
            && let Some(completed) = self.sessions.complete_interrupted(self.entry, &session)?
        {
            session = completed;
        } else if was_interrupted {
            self.report_interruption(&session)?;
        }
        session.ensure_alive()?;
        let now = (self.context.clock)();
        let is_new = session.has_newer(self.wanted, seen.generation, now);
        if is_new || session.has(self.wanted, now) {
            return Ok(UsableSession::stored(session));
        }
        let http = self.context.http(&settings.client.network)?;
        let http = http.with_fresh_deadline_if(was_interrupted);
        let provider = Provider::find(&http, &settings.client.tenant)?;
        let needs_keys = settings
            .rules
            .algorithms
            .iter()
            .any(|one| !one.is_symmetric());
        let begun = needs_keys.then(|| PendingJwks::begin(&http, &provider));
        let set = begun.transpose()?.map(PendingJwks::wait).transpose()?;
        let (application, options) = (&settings.client.application, &settings.client.options);
        let secret = application.client_secret.as_ref();
        let secret = secret.and_then(|one| settings.rules.secret_encoding.shared_secret(one));
        let client = Client::new(&http, &provider, application, options, self.context.clock);
        let connection = Connection {
            client: client.showing_recovery_codes(self.context.show_recovery_code),
            keys: Keys::new(set, secret),
            rules: &settings.rules,
        };
        self.exchange(session, &connection, &settings)
    }

    fn settings(&self, session: &Session) -> Result<RenewalSettings, Failure> {
        let saved = saved_client(session)?;
        self.context.load_with(self.report, |context| {
            RenewalSettings::load(self.args, &saved, context)
        })
    }

    /// Says what may come of it, and asks where there is a person to ask.
    fn report_interruption(&self, session: &Session) -> Result<(), Failure> {
        let notice = format!(
            "an earlier renewal of the session of {} was interrupted before its response was \
             stored, and may have used up the refresh token. It can be tried once more: a provider \
             whose rotation has an overlap accepts it; another one may take it for stolen and end \
             the whole grant.",
            session.shown_account()
        );
        if !self.context.interactivity.is_interactive() {
            (self.context.note)(&notice);
            return Ok(());
        }
        if input::confirmation(&notice, "Try the refresh token once more?", false)? {
            return Ok(());
        }
        let account = session.shown_account();
        Err(SessionError::Declined { account }.into())
    }

    /// Sends the refresh token, and stores what comes for it.
    fn exchange(
        &self,
        session: Session,
        connection: &Connection<'_>,
        settings: &RenewalSettings,
    ) -> Result<UsableSession, Failure> {
        let prepared = self.sessions.prepare(self.entry, &session)?;
        prepared.mark(&session)?;
        let asked_at = (self.context.clock)();
        let (audience, scope) = session.to_ask_for(self.wanted);
        let client = &connection.client;
        let outcome = client.refresh(&session.refresh_token, audience, scope);
        reached("response received");
        match outcome {
            Ok(GrantOutcome::Tokens(response)) => {
                self.keep(session, prepared, &response, asked_at, connection)
            }
            Ok(GrantOutcome::MfaRequired(required)) => {
                // The refresh token is not used up, and the factor may take a while. The new file
                // remains: what comes for the factor is stored in it.
                prepared.unmark()?;
                let interactivity = self.context.interactivity;
                let factor = &settings.second_factor;
                let response = client.prove(*required, factor, interactivity)?;
                let asked_at = (self.context.clock)();
                self.keep(session, prepared, &response, asked_at, connection)
            }
            Err(error) => Err(refused(error, session, prepared, (self.context.clock)())),
        }
    }

    /// Stores a response: the new refresh token whatever else is in it, and its other tokens only if
    /// they are what they have to be.
    fn keep(
        &self,
        mut session: Session,
        prepared: PreparedRenewal<'_>,
        response: &TokenResponse,
        asked_at: i64,
        connection: &Connection<'_>,
    ) -> Result<UsableSession, Failure> {
        let now = (self.context.clock)();
        let id_token = connection.verified_id_token(response, &session, now);
        session.rotate(response, asked_at);
        let checked = id_token.and_then(|id_token| {
            self.check_access_token(&session, response, connection)?;
            Ok(id_token)
        });
        match &checked {
            Ok(id_token) => {
                let id_token = id_token.as_ref();
                let id_token = id_token.map(|token| (token.expose_token(), token.claims()));
                let tokens = NewTokens {
                    response,
                    id_token,
                    asked_at,
                };
                session.take_over(self.wanted, tokens);
            }
            Err(_) => session.forget_token(self.wanted),
        }
        let stored = prepared.commit(&session);
        let lost = stored.err().map(|source| {
            let account = session.shown_account();
            let source = Box::new(source);
            Failure::from(SessionError::Lost { account, source })
        });
        match checked {
            Ok(_) => Ok(UsableSession { session, lost }),
            Err(failure) => Err(lost.unwrap_or(failure)),
        }
    }

    fn check_access_token(
        &self,
        session: &Session,
        response: &TokenResponse,
        connection: &Connection<'_>,
    ) -> Result<(), Failure> {
        let token = response.bearer()?;
        if session.is_for_audience(token, self.wanted) {
            return Ok(());
        }
        let kind = connection.client.provider.kind;
        let audience = session.audience_for(self.wanted).unwrap_or_default();
        Err(SessionError::OtherAudience {
            server: kind.noun(),
            audience: crate::escape::excerpt(audience, 200),
            is_auth0: kind.is_auth0(),
        }
        .into())
    }
}

impl Connection<'_> {
    /// The renewed `id_token`, if there is one: verified by the rules of a login, and for the same
    /// user as before (OpenID Connect Core §12.2).
    fn verified_id_token<'r>(
        &self,
        response: &'r TokenResponse,
        session: &Session,
        now: i64,
    ) -> Result<Option<VerifiedToken<'r>>, Failure> {
        let Some(token) = response.id_token()? else {
            return Ok(None);
        };
        let client = &self.client;
        let policy = Policy {
            issuer: Some(session.issuer.clone()),
            audiences: vec![session.client_id.clone()],
            leeway: self.rules.leeway,
            ..Policy::new(TokenKind::IdToken, self.rules.algorithms.as_slice())
        };
        let access_token = response.access_token().map(ExposeSecret::expose_secret);
        let verified = verify(
            token.expose_unverified(),
            &self.keys,
            &policy,
            now,
            access_token,
        );
        let verified = verified.map_err(|error| {
            let error = error.about(TokenName::IdToken);
            let error = error.at_auth0(client.provider.kind.is_auth0());
            error.with_clocks(client.http.clocks())
        })?;
        ensure_same_user(verified.claims(), session)?;
        Ok(Some(verified))
    }
}

/// `sub` must be the same (OpenID Connect Core §12.2). `auth_time` should be too, but providers put
/// the time of the renewal there, which says nothing about the user.
fn ensure_same_user(claims: &Claims, session: &Session) -> Result<(), SessionError> {
    if claims.subject() == Some(&session.subject) {
        Ok(())
    } else {
        Err(SessionError::OtherUser { claim: "sub" })
    }
}

/// What a refused renewal means for the session.
fn refused(
    error: AuthError,
    mut session: Session,
    prepared: PreparedRenewal<'_>,
    now: i64,
) -> Failure {
    if error.class() == Class::NoSession {
        session.end(&error.to_string(), now);
        // If that cannot be stored, the next run finds it out again.
        prepared.commit(&session).ok();
    } else if !error.may_have_been_processed() {
        prepared.unmark().ok();
    }
    error.into()
}

/// The client that a session was saved for.
pub(super) fn saved_client(session: &Session) -> Result<SavedClient, SessionError> {
    let tenant = session.tenant.tenant();
    let tenant = tenant.ok_or_else(|| SessionError::Ended {
        account: session.shown_account(),
        reason: "its record names no valid tenant".to_owned(),
    })?;
    Ok(SavedClient {
        tenant,
        client_id: session.client_id.clone(),
        is_confidential: session.is_confidential,
    })
}
