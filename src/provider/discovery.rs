//! The discovery document (OpenID Connect Discovery 1.0 §3 and §4).

use serde::Deserialize;
use url::Url;

use super::error::ProviderError;
use crate::config::is_loopback;
use crate::escape::excerpt;

/// The members that padlock uses.
#[derive(Deserialize)]
pub(super) struct DiscoveryDocument {
    pub(super) issuer: String,
    pub(super) token_endpoint: Option<String>,
    pub(super) jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) mfa_challenge_endpoint: Option<String>,
}

impl DiscoveryDocument {
    /// Parses the document at `url`; its `issuer` must be the one expected (§4.3).
    pub(super) fn parse(issuer: &str, url: &Url, document: &[u8]) -> Result<Self, ProviderError> {
        let parsed = serde_json::from_slice(document);
        let document: Self = parsed.map_err(|error| ProviderError::Discovery {
            url: url.clone(),
            problem: excerpt(&error.to_string(), 200),
        })?;
        if document.issuer == issuer {
            return Ok(document);
        }
        Err(ProviderError::OtherIssuer {
            expected: issuer.to_owned(),
            found: excerpt(&document.issuer, 200),
        })
    }
}

/// Where an issuer's discovery document is.
pub(super) fn discovery_url(issuer: &str) -> Result<Url, ProviderError> {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let text = format!("{base}/.well-known/openid-configuration");
    Url::parse(&text).map_err(|_| ProviderError::OtherIssuer {
        expected: issuer.to_owned(),
        found: text,
    })
}

/// An endpoint in the document. Only an issuer on this machine may use plain HTTP, and only to this
/// machine.
pub(super) fn endpoint(document: &Url, name: &str, text: &str) -> Result<Url, ProviderError> {
    let problem = |problem: &str| ProviderError::Discovery {
        url: document.clone(),
        problem: format!("its {name} {:?} {problem}", excerpt(text, 200)),
    };
    let url = Url::parse(text).map_err(|_| problem("is not a URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(document) && is_loopback(&url) => Ok(url),
        _ => Err(problem("is not https")),
    }
}
