//! Why a request got no usable response.

use crate::escape;
use crate::failure::{Class, Diagnose};

/// Why a request got no usable response.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("the certificates in {path} could not be used: {problem}")]
    CaFile { path: String, problem: String },
    /// The value may contain a password, so only the variable's name is shown.
    #[error("the proxy URL in {variable} is not valid: {problem}")]
    Proxy {
        variable: &'static str,
        problem: String,
    },
    #[error("the HTTP client could not be set up: {problem}")]
    Client { problem: String },
    #[error("{host} is unreachable{}: {problem}", through(.proxy.as_deref()))]
    Unreachable {
        host: String,
        proxy: Option<String>,
        problem: String,
        hint: &'static str,
    },
    #[error("{host} sent an incomplete response: {problem}")]
    Incomplete { host: String, problem: String },
    #[error("{host} did not respond within {seconds} s")]
    TimedOut { host: String, seconds: f64 },
    #[error("the response from {host} is longer than 1 MiB")]
    TooLong { host: String },
    #[error("{host} sent an invalid HTTP response: {problem}")]
    Invalid { host: String, problem: String },
    #[error(
        "{host} redirects to {} (status {status}), and padlock does not follow redirects",
        escape::excerpt(.location, 200)
    )]
    Redirected {
        host: String,
        location: String,
        status: u16,
    },
}

impl Diagnose for HttpError {
    fn class(&self) -> Class {
        match self {
            Self::CaFile { .. } | Self::Proxy { .. } => Class::Usage,
            Self::Client { .. } => Class::Internal,
            Self::Unreachable { .. } | Self::Incomplete { .. } | Self::TimedOut { .. } => {
                Class::Unreachable
            }
            Self::TooLong { .. } | Self::Invalid { .. } | Self::Redirected { .. } => {
                Class::BadAnswer
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { hint, .. } => hint,
            Self::Incomplete { .. } => {
                "try again; padlock does not resend a request that may have arrived"
            }
            Self::TimedOut { .. } => "try again, or allow more time with --timeout",
            Self::Redirected { .. } | Self::TooLong { .. } | Self::Invalid { .. } => {
                "check the domain or URL; for Auth0, it is the tenant's own, such as \
                 acme.eu.auth0.com, or its custom domain"
            }
            Self::CaFile { .. } => {
                "provide a file of PEM certificates; see --ca-file, SSL_CERT_FILE and SSL_CERT_DIR"
            }
            Self::Proxy { .. } => "set it to a URL such as http://proxy.example:3128",
            Self::Client { .. } => return None,
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status, .. } => Some(*status),
            Self::CaFile { .. }
            | Self::Proxy { .. }
            | Self::Client { .. }
            | Self::Unreachable { .. }
            | Self::Incomplete { .. }
            | Self::TimedOut { .. }
            | Self::TooLong { .. }
            | Self::Invalid { .. } => None,
        }
    }
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

/// Why one attempt failed.
pub(super) struct AttemptError {
    pub(super) error: HttpError,
    /// Whether it failed before any of the request was sent, so that it may be sent again.
    pub(super) is_unsent: bool,
}

impl From<HttpError> for AttemptError {
    fn from(error: HttpError) -> Self {
        Self {
            error,
            is_unsent: false,
        }
    }
}
