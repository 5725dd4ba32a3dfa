//! Profiles: a row for each, or all as one JSON object. Never a secret.

use serde::Serialize;

use super::target::OutputTarget;
use super::{json, table};

/// All profiles.
#[derive(Serialize)]
pub(crate) struct Profiles {
    pub(crate) profiles: Vec<ProfileStatus>,
}

/// A profile.
#[derive(Serialize)]
pub(crate) struct ProfileStatus {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) tenant: Option<String>,
    pub(crate) client_id: Option<String>,
    /// The accounts of its saved sessions.
    pub(crate) sessions: Vec<String>,
    /// Why the file cannot be used.
    pub(crate) problem: Option<String>,
}

pub(super) fn table(profiles: &Profiles, target: OutputTarget) -> String {
    if profiles.profiles.is_empty() {
        return String::new();
    }
    let row = |profile: &ProfileStatus| {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let (tenant, session) = match (&profile.problem, profile.sessions.as_slice()) {
            (Some(problem), _) => (problem.clone(), "-".to_owned()),
            (None, []) => (text(&profile.tenant), "none".to_owned()),
            (None, accounts) => (text(&profile.tenant), accounts.join(", ")),
        };
        vec![
            profile.name.clone(),
            tenant,
            text(&profile.client_id),
            session,
        ]
    };
    let rows: Vec<_> = profiles.profiles.iter().map(row).collect();
    let header = ["Profile", "Tenant", "Client ID", "Session"];
    table::columns(&header, &rows, target)
}

pub(super) fn json(profiles: &Profiles, target: OutputTarget) -> String {
    // Serializing strings does not fail.
    json::text(&serde_json::to_string(profiles).unwrap_or_default(), target)
}
