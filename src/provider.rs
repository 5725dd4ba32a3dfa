//! Where an issuer's endpoints are: Auth0's fixed paths, or discovery.

use serde::Deserialize;
use url::Url;

use crate::config::{Place, is_loopback};
use crate::http::{self, Http, HttpError};
use crate::keys::{KeySet, KeySetError, Origin};
use crate::text;

/// Why an issuer's endpoints or keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{url} answered with status {status}")]
    Status { url: Url, status: u16 },
    #[error("the discovery document at {url} is not usable: {problem}")]
    Discovery { url: Url, problem: String },
    #[error("the issuer {asked:?} calls itself {found:?}")]
    OtherIssuer { asked: String, found: String },
    #[error("the key set at {url} is not usable")]
    KeySet { url: Url, source: KeySetError },
}

/// How the token endpoint wants its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As Auth0 documents it.
    Json,
    /// As RFC 6749 §4.3.2 has it.
    Form,
}

/// An issuer's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// What `iss` must be, byte by byte.
    pub(crate) issuer: String,
    pub(crate) token_url: Url,
    pub(crate) jwks_url: Url,
    pub(crate) encoding: Encoding,
}

impl Provider {
    /// Finds the endpoints; asks the network only for an issuer that is not Auth0.
    pub(crate) fn find(http: &Http, place: &Place) -> Result<Self, ProviderError> {
        match place {
            Place::Auth0(domain) => Ok(Self::auth0(domain)),
            Place::Issuer(issuer) => Self::discover(http, issuer),
        }
    }

    fn auth0(domain: &Url) -> Self {
        let at = |path| {
            let mut url = domain.clone();
            url.set_path(path);
            url
        };
        Self {
            issuer: domain.to_string(),
            token_url: at("/oauth/token"),
            jwks_url: at("/.well-known/jwks.json"),
            encoding: Encoding::Json,
        }
    }

    /// OpenID Connect Discovery 1.0 §4: the document's `issuer` must be the one that was asked for.
    fn discover(http: &Http, issuer: &str) -> Result<Self, ProviderError> {
        let url = discovery_url(issuer)?;
        let answer = http.get(&url)?;
        if !answer.status.is_success() {
            return Err(ProviderError::Status { url, status: answer.status.as_u16() });
        }
        let document: Document = serde_json::from_slice(&answer.body)
            .map_err(|error| ProviderError::Discovery { url: url.clone(), problem: error.to_string() })?;
        if document.issuer != issuer {
            let found = text::excerpt(&document.issuer, 200);
            return Err(ProviderError::OtherIssuer { asked: issuer.to_owned(), found });
        }
        Ok(Self {
            issuer: document.issuer,
            token_url: endpoint(&url, "token_endpoint", &document.token_endpoint)?,
            jwks_url: endpoint(&url, "jwks_uri", &document.jwks_uri)?,
            encoding: Encoding::Form,
        })
    }

    /// Fetches the issuer's keys.
    pub(crate) fn keys(&self, http: &Http) -> Result<KeySet, ProviderError> {
        let answer = http.get(&self.jwks_url)?;
        if !answer.status.is_success() {
            return Err(ProviderError::Status { url: self.jwks_url.clone(), status: answer.status.as_u16() });
        }
        KeySet::parse(&answer.body, Origin::Published)
            .map_err(|source| ProviderError::KeySet { url: self.jwks_url.clone(), source })
    }

    /// The host that receives the password.
    pub(crate) fn host(&self) -> String {
        http::host(&self.token_url)
    }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
}

fn discovery_url(issuer: &str) -> Result<Url, ProviderError> {
    let text = format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    Url::parse(&text).map_err(|_| ProviderError::OtherIssuer { asked: issuer.to_owned(), found: text })
}

/// An endpoint that the document names. Only an issuer on this machine may name plain HTTP, and only on this machine.
fn endpoint(document: &Url, name: &str, text: &str) -> Result<Url, ProviderError> {
    let problem = |problem: &str| ProviderError::Discovery {
        url: document.clone(),
        problem: format!("its {name} {:?} {problem}", text::excerpt(text, 200)),
    };
    let url = Url::parse(text).map_err(|_| problem("is no address"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(document) && is_loopback(&url) => Ok(url),
        _ => Err(problem("is not https")),
    }
}
