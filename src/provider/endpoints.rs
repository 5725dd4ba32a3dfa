//! An issuer's endpoints: Auth0's fixed paths, or those in its discovery document.

use url::Url;

use super::discovery::{DiscoveryDocument, discovery_url, endpoint};
use super::error::ProviderError;
use super::fetch::fetch;
use super::kind::ProviderKind;
use crate::config::TenantRef;
use crate::http::{self, Http};

/// An issuer's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) kind: ProviderKind,
    /// The expected `iss`, byte for byte.
    pub(crate) issuer: String,
    pub(crate) token_url: Url,
    pub(crate) jwks_url: Url,
    pub(crate) userinfo_url: Option<Url>,
    /// The base URL of Auth0's MFA API.
    pub(crate) mfa_url: Option<Url>,
    pub(crate) encoding: RequestEncoding,
}

/// How the token endpoint expects its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestEncoding {
    /// As in Auth0's documentation.
    Json,
    /// RFC 6749 §4.3.2.
    Form,
}

impl Provider {
    /// Finds the endpoints; only an issuer other than Auth0 needs a request.
    pub(crate) fn find(http: &Http, tenant: &TenantRef) -> Result<Self, ProviderError> {
        match tenant {
            TenantRef::Auth0(domain) => Ok(Self::auth0(domain)),
            TenantRef::Issuer(issuer) => {
                let url = discovery_url(issuer)?;
                Self::from_discovery(issuer, &url, &fetch(http, &url)?.body)
            }
        }
    }

    fn auth0(domain: &Url) -> Self {
        let at = |path| {
            let mut url = domain.clone();
            url.set_path(path);
            url
        };
        Self {
            kind: ProviderKind::Auth0,
            issuer: domain.to_string(),
            token_url: at("/oauth/token"),
            jwks_url: at("/.well-known/jwks.json"),
            userinfo_url: Some(at("/userinfo")),
            mfa_url: Some(at("/mfa/")),
            encoding: RequestEncoding::Json,
        }
    }

    /// Reads the endpoints from the discovery document at `url`.
    fn from_discovery(issuer: &str, url: &Url, document: &[u8]) -> Result<Self, ProviderError> {
        let document = DiscoveryDocument::parse(issuer, url, document)?;
        let token_endpoint = document.token_endpoint.as_deref();
        let token_endpoint = token_endpoint.ok_or_else(|| ProviderError::Discovery {
            url: url.clone(),
            problem: "it has no token_endpoint".into(),
        })?;
        let optional =
            |name: &str, text: Option<&str>| text.map(|text| endpoint(url, name, text)).transpose();
        let challenge = document.mfa_challenge_endpoint.as_deref();
        let challenge = optional("mfa_challenge_endpoint", challenge)?;
        let userinfo = document.userinfo_endpoint.as_deref();
        let token_url = endpoint(url, "token_endpoint", token_endpoint)?;
        Ok(Self {
            kind: ProviderKind::of(&document, &token_url),
            token_url,
            jwks_url: endpoint(url, "jwks_uri", &document.jwks_uri)?,
            userinfo_url: optional("userinfo_endpoint", userinfo)?,
            mfa_url: challenge.and_then(|challenge| challenge.join(".").ok()),
            encoding: RequestEncoding::Form,
            issuer: document.issuer,
        })
    }

    /// Fails, before a password is sent in vain, if there is no userinfo endpoint.
    pub(crate) fn require_userinfo(&self) -> Result<(), ProviderError> {
        match self.userinfo_url {
            Some(_) => Ok(()),
            None => Err(ProviderError::NoUserinfo(self.issuer.clone())),
        }
    }

    /// The host that receives the password.
    pub(crate) fn host(&self) -> String {
        http::host(&self.token_url)
    }
}

/// What is wrong with a discovery document, for the fuzzer.
#[cfg(fuzzing)]
pub(crate) fn problem_of(issuer: &str, document: &[u8]) -> Option<String> {
    let parse = |url| Provider::from_discovery(issuer, &url, document).err();
    let problem = discovery_url(issuer).map_or_else(Some, parse);
    problem.map(|error| error.to_string())
}
