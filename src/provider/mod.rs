//! Where an issuer's endpoints are: Auth0's fixed paths, or discovery.

mod published;

pub(crate) use published::{Freshness, PublishedKeys, keys_at_url, keys_for_issuer};

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::config::{Place, is_loopback};
use crate::http::{self, Answer, Http, HttpError, Pending};
use crate::keys::{KeySet, KeySetError, Origin};
use crate::text;

/// Why an issuer's endpoints or keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{url} answered with status {status}")]
    Status {
        url: Url,
        status: u16,
        wait: Option<Duration>,
    },
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
    /// Where claims about the user can be asked for.
    pub(crate) userinfo_url: Option<Url>,
    /// What the paths of Auth0's MFA API are relative to.
    pub(crate) mfa_url: Option<Url>,
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
            userinfo_url: Some(at("/userinfo")),
            mfa_url: Some(at("/mfa/")),
            encoding: Encoding::Json,
        }
    }

    /// OpenID Connect Discovery 1.0 §4: the document's `issuer` must be the one that was asked for.
    fn discover(http: &Http, issuer: &str) -> Result<Self, ProviderError> {
        let url = discovery_url(issuer)?;
        Self::read(issuer, &url, &fetch(http, &url)?.body)
    }

    /// Reads the discovery document that came from `url`.
    fn read(issuer: &str, url: &Url, document: &[u8]) -> Result<Self, ProviderError> {
        let document = Document::read(issuer, url, document)?;
        let token_endpoint =
            document
                .token_endpoint
                .as_deref()
                .ok_or_else(|| ProviderError::Discovery {
                    url: url.clone(),
                    problem: "it names no token_endpoint".into(),
                })?;
        let optional =
            |name: &str, text: Option<&str>| text.map(|text| endpoint(url, name, text)).transpose();
        let challenge = optional(
            "mfa_challenge_endpoint",
            document.mfa_challenge_endpoint.as_deref(),
        )?;
        Ok(Self {
            issuer: document.issuer,
            token_url: endpoint(url, "token_endpoint", token_endpoint)?,
            jwks_url: endpoint(url, "jwks_uri", &document.jwks_uri)?,
            userinfo_url: optional("userinfo_endpoint", document.userinfo_endpoint.as_deref())?,
            mfa_url: challenge.and_then(|challenge| challenge.join(".").ok()),
            encoding: Encoding::Form,
        })
    }

    /// Begins to fetch the issuer's keys.
    pub(crate) fn begin_keys(&self, http: &Http) -> KeysOnTheWay {
        KeysOnTheWay {
            url: self.jwks_url.clone(),
            pending: http.begin_get(&self.jwks_url),
        }
    }

    /// The host that receives the password.
    pub(crate) fn host(&self) -> String {
        http::host(&self.token_url)
    }
}

/// What is wrong with a discovery document that an issuer might send.
#[cfg(fuzzing)]
pub(crate) fn problem_of(issuer: &str, document: &[u8]) -> Option<String> {
    let read = |url| Provider::read(issuer, &url, document).err();
    discovery_url(issuer)
        .map_or_else(Some, read)
        .map(|error| error.to_string())
}

fn key_set(url: &Url, document: &[u8]) -> Result<KeySet, ProviderError> {
    KeySet::parse(document, Origin::Published).map_err(|source| ProviderError::KeySet {
        url: url.clone(),
        source,
    })
}

fn fetch(http: &Http, url: &Url) -> Result<Answer, ProviderError> {
    successful(url, http.get(url)?)
}

fn successful(url: &Url, answer: Answer) -> Result<Answer, ProviderError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(ProviderError::Status {
        url: url.clone(),
        status: answer.status.as_u16(),
        wait: answer.wait(),
    })
}

/// An issuer's keys, on their way while a person types or the token endpoint thinks.
pub(crate) struct KeysOnTheWay {
    url: Url,
    pending: Pending,
}

impl KeysOnTheWay {
    /// The same, or a new attempt where the first has failed already.
    pub(crate) fn or_again(mut self, http: &Http) -> Self {
        if self.pending.has_failed() {
            self.pending = http.begin_get(&self.url);
        }
        self
    }

    /// Waits for them.
    pub(crate) fn wait(self) -> Result<KeySet, ProviderError> {
        key_set(
            &self.url,
            &successful(&self.url, self.pending.wait()?)?.body,
        )
    }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: Option<String>,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    mfa_challenge_endpoint: Option<String>,
}

impl Document {
    fn read(issuer: &str, url: &Url, document: &[u8]) -> Result<Self, ProviderError> {
        let document: Self =
            serde_json::from_slice(document).map_err(|error| ProviderError::Discovery {
                url: url.clone(),
                problem: text::excerpt(&error.to_string(), 200),
            })?;
        if document.issuer == issuer {
            return Ok(document);
        }
        Err(ProviderError::OtherIssuer {
            asked: issuer.to_owned(),
            found: text::excerpt(&document.issuer, 200),
        })
    }
}

fn discovery_url(issuer: &str) -> Result<Url, ProviderError> {
    let text = format!(
        "{}/.well-known/openid-configuration",
        issuer.strip_suffix('/').unwrap_or(issuer)
    );
    Url::parse(&text).map_err(|_| ProviderError::OtherIssuer {
        asked: issuer.to_owned(),
        found: text,
    })
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
