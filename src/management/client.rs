//! Requests a user's roles from a tenant, as an application.

use secrecy::SecretString;

use super::api;
use super::error::ManagementError;
use crate::auth::Client;
use crate::config::{RolesSettings, TokenRequestOptions};
use crate::failure::Failure;
use crate::http::Http;
use crate::provider::Provider;

/// Requests roles from one tenant.
pub(crate) struct RolesClient {
    /// Its deadline applies to all requests together.
    http: Http,
    settings: RolesSettings,
    clock: fn() -> i64,
}

/// A token for the Management API.
pub(super) struct ManagementToken {
    token: SecretString,
    issuer: String,
    /// When it expires, in seconds since 1970.
    pub(super) expires_at: i64,
}

impl RolesClient {
    pub(crate) fn new(http: Http, settings: RolesSettings, clock: fn() -> i64) -> Self {
        Self {
            http,
            settings,
            clock,
        }
    }

    /// The same client with a fresh deadline.
    pub(super) fn with_fresh_deadline(&self) -> Self {
        Self {
            http: self.http.with_fresh_deadline(),
            settings: self.settings.clone(),
            clock: self.clock,
        }
    }

    /// This machine's clock, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// The roles of a user, with a new token; none without a user.
    pub(crate) fn roles(
        &self,
        sub: Option<&str>,
        provider: &Provider,
    ) -> Result<Vec<String>, Failure> {
        let Some(sub) = sub else {
            return Ok(Vec::new());
        };
        let token = self.token(provider)?;
        Ok(self.roles_with(&token, sub)?)
    }

    /// The roles of a user, with an existing token.
    pub(super) fn roles_with(
        &self,
        token: &ManagementToken,
        sub: &str,
    ) -> Result<Vec<String>, ManagementError> {
        api::roles(&self.http, &token.issuer, &token.token, sub)
    }

    /// A token from the tenant in the settings.
    pub(super) fn new_token(&self) -> Result<ManagementToken, Failure> {
        self.token(&Provider::find(&self.http, &self.settings.tenant)?)
    }

    fn token(&self, provider: &Provider) -> Result<ManagementToken, Failure> {
        let options = TokenRequestOptions::default();
        let application = &self.settings.application;
        let client = Client::new(&self.http, provider, application, &options, self.clock);
        let audience = api::base(&provider.issuer);
        let response = client.client_credentials(Some(&audience), None)?;
        // Without a lifetime, the token is used until the tenant rejects it.
        let lifetime = response.expires_in.unwrap_or(f64::INFINITY);
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let expires_at = self.now().saturating_add(lifetime as i64);
        Ok(ManagementToken {
            token: response.bearer()?.clone(),
            issuer: provider.issuer.clone(),
            expires_at,
        })
    }
}
