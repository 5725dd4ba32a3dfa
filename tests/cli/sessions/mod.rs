//! Saved sessions: what is kept, how it is renewed, and how it ends.

mod at_terminal;
mod choice;
mod crash;
mod files;
mod keyring;
mod keyring_unavailable;
mod logout;
mod parallel;
mod refused;
mod renewal;
mod run;
mod saved;
mod seldom;
mod status;

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{login_at, padlock, padlock_at, printed};
use crate::tenant::{AUDIENCE, RecordedRequest, Tenant, TenantOptions};

/// A user's home, with a state folder of its own.
pub(crate) struct Home {
    folder: TempDir,
    /// The address of a session bus, where there is a keyring.
    bus: Option<String>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            bus: None,
        }
    }

    pub(crate) fn with_bus(address: &str) -> Self {
        Self::new().at_bus(address)
    }

    /// The same home, with this session bus.
    pub(crate) fn at_bus(self, address: &str) -> Self {
        Self {
            bus: Some(address.to_owned()),
            ..self
        }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.state().join("padlock")
    }

    /// The same program with this home.
    pub(crate) fn with(&self, mut command: Command) -> Command {
        command.env("XDG_STATE_HOME", self.state());
        command.envs(self.bus.iter().map(|bus| ("DBUS_SESSION_BUS_ADDRESS", bus)));
        command
    }

    /// A command with the settings for a tenant.
    pub(crate) fn run(&self, tenant: &Tenant, arguments: &[&str]) -> Command {
        let mut command = self.with(padlock_at(tenant));
        command.args(arguments);
        command
    }

    /// A command without any settings.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Command {
        let mut command = self.with(padlock());
        command.args(arguments);
        command
    }

    /// Signs in for the tenant's API, and keeps the session.
    pub(crate) fn sign_in(&self, tenant: &Tenant) {
        self.sign_in_with(tenant, &["--audience", AUDIENCE]);
    }

    pub(crate) fn sign_in_with(&self, tenant: &Tenant, arguments: &[&str]) {
        let mut command = self.with(login_at(tenant));
        printed(command.arg("--save").args(arguments));
        tenant.clear_requests();
    }

    /// What `padlock token` prints.
    pub(crate) fn token(&self, tenant: &Tenant) -> String {
        printed(&mut self.run(tenant, &["token"]))
            .trim_end()
            .to_owned()
    }

    /// The file of the only session.
    pub(crate) fn session_file(&self) -> PathBuf {
        self.session_files().remove(0)
    }

    /// The files with sessions.
    pub(crate) fn session_files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder()).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        let is_session = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let end = path.extension().unwrap_or_default();
            name.starts_with("session-") && (end == "json" || end == "sealed")
        };
        files.filter(is_session).collect()
    }

    pub(crate) fn session(&self) -> Value {
        serde_json::from_slice(&fs::read(self.session_file()).unwrap()).unwrap()
    }

    /// Changes the record of the only session.
    pub(crate) fn change_session(&self, change: impl FnOnce(&mut Value)) {
        let mut session = self.session();
        change(&mut session);
        fs::write(self.session_file(), session.to_string()).unwrap();
    }

    /// As if the access tokens had run out.
    pub(crate) fn let_tokens_expire(&self) {
        self.change_session(|session| {
            for stored in session["access_tokens"].as_array_mut().unwrap() {
                stored["expires_at"] = 1.into();
            }
        });
    }
}

/// A tenant that rotates refresh tokens, and ends the grant where one is used again.
pub(crate) fn rotating() -> TenantOptions {
    Tenant::builder().rotate_refresh_tokens()
}

/// The requests that spend a refresh token.
pub(crate) fn refreshes(tenant: &Tenant) -> Vec<RecordedRequest> {
    let mut requests = tenant.requests_to("/oauth/token");
    requests.retain(|request| request.field("grant_type").as_deref() == Some("refresh_token"));
    requests
}

/// The refresh token that is stored is one that the tenant has neither replaced nor revoked.
pub(crate) fn assert_current(home: &Home, tenant: &Tenant) {
    let stored = home.session()["refresh_token"].as_str().unwrap().to_owned();
    assert!(tenant.valid_refresh_tokens().contains(&stored));
}
