//! Why an issuer's endpoints or keys are not available.

use std::time::Duration;

use url::Url;

use crate::duration;
use crate::failure::{Class, Diagnose};
use crate::http::{self, HttpError};
use crate::keys::KeySetError;

/// What is wrong with a discovery document.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the discovery document at {} is invalid: {problem}", http::public(.url))]
pub(crate) struct InvalidDocument {
    pub(super) url: Url,
    pub(super) problem: String,
    pub(super) fault: DocumentFault,
}

/// What can be done about an invalid document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentFault {
    /// It is something else.
    Other,
    /// The document names no token endpoint.
    NoTokenEndpoint,
    /// The document names no key set.
    NoKeySet,
    /// A member cannot be used.
    Member,
}

impl DocumentFault {
    fn hint(self) -> &'static str {
        match self {
            Self::Other => {
                "check that --issuer is the URL of an OpenID provider: what is at its address is no \
                 discovery document"
            }
            Self::NoTokenEndpoint => {
                "check --issuer: this provider issues no tokens to programs; to verify tokens, \
                 `padlock verify` needs no token endpoint"
            }
            Self::NoKeySet => {
                "ask the issuer for the URL of its keys, for `padlock verify` with --jwks and \
                 --expect-issuer; a login does without them only if AUTH0_ALGORITHM is HS256"
            }
            Self::Member => {
                "check that --issuer is the URL of an OpenID provider; if it is, its administrator \
                 has to correct the document"
            }
        }
    }
}

/// Why an issuer's endpoints or keys are not available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{} responded with status {status}", http::public(.url))]
    Status {
        url: Url,
        status: u16,
        wait: Option<Duration>,
    },
    #[error(transparent)]
    Discovery(#[from] InvalidDocument),
    #[error("the issuer {expected:?} calls itself {found:?}")]
    OtherIssuer { expected: String, found: String },
    #[error("the issuer {0:?} has no userinfo endpoint")]
    NoUserinfo(String),
    #[error("{issuer} does not offer the {grant} grant (it offers: {offered})")]
    GrantNotOffered {
        issuer: String,
        grant: &'static str,
        offered: String,
        /// The flags that would work instead.
        ways: Option<&'static str>,
    },
    #[error("{issuer} does not sign id_tokens with {wanted} (it offers: {offered})")]
    AlgorithmNotOffered {
        issuer: String,
        wanted: String,
        offered: String,
        /// Those of the offered ones that padlock supports.
        usable: Vec<&'static str>,
    },
    #[error("the key set at {} is invalid", http::public(.url))]
    KeySet { url: Url, source: KeySetError },
}

impl Diagnose for ProviderError {
    fn class(&self) -> Class {
        match self {
            Self::Http(error) => error.class(),
            Self::NoUserinfo(_) | Self::AlgorithmNotOffered { .. } => Class::Usage,
            Self::Status { status: 429, .. } => Class::Throttled,
            Self::Status { status: 500.., .. } => Class::Unreachable,
            Self::GrantNotOffered { .. } => Class::TenantRefused,
            Self::Status { .. }
            | Self::Discovery(_)
            | Self::OtherIssuer { .. }
            | Self::KeySet { .. } => Class::BadAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Http(error) => return error.hint(),
            Self::NoUserinfo(_) => "run it without --userinfo",
            Self::Status {
                status: 429 | 500..,
                wait,
                ..
            } => return Some(duration::retry_hint(*wait)),
            Self::OtherIssuer { found, .. } if found.contains("{tenantid}") => {
                let of_tenant = found.replace("{tenantid}", "TENANT-ID");
                return Some(format!(
                    "give --issuer {of_tenant} with the tenant's own ID; to verify tokens of several \
                     tenants, give the document's jwks_uri with --jwks and each tenant's issuer with \
                     --expect-issuer"
                ));
            }
            Self::OtherIssuer { .. } => {
                "give --issuer exactly as it calls itself, including any trailing slash, if you \
                 trust it; if only its address differs, verify takes --jwks URL with \
                 --expect-issuer"
            }
            Self::KeySet { source, .. } if source.hint().is_some() => {
                return source.hint().map(str::to_owned);
            }
            Self::Discovery(invalid) => invalid.fault.hint(),
            Self::AlgorithmNotOffered { usable, .. } => return Some(algorithm_hint(usable)),
            Self::GrantNotOffered {
                ways: Some(ways), ..
            } => {
                return Some(format!(
                    "sign in with {ways}, or ask the provider's administrator to enable the grant"
                ));
            }
            Self::GrantNotOffered { .. } => {
                "ask the provider's administrator to enable the grant; its discovery document \
                 lists what is enabled"
            }
            Self::KeySet { .. } | Self::Status { .. } => {
                "check the URL: the server responded, but not with a key set or discovery document"
            }
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Http(error) => error.status(),
            Self::Status { status, .. } => Some(*status),
            Self::NoUserinfo(_)
            | Self::Discovery(_)
            | Self::OtherIssuer { .. }
            | Self::GrantNotOffered { .. }
            | Self::AlgorithmNotOffered { .. }
            | Self::KeySet { .. } => None,
        }
    }
}

fn algorithm_hint(usable: &[&str]) -> String {
    match usable {
        [] => "padlock supports none of these algorithms; ask the provider's administrator for \
               another one, such as RS256"
            .to_owned(),
        usable => format!(
            "set --algorithm {} (AUTH0_ALGORITHM) if the application is configured so",
            usable.join(" or ")
        ),
    }
}
