//! A fake Auth0 tenant on loopback: validates requests as Auth0 does, issues signed tokens, and
//! records every request.

#![allow(dead_code, unused_imports, reason = "no test binary uses all of it")]
#![allow(
    clippy::expect_used,
    reason = "a tenant that cannot start should fail the test"
)]

mod directory;
pub(crate) mod error_responses;
mod grants;
mod options;
mod pages;
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
    directory::demo_users::DEMO_USERS,
    directory::{
        Api, Client, DEVICE_CODE, MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE, PASSWORD, PASSWORD_REALM,
        User,
    },
    grants::assertion::ASSERTION_TYPE,
    grants::device::DeviceAnswer,
    options::{Flavor, TenantOptions},
    second_factors::factor::Factor,
    second_factors::totp::{totp, totp_at},
    tokens::key_sets::{jwks_with_rsa_keys, jwks_with_small_keys},
    tokens::signing::{Signing, der, jwks},
    transport::connection::ConnectionFault,
    transport::fault::{Fault, RetryAfter},
    transport::http2::Http2Fault,
    transport::request_log::RecordedRequest,
    transport::response::Response,
    transport::routes::{
        AUTHENTICATORS, AUTHORIZE, CHALLENGE, DEVICE, DISCOVERY, JWKS, KEYCLOAK_TOKEN, ORDERS,
        REVOKE, TOKEN, USERINFO, VERSION,
    },
    transport::script::http_date,
    transport::tls::Certificate,
};

/// What every tenant has by default.
pub(crate) const EMAIL: &str = "robin@percy.test";
pub(crate) const USER_PASSWORD: &str = "pa55word";
pub(crate) const CLIENT_ID: &str = "padlock-cli";
/// The application that [`TenantOptions::native_client`] adds.
pub(crate) const NATIVE_CLIENT_ID: &str = "padlock-native";
pub(crate) const CLIENT_SECRET: &str =
    "padlock-loopback-secret-0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const AUDIENCE: &str = "https://api.percy.test/";
pub(crate) const REALM: &str = "Username-Password-Authentication";

/// A running tenant; dropping it stops the server and closes the port.
pub(crate) struct Tenant {
    state: Arc<TenantState>,
    tls: Option<Identity>,
    _server: Server,
}

impl Tenant {
    /// A tenant with Auth0's defaults: plain HTTP, RS256, one user, one application, one API.
    pub(crate) fn start() -> Self {
        Self::builder().start()
    }

    /// The same, to configure before it starts.
    pub(crate) fn builder() -> TenantOptions {
        TenantOptions::default()
    }

    /// The base URL with a trailing slash: `http://127.0.0.1:PORT/`.
    pub(crate) fn url(&self) -> &str {
        &self.state.url
    }

    /// The issuer in tokens and the discovery document; see [`TenantOptions::issuer`].
    pub(crate) fn issuer(&self) -> String {
        self.state.options().issuer_for(&self.state.url)
    }

    /// The throwaway root certificate, in PEM.
    ///
    /// # Panics
    /// Without [`TenantOptions::tls`].
    pub(crate) fn ca_file(&self) -> &Path {
        self.tls
            .as_ref()
            .expect("the tenant was started without tls()")
            .ca_file()
    }

    /// The server's own certificate, in PEM.
    ///
    /// # Panics
    /// Without [`TenantOptions::tls`].
    pub(crate) fn certificate_file(&self) -> &Path {
        self.tls
            .as_ref()
            .expect("the tenant was started without tls()")
            .certificate_file()
    }

    /// The names and values of the settings that point padlock at this tenant.
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

    /// Reconfigures the running tenant, from the next request on.
    pub(crate) fn change(&self, change: impl FnOnce(TenantOptions) -> TenantOptions) {
        self.state.change(change);
    }

    /// Every request received, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.state.requests.requests()
    }

    /// The requests to one path, ignoring the query.
    pub(crate) fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.requests()
            .into_iter()
            .filter(|request| request.route() == path)
            .collect()
    }

    /// The number of requests with a password.
    pub(crate) fn passwords_received(&self) -> usize {
        self.requests()
            .iter()
            .filter(|request| request.carries_password())
            .count()
    }

    /// The number of TCP connections accepted.
    pub(crate) fn connections(&self) -> usize {
        self.state.requests.connections()
    }

    /// Clears the recorded requests; connections keep their numbers.
    pub(crate) fn clear_requests(&self) {
        self.state.requests.clear();
    }
}

/// The current Unix time.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(elapsed.as_secs()).expect("a time that fits")
}
