//! The configuration of a tenant.

use std::time::Duration;

use serde_json::Value;

use super::directory::Directory;
use super::tokens::options::TokenOptions;
use super::tokens::signing::Signing;
use super::transport::connection::ConnectionFault;
use super::transport::script::Scripts;
use super::transport::tls::{Certificate, Protocols};
use super::{CLIENT_SECRET, Tenant};

/// A tenant's configuration; each folder adds its own builder methods.
#[derive(Clone)]
pub(crate) struct TenantOptions {
    pub(super) host: String,
    pub(super) port: u16,
    /// None: plain HTTP.
    pub(super) tls: Option<Certificate>,
    pub(super) protocols: Protocols,
    issuer: Option<String>,
    pub(super) directory: Directory,
    pub(super) id_token: TokenOptions,
    pub(super) access_token: TokenOptions,
    pub(super) token_response: TokenOptions,
    pub(super) userinfo: TokenOptions,
    pub(super) jwks: Option<Value>,
    pub(super) rotate_refresh_tokens: bool,
    pub(super) mfa_token_lifetime: Duration,
    pub(super) push_interval: Duration,
    pub(super) advertised_interval: Option<u64>,
    pub(super) max_failed_codes: u32,
    pub(super) scripts: Scripts,
    pub(super) connection_fault: Option<(ConnectionFault, usize)>,
    pub(super) go_away: Option<String>,
    pub(super) idle_timeout: Option<Duration>,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            tls: None,
            protocols: Protocols::default(),
            issuer: None,
            directory: Directory::default(),
            id_token: TokenOptions::default(),
            access_token: TokenOptions::default(),
            token_response: TokenOptions::default(),
            userinfo: TokenOptions::default(),
            jwks: None,
            rotate_refresh_tokens: false,
            mfa_token_lifetime: Duration::from_secs(600),
            push_interval: Duration::from_secs(1),
            advertised_interval: None,
            max_failed_codes: 10,
            scripts: Scripts::default(),
            connection_fault: None,
            go_away: None,
            idle_timeout: None,
        }
    }
}

/// Address, issuer and keys.
impl TenantOptions {
    /// Starts the tenant, which accepts connections on return.
    pub(crate) fn start(self) -> Tenant {
        Tenant::start_with(self)
    }

    /// The host in the URL, `127.0.0.1` by default; the tenant listens on 127.0.0.1 either way.
    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// Any free port by default.
    pub(crate) fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// HTTPS with a valid certificate, and HTTP/1.1 or HTTP/2 by ALPN.
    pub(crate) fn tls(self) -> Self {
        self.certificate(Certificate::Valid)
    }

    /// The issuer, which is the URL by default.
    pub(crate) fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.to_owned());
        self
    }

    /// Signs the `id_token` with the client secret.
    pub(crate) fn hs256(self) -> Self {
        let secret = self
            .directory
            .clients
            .first()
            .and_then(|client| client.secret.clone());
        self.sign_with(Signing::hs256(
            secret
                .unwrap_or_else(|| CLIENT_SECRET.to_owned())
                .as_bytes(),
        ))
    }

    /// Replaces the key set in `keys/jwks.json`.
    pub(crate) fn jwks(mut self, jwks: Value) -> Self {
        self.jwks = Some(jwks);
        self
    }

    pub(super) fn issuer_for(&self, url: &str) -> String {
        self.issuer.clone().unwrap_or_else(|| url.to_owned())
    }
}
