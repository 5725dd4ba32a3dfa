//! The discovery document (OpenID Connect Discovery 1.0 §3 and §4).

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use url::Url;

use super::error::{DocumentFault, InvalidDocument, ProviderError};
use crate::config::is_loopback;
use crate::escape::{excerpt, url_text};

/// The members that padlock uses. A command needs few of them, so that one with a value of another
/// type counts as missing.
#[derive(serde::Deserialize)]
pub(super) struct DiscoveryDocument {
    pub(super) issuer: String,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) token_endpoint: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) device_authorization_endpoint: Option<String>,
    /// RFC 9207 §3.
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) authorization_response_iss_parameter_supported: Option<bool>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) jwks_uri: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) userinfo_endpoint: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) revocation_endpoint: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) mfa_challenge_endpoint: Option<String>,
    #[serde(default, deserialize_with = "if_valid")]
    grant_types_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "if_valid")]
    response_types_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default, deserialize_with = "if_valid")]
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

fn if_valid<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

impl DiscoveryDocument {
    /// Parses the document at `url`; its `issuer` must be the one expected (§4.3).
    pub(super) fn parse(issuer: &str, url: &Url, document: &[u8]) -> Result<Self, ProviderError> {
        let parsed = serde_json::from_slice(document);
        let document: Self = parsed.map_err(|error| InvalidDocument {
            url: url.clone(),
            problem: excerpt(&error.to_string(), 200),
            fault: DocumentFault::Other,
        })?;
        if document.issuer == issuer {
            return Ok(document);
        }
        Err(ProviderError::OtherIssuer {
            expected: issuer.to_owned(),
            found: url_text(&document.issuer),
        })
    }
}

impl DiscoveryDocument {
    /// The grants that are offered; `None`: unknown. Glewlwyd lists those without a browser among
    /// the response types.
    pub(super) fn grants(&self) -> Option<Vec<String>> {
        let elsewhere = self.response_types_supported.iter().flatten();
        let elsewhere =
            elsewhere.filter(|name| ["password", "client_credentials"].contains(&&***name));
        let listed = self.grant_types_supported.as_ref()?.iter();
        Some(listed.chain(elsewhere).cloned().collect())
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

/// An endpoint that the document at `url` must name. Only an issuer on this machine may use plain
/// HTTP, and only to this machine.
pub(super) fn endpoint(url: &Url, name: &str, text: Option<&str>) -> Result<Url, InvalidDocument> {
    let invalid = |problem: String, fault| InvalidDocument {
        url: url.clone(),
        problem,
        fault,
    };
    let missing = match name {
        "token_endpoint" => DocumentFault::NoTokenEndpoint,
        "jwks_uri" => DocumentFault::NoKeySet,
        _ => DocumentFault::Member,
    };
    let text = text.ok_or_else(|| invalid(format!("it has no {name}"), missing))?;
    let problem = |problem: &str| {
        let problem = format!("its {name} \"{}\" {problem}", url_text(text));
        invalid(problem, DocumentFault::Member)
    };
    let endpoint = Url::parse(text).map_err(|_| problem("is not a URL"))?;
    match endpoint.scheme() {
        "https" => Ok(endpoint),
        "http" if is_loopback(url) && is_loopback(&endpoint) => Ok(endpoint),
        _ => Err(problem("is not https")),
    }
}
