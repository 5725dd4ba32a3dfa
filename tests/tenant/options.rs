//! The configuration of a tenant.

use std::io;
use std::time::Duration;

use serde_json::Value;

use super::directory::Directory;
use super::grants::authorization_code::BrowserOptions;
use super::grants::refresh::RefreshOptions;
use super::tokens::options::TokenOptions;
use super::tokens::signing::Signing;
use super::transport::connection::ConnectionFault;
use super::transport::http2::Http2Fault;
use super::transport::script::Scripts;
use super::transport::tls::{Certificate, Protocols};
use super::{CLIENT_SECRET, Tenant};

/// Which product the tenant behaves like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    Auth0,
    /// Takes a one-time code beside the password.
    Keycloak,
    /// A provider that follows the RFCs and has no MFA API.
    Plain,
}

/// A tenant's configuration; each folder adds its own builder methods.
#[derive(Clone)]
pub(crate) struct TenantOptions {
    pub(super) host: String,
    pub(super) port: u16,
    /// None: plain HTTP.
    pub(super) tls: Option<Certificate>,
    pub(super) protocols: Protocols,
    issuer: Option<String>,
    pub(super) flavor: Flavor,
    /// Members of the discovery document to set, or to remove if there is no value.
    pub(super) discovery: Vec<(String, Option<Value>)>,
    pub(super) directory: Directory,
    pub(super) id_token: TokenOptions,
    pub(super) access_token: TokenOptions,
    pub(super) token_response: TokenOptions,
    pub(super) userinfo: TokenOptions,
    pub(super) signs_userinfo: bool,
    /// The Management API's identifier, if it is not its address.
    pub(super) management_audience: Option<String>,
    pub(super) jwks: Option<Value>,
    pub(super) refresh: RefreshOptions,
    pub(super) mfa_token_lifetime: Duration,
    pub(super) oob_code_lifetime: Duration,
    /// None: what the user's factors call for.
    pub(super) mfa_requirements: Option<Value>,
    pub(super) required_factors: u32,
    pub(super) callbacks: Vec<String>,
    pub(super) browsers: BrowserOptions,
    pub(super) device_code_lifetime: Duration,
    pub(super) device_interval: Duration,
    pub(super) user_code: String,
    pub(super) push_interval: Duration,
    pub(super) advertised_interval: Option<u64>,
    pub(super) max_failed_codes: u32,
    pub(super) scripts: Scripts,
    pub(super) connection_fault: Option<(ConnectionFault, usize)>,
    pub(super) http2_fault: Option<(Http2Fault, usize)>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) handshake_delay: Duration,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            tls: None,
            protocols: Protocols::default(),
            issuer: None,
            flavor: Flavor::Auth0,
            discovery: Vec::new(),
            directory: Directory::default(),
            id_token: TokenOptions::default(),
            access_token: TokenOptions::default(),
            token_response: TokenOptions::default(),
            userinfo: TokenOptions::default(),
            signs_userinfo: false,
            management_audience: None,
            jwks: None,
            refresh: RefreshOptions::default(),
            mfa_token_lifetime: Duration::from_secs(300),
            oob_code_lifetime: Duration::from_secs(300),
            mfa_requirements: None,
            required_factors: 1,
            callbacks: vec!["http://127.0.0.1:8484/callback".to_owned()],
            browsers: BrowserOptions::default(),
            device_code_lifetime: Duration::from_secs(900),
            device_interval: Duration::from_secs(5),
            user_code: "WDJB-MJHT".to_owned(),
            push_interval: Duration::from_secs(1),
            advertised_interval: None,
            max_failed_codes: 10,
            scripts: Scripts::default(),
            connection_fault: None,
            http2_fault: None,
            idle_timeout: None,
            handshake_delay: Duration::ZERO,
        }
    }
}

/// Address, issuer and keys.
impl TenantOptions {
    /// Starts the tenant, which accepts connections on return.
    ///
    /// # Panics
    /// If it cannot listen on its port.
    pub(crate) fn start(self) -> Tenant {
        self.try_start().expect("a free port on 127.0.0.1")
    }

    /// The same where the port may be in use.
    pub(crate) fn try_start(self) -> io::Result<Tenant> {
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

    /// Keycloak, found by discovery only.
    pub(crate) fn keycloak(mut self) -> Self {
        self.flavor = Flavor::Keycloak;
        self
    }

    /// A provider that is not Auth0, found by discovery only.
    pub(crate) fn plain_provider(mut self) -> Self {
        self.flavor = Flavor::Plain;
        self
    }

    /// Sets a member of the discovery document.
    pub(crate) fn discovery_member(mut self, name: &str, value: Value) -> Self {
        self.discovery.push((name.to_owned(), Some(value)));
        self
    }

    /// Removes a member of the discovery document.
    pub(crate) fn without_discovery_member(mut self, name: &str) -> Self {
        self.discovery.push((name.to_owned(), None));
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
