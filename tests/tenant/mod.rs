//! A fake Auth0 tenant on loopback: checks what it receives as Auth0 does, signs what it answers, and records everything.

#![allow(
    dead_code,
    unused_imports,
    reason = "each program that includes this module uses a part of it"
)]
#![allow(
    clippy::expect_used,
    reason = "a tenant that cannot run should end the test at once"
)]

mod directory;
pub(crate) mod error_responses;
mod grants;
mod options;
mod resources;
mod second_factors;
mod state;
mod tokens;
mod transport;

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use state::TenantState;
use transport::server::Server;
use transport::tls::Identity;

pub(crate) use {
    directory::client_key::{CLIENT_KID, ClientKey, client_key_file},
    directory::{Api, Client, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM, User},
    grants::assertion::ASSERTION_TYPE,
    options::TenantOptions,
    second_factors::factor::Factor,
    second_factors::totp::{totp, totp_at},
    tokens::key_sets::{jwks_with_rsa_keys, jwks_with_small_keys},
    tokens::signing::Signing,
    transport::connection::ConnectionFault,
    transport::fault::{Fault, RetryAfter},
    transport::request_log::RecordedRequest,
    transport::response::Response,
    transport::routes::{AUTHENTICATORS, CHALLENGE, DISCOVERY, JWKS, REVOKE, TOKEN, USERINFO},
    transport::script::http_date,
    transport::tls::Certificate,
};

/// What every tenant knows unless told otherwise.
pub(crate) const EMAIL: &str = "robin@percy.test";
pub(crate) const USER_PASSWORD: &str = "pa55word";
pub(crate) const CLIENT_ID: &str = "padlock-cli";
pub(crate) const CLIENT_SECRET: &str =
    "padlock-loopback-secret-0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const AUDIENCE: &str = "https://api.percy.test/";
pub(crate) const REALM: &str = "Username-Password-Authentication";

/// A running tenant; it stops, and its port is closed, when this is dropped.
pub(crate) struct Tenant {
    state: Arc<TenantState>,
    tls: Option<Identity>,
    _server: Server,
}

impl Tenant {
    /// A tenant as Auth0 would set it up: plain HTTP, RS256, one user, one application, one API.
    pub(crate) fn start() -> Self {
        Self::builder().start()
    }

    /// The same, to be changed before it starts.
    pub(crate) fn builder() -> TenantOptions {
        TenantOptions::default()
    }

    /// Where it listens, with the last slash: `http://127.0.0.1:PORT/`.
    pub(crate) fn url(&self) -> &str {
        &self.state.url
    }

    /// What its tokens and its discovery document say about themselves: the URL, unless [`TenantOptions::issuer`] was given.
    pub(crate) fn issuer(&self) -> String {
        self.state.options().issuer_for(&self.state.url)
    }

    /// The throw-away root of its certificate, in PEM.
    ///
    /// # Panics
    /// Without [`TenantOptions::tls`].
    pub(crate) fn ca_file(&self) -> &Path {
        self.tls
            .as_ref()
            .expect("the tenant was started without tls()")
            .ca_file()
    }

    /// The settings that point padlock at this tenant, names and values.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let options = self.state.options();
        let mut settings = vec![("AUTH0_DOMAIN", self.url().to_owned())];
        if let Some(client) = options.directory.clients.first() {
            settings.push(("AUTH0_CLIENT_ID", client.id.clone()));
            settings.extend(
                client
                    .secret
                    .clone()
                    .map(|secret| ("AUTH0_CLIENT_SECRET", secret)),
            );
        }
        if options.id_token.signing.is_hs256() {
            settings.push(("AUTH0_ALGORITHM", "HS256".to_owned()));
        }
        settings.extend(
            self.tls
                .as_ref()
                .map(|tls| ("PADLOCK_CA_FILE", tls.ca_file().display().to_string())),
        );
        settings
    }

    /// Changes the tenant while it runs, from the next request on.
    pub(crate) fn change(&self, how: impl FnOnce(TenantOptions) -> TenantOptions) {
        self.state.change(how);
    }

    /// Every request received, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.state.requests.requests()
    }

    /// The requests to one path, without its query: `/oauth/token`.
    pub(crate) fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.requests()
            .into_iter()
            .filter(|received| received.route() == path)
            .collect()
    }

    /// How often a password reached the tenant.
    pub(crate) fn passwords_received(&self) -> usize {
        self.requests()
            .iter()
            .filter(|received| received.carries_password())
            .count()
    }

    /// How many TCP connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.state.requests.connections()
    }

    /// Forgets the requests so far; connections keep their numbers.
    pub(crate) fn clear_requests(&self) {
        self.state.requests.clear();
    }
}

/// The time in Unix seconds, for claims.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(since.as_secs()).expect("a clock that fits")
}
