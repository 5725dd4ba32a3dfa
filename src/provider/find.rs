//! Finds an issuer's endpoints, with as few requests as that takes.

use url::Url;

use super::discovery::discovery_url;
use super::endpoints::Provider;
use super::error::ProviderError;
use super::login_discovery::LoginDiscovery;
use crate::config::TenantRef;
use crate::http::Http;

impl Provider {
    /// Finds the endpoints; only an issuer other than Auth0 needs a document, which may be a cached
    /// one.
    pub(crate) fn find(http: &Http, tenant: &TenantRef) -> Result<Self, ProviderError> {
        Self::find_able(http, tenant, |_| Ok(()))
    }

    /// Finds the endpoints of a provider that is able to do what `ensure` asks for. A cached document
    /// is fetched again before what it lacks is an error.
    pub(crate) fn find_able<E: From<ProviderError>>(
        http: &Http,
        tenant: &TenantRef,
        ensure: impl Fn(&Self) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut provider = match tenant {
            TenantRef::Auth0(domain) => Self::auth0(domain),
            TenantRef::Issuer { issuer, .. } => Self::known_or_fetched(http, tenant, issuer)?,
        };
        if provider.cached_of.is_some() && ensure(&provider).is_err() {
            provider = Self::fetched(http, tenant)?;
        }
        ensure(&provider)?;
        Ok(provider)
    }

    /// Finds the endpoints for a logout: only a fresh document says that tokens are revoked nowhere.
    pub(crate) fn find_to_revoke(http: &Http, tenant: &TenantRef) -> Result<Self, ProviderError> {
        let provider = Self::find(http, tenant)?;
        let revokes = matches!(provider.revocation_url(), Ok(Some(_)));
        if revokes || provider.cached_of.is_none() {
            return Ok(provider);
        }
        Self::fetched(http, tenant)
    }

    /// The provider as its document is now, where this one is from a cached document; `None`: it is
    /// not, or cannot be renewed.
    pub(crate) fn renewed(&self, http: &Http) -> Option<Self> {
        let tenant = self.cached_of.as_ref()?;
        match Self::just_fetched(http, tenant) {
            Some(provider) => provider.within_own_origin(),
            None => Self::fetched(http, tenant).ok(),
        }
    }

    /// What a document says that is too young to be fetched again, with what a cached one may not
    /// choose.
    fn just_fetched(http: &Http, tenant: &TenantRef) -> Option<Self> {
        let (issuer, url) = (issuer(tenant), Self::document_url(tenant).ok()?);
        let document = LoginDiscovery::new(http, issuer, &url).just_fetched()?;
        Self::from_discovery(issuer, &url, &document).ok()
    }

    /// The discovery document of an issuer or an Auth0 domain, as far as a login depends on it.
    pub(crate) fn examine(http: &Http, tenant: &TenantRef) -> Result<Self, ProviderError> {
        let mut provider = Self::fetched(http, tenant)?;
        if let TenantRef::Auth0(domain) = tenant {
            let algorithms = provider.id_token_algorithms;
            provider = Self::auth0(domain);
            provider.id_token_algorithms = algorithms;
        }
        Ok(provider)
    }

    /// Where the discovery document is.
    pub(crate) fn document_url(tenant: &TenantRef) -> Result<Url, ProviderError> {
        match tenant {
            TenantRef::Auth0(domain) => discovery_url(domain.as_str()),
            TenantRef::Issuer { issuer, document } => {
                document.clone().map_or_else(|| discovery_url(issuer), Ok)
            }
        }
    }

    /// From the cached document, or else a fetched one. One process fetches, and those that wait for
    /// it find what it has stored.
    fn known_or_fetched(
        http: &Http,
        tenant: &TenantRef,
        issuer: &str,
    ) -> Result<Self, ProviderError> {
        let url = Self::document_url(tenant)?;
        let discovery = LoginDiscovery::new(http, issuer, &url);
        let known = || Self::from_discovery(issuer, &url, &discovery.cached()?).ok();
        let mut found = known();
        // A document that may not be used is fetched each time, so that waiting would gain nothing.
        let lock = found.is_none().then(|| discovery.lock());
        if lock.is_some() {
            found = known();
        }
        if let Some(mut provider) = found.and_then(Self::within_own_origin) {
            discovery.log_hit();
            provider.cached_of = Some(tenant.clone());
            return Ok(provider);
        }
        discovery.fetch(|document| Self::from_discovery(issuer, &url, document))
    }

    /// From a document that is fetched, and replaces a cached one.
    fn fetched(http: &Http, tenant: &TenantRef) -> Result<Self, ProviderError> {
        let (issuer, url) = (issuer(tenant), Self::document_url(tenant)?);
        LoginDiscovery::new(http, issuer, &url)
            .fetch(|document| Self::from_discovery(issuer, &url, document))
    }
}

fn issuer(tenant: &TenantRef) -> &str {
    match tenant {
        TenantRef::Auth0(domain) => domain.as_str(),
        TenantRef::Issuer { issuer, .. } => issuer,
    }
}
