//! Requests a user's roles from a tenant, as an application.

use secrecy::SecretString;
use url::Url;

use super::api;
use super::error::ManagementError;
use crate::auth::Client;
use crate::config::{RolesSettings, TokenRequestOptions};
use crate::failure::{Class, Failure};
use crate::http::Http;
use crate::moment::Moment;
use crate::provider::Provider;

const CUSTOM_DOMAIN: &str = "a tenant with a custom domain keeps the audience of its own domain: \
                             name it with --management-audience, such as \
                             https://acme.eu.auth0.com/api/v2/";

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
    pub(super) issuer: String,
    /// When it was issued, and for how many seconds.
    issued: Moment,
    lifetime: i64,
}

impl ManagementToken {
    /// Seconds for which it may still be used.
    pub(super) fn remaining(&self, now: i64) -> i64 {
        self.lifetime.saturating_sub(self.issued.age(now))
    }
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
        let roles = self.roles_with(&token, sub);
        roles.map_err(|error| self.explained(error, &token.issuer))
    }

    /// The roles of a user, with an existing token.
    pub(super) fn roles_with(
        &self,
        token: &ManagementToken,
        sub: &str,
    ) -> Result<Vec<String>, ManagementError> {
        api::roles(&self.http, &token.issuer, &token.token, sub)
    }

    /// The failure; at a custom domain, its hint names the setting that may be missing.
    pub(super) fn explained(&self, error: impl Into<Failure>, issuer: &str) -> Failure {
        let failure = error.into();
        let is_refusal = matches!(failure.class, Class::TenantRefused | Class::BadAnswer);
        if !is_refusal || self.settings.api.audience.is_some() || !is_custom_domain(issuer) {
            return failure;
        }
        let hint = failure
            .hint
            .iter()
            .map(String::as_str)
            .chain([CUSTOM_DOMAIN]);
        let hint = hint.collect::<Vec<_>>().join("; ");
        failure.hint(hint)
    }

    /// A token from the tenant in the settings.
    pub(super) fn new_token(&self) -> Result<ManagementToken, Failure> {
        self.token(&Provider::find(&self.http, &self.settings.tenant)?)
    }

    fn token(&self, provider: &Provider) -> Result<ManagementToken, Failure> {
        let options = TokenRequestOptions::default();
        let application = &self.settings.application;
        let client = Client::new(&self.http, provider, application, &options, self.clock);
        let audience = self.settings.api.audience.clone();
        let audience = audience.unwrap_or_else(|| api::base(&provider.issuer));
        let response = client.client_credentials(Some(&audience), None, None);
        let response = response.map_err(|error| self.explained(error, &provider.issuer))?;
        // Without a lifetime, the token is used until the tenant rejects it.
        let lifetime = response.expires_in.unwrap_or(f64::INFINITY);
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let lifetime = lifetime as i64;
        Ok(ManagementToken {
            token: response.bearer()?.clone(),
            issuer: provider.issuer.clone(),
            issued: Moment::at(self.now()),
            lifetime,
        })
    }
}

/// Whether an issuer is not at one of Auth0's own domains.
fn is_custom_domain(issuer: &str) -> bool {
    let url = Url::parse(issuer);
    let host = url
        .as_ref()
        .ok()
        .and_then(Url::host_str)
        .unwrap_or_default();
    !host.ends_with(".auth0.com")
}
