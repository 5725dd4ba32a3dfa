//! Saved sessions: a table for each, or all as one JSON object. Never a token.

use serde::Serialize;

use super::target::OutputTarget;
use super::{json, table};
use crate::duration;

/// The saved sessions.
#[derive(Serialize)]
pub(crate) struct Status {
    pub(crate) sessions: Vec<SessionStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) applications: Vec<ApplicationStatus>,
    /// Seconds since 1970, for relative times.
    #[serde(skip)]
    pub(crate) now: i64,
}

/// A saved session; times in seconds since 1970.
#[derive(Serialize)]
pub(crate) struct SessionStatus {
    pub(crate) account: String,
    /// `sub` of the `id_token`.
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) audience: Option<String>,
    /// The scope that was granted.
    pub(crate) scope: Option<String>,
    pub(crate) state: &'static str,
    /// Why the session has ended.
    pub(crate) reason: Option<String>,
    /// `None` for a record that cannot be read.
    pub(crate) signed_in_at: Option<i64>,
    pub(crate) renewed_at: Option<i64>,
    pub(crate) renewal_due: bool,
    pub(crate) access_tokens: Vec<TokenStatus>,
    pub(crate) id_token_expires_at: Option<i64>,
    pub(crate) store: &'static str,
}

/// The cached token of an application; times in seconds since 1970.
#[derive(Serialize)]
pub(crate) struct ApplicationStatus {
    pub(crate) client_id: String,
    pub(crate) tenant: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) expires_at: i64,
}

/// A stored access token.
#[derive(Serialize)]
pub(crate) struct TokenStatus {
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) expires_at: Option<i64>,
}

pub(super) fn tables(status: &Status, target: OutputTarget) -> String {
    let table = |session: &SessionStatus| {
        let rows = rows(session, status.now);
        table::named_values("Account", &session.account, &rows, target)
    };
    let application = |token: &ApplicationStatus| {
        let rows = application_rows(token, status.now);
        table::named_values("Application", &token.client_id, &rows, target)
    };
    let sessions = status.sessions.iter().map(table);
    let tables: Vec<_> = sessions
        .chain(status.applications.iter().map(application))
        .collect();
    tables.join("\n")
}

pub(super) fn json(status: &Status, target: OutputTarget) -> String {
    // Serializing strings and numbers does not fail.
    let text = serde_json::to_string(status).unwrap_or_default();
    json::text(&text, target)
}

fn rows(session: &SessionStatus, now: i64) -> Vec<(&'static str, String)> {
    let time = |seconds: i64| at(seconds, now);
    let mut rows = vec![
        ("ID", session.id.clone()),
        ("Tenant", session.tenant.clone()),
        ("Application", session.client_id.clone()),
    ];
    rows.extend(session.audience.clone().map(|text| ("Audience", text)));
    rows.extend(session.scope.clone().map(|text| ("Scopes", text)));
    let state = match &session.reason {
        Some(reason) => format!("{}: {reason}", session.state),
        None => session.state.to_owned(),
    };
    rows.push(("State", state));
    let signed_in = session.signed_in_at;
    rows.extend(signed_in.map(|seconds| ("Signed in", time(seconds))));
    rows.extend(session.renewed_at.map(|seconds| ("Renewed", time(seconds))));
    for token in &session.access_tokens {
        rows.push(("Access token", access_token(token, session, now)));
    }
    let expires_at = session.id_token_expires_at;
    rows.extend(expires_at.map(|seconds| ("ID token", ends(seconds, now))));
    if signed_in.is_some() {
        let due = if session.renewal_due { "yes" } else { "no" };
        rows.push(("Renewal due", due.to_owned()));
    }
    rows.push(("Kept in", session.store.to_owned()));
    rows
}

fn application_rows(token: &ApplicationStatus, now: i64) -> Vec<(&'static str, String)> {
    let optional = [
        ("Audience", &token.audience),
        ("Scopes", &token.scope),
        ("Organization", &token.organization),
    ];
    let optional = optional.into_iter();
    let optional = optional.filter_map(|(name, text)| Some((name, text.clone()?)));
    let mut rows = vec![("Tenant", token.tenant.clone())];
    rows.extend(optional);
    rows.push(("Access token", ends(token.expires_at, now)));
    rows
}

/// When it ends, and what it is for where that is not what the session is for.
fn access_token(token: &TokenStatus, session: &SessionStatus, now: i64) -> String {
    let mut text = token
        .expires_at
        .map_or_else(|| "end unknown".to_owned(), |seconds| ends(seconds, now));
    if let Some(audience) = token
        .audience
        .as_ref()
        .filter(|_| token.audience != session.audience)
    {
        text = format!("{text}, for {audience}");
    }
    if let Some(scope) = token
        .scope
        .as_ref()
        .filter(|_| token.scope != session.scope)
    {
        text = format!("{text}, scope {scope}");
    }
    text
}

fn ends(seconds: i64, now: i64) -> String {
    let verb = if seconds > now { "ends" } else { "ended" };
    format!("{verb} {}", at(seconds, now))
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn at(seconds: i64, now: i64) -> String {
    duration::with_distance(seconds as f64, now)
}
