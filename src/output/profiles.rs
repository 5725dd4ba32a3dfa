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
    let has_problem = |profile: &ProfileStatus| profile.problem.is_some();
    let has_problems = profiles.profiles.iter().any(has_problem);
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let row = |profile: &ProfileStatus| {
        let session = match profile.sessions.as_slice() {
            [] if has_problem(profile) => "-".to_owned(),
            [] => "none".to_owned(),
            accounts => accounts.join(", "),
        };
        let mut row = vec![
            profile.name.clone(),
            text(profile.tenant.as_deref()),
            text(profile.client_id.as_deref()),
            session,
        ];
        if has_problems {
            row.push(text(profile.problem.as_deref()));
        }
        row
    };
    let rows: Vec<_> = profiles.profiles.iter().map(row).collect();
    let header = ["Profile", "Tenant", "Client ID", "Session", "Problem"];
    let columns = if has_problems { 5 } else { 4 };
    table::columns(&header[..columns], &rows, target)
}

pub(super) fn json(profiles: &Profiles, target: OutputTarget) -> String {
    // Serializing strings does not fail.
    json::text(&serde_json::to_string(profiles).unwrap_or_default(), target)
}
