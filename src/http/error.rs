//! Why a request got no usable response.

use url::Url;

use super::url::host;
use crate::deadline::Deadline;
use crate::escape;
use crate::failure::{Class, Diagnose};
use crate::input::read::LATE;
use crate::input::secret::MORE_TIME;
use crate::threads::NoThread;

/// How far a request got that did not reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectStage {
    /// The proxy, where there is one.
    Proxy,
    /// The lookup of the host's name.
    Name,
    Connection,
    Tls,
}

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
    #[error(transparent)]
    NoThread(#[from] NoThread),
    #[error("the HTTP client could not be set up: {problem}")]
    Client { problem: String },
    #[error("{host} is unreachable{}: {problem}", through(.proxy.as_deref()))]
    Unreachable {
        host: String,
        proxy: Option<String>,
        problem: String,
        hint: &'static str,
        stage: ConnectStage,
    },
    /// The proxy opened no connection.
    #[error("{host} is unreachable through the proxy {proxy}: {problem}")]
    ProxyFailed {
        host: String,
        proxy: String,
        problem: String,
        hint: &'static str,
        /// The proxy's.
        status: Option<u16>,
    },
    #[error("{host} sent an incomplete response: {problem}")]
    Incomplete {
        host: String,
        problem: String,
        is_plain: bool,
    },
    /// HTTP/2 says that the request was not looked at (RFC 9113 §8.7).
    #[error("{host} did not process the request: {problem}")]
    Unprocessed { host: String, problem: String },
    #[error("{host} did not respond within {seconds} s")]
    TimedOut { host: String, seconds: f64 },
    #[error("the response from {host} is longer than 1 MiB")]
    TooLong { host: String },
    #[error("{host} sent an invalid HTTP response: {problem}")]
    Invalid {
        host: String,
        problem: String,
        is_plain: bool,
    },
    #[error("{host} expects TLS, and the URL begins with http://")]
    ExpectsTls { host: String },
    #[error(
        "{host} redirects to {} (status {status}), which padlock does not follow: {reason}",
        escape::excerpt(.location, 200)
    )]
    Redirected {
        host: String,
        location: String,
        status: u16,
        reason: &'static str,
    },
}

impl HttpError {
    /// At which stage no connection could be opened; `None`: the server was reached.
    pub(crate) fn stage(&self) -> Option<ConnectStage> {
        match self {
            Self::Unreachable { stage, .. } => Some(*stage),
            Self::Proxy { .. } | Self::ProxyFailed { .. } => Some(ConnectStage::Proxy),
            Self::CaFile { .. } => Some(ConnectStage::Tls),
            Self::Client { .. } | Self::NoThread(_) | Self::TimedOut { .. } => {
                Some(ConnectStage::Connection)
            }
            Self::Incomplete { .. }
            | Self::Unprocessed { .. }
            | Self::TooLong { .. }
            | Self::Invalid { .. }
            | Self::ExpectsTls { .. }
            | Self::Redirected { .. } => None,
        }
    }

    /// Whether it is about plain HTTP where TLS may be expected.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::ExpectsTls { .. } | Self::Invalid { is_plain: true, .. }
        )
    }

    /// Whether the server may have seen the request.
    pub(crate) fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::Incomplete { .. }
                | Self::TimedOut { .. }
                | Self::TooLong { .. }
                | Self::Invalid { .. }
        )
    }

    /// A request that missed the deadline.
    pub(super) fn missed(deadline: Deadline, url: &Url) -> Self {
        Self::TimedOut {
            host: host(url),
            seconds: deadline.timeout().as_secs_f64(),
        }
    }
}

impl Diagnose for HttpError {
    fn class(&self) -> Class {
        match self {
            Self::CaFile { .. } | Self::Proxy { .. } => Class::Usage,
            Self::Client { .. } => Class::Internal,
            Self::NoThread(error) => error.class(),
            Self::Unreachable { .. }
            | Self::ProxyFailed { .. }
            | Self::Incomplete { .. }
            | Self::Unprocessed { .. }
            | Self::TimedOut { .. } => Class::Unreachable,
            Self::TooLong { .. }
            | Self::Invalid { .. }
            | Self::ExpectsTls { .. }
            | Self::Redirected { .. } => Class::BadAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { hint, .. } | Self::ProxyFailed { hint, .. } => hint,
            Self::Incomplete { is_plain: true, .. } => {
                "if the server expects TLS, use https://; otherwise try again: padlock does not \
                 resend a request that may have arrived"
            }
            Self::Incomplete { .. } => {
                "try again; padlock does not resend a request that may have arrived"
            }
            Self::Invalid { is_plain: true, .. } => "if the server expects TLS, use https://",
            Self::ExpectsTls { .. } => "use https:// in place of http://",
            Self::Unprocessed { .. } => "try again later",
            Self::TimedOut { .. } => "try again, or allow more time with --timeout",
            Self::Redirected { .. } | Self::TooLong { .. } | Self::Invalid { .. } => {
                "check the URL: another server may be answering there"
            }
            Self::CaFile { problem, .. } if problem == LATE => MORE_TIME,
            Self::CaFile { .. } => {
                "provide a file of PEM certificates; see --ca-file, SSL_CERT_FILE and SSL_CERT_DIR"
            }
            Self::Proxy { .. } => "set it to a URL such as http://proxy.example:3128",
            Self::Client { .. } => return None,
            Self::NoThread(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status, .. } => Some(*status),
            Self::ProxyFailed { status, .. } => *status,
            Self::CaFile { .. }
            | Self::Proxy { .. }
            | Self::Client { .. }
            | Self::NoThread(_)
            | Self::Unreachable { .. }
            | Self::Incomplete { .. }
            | Self::Unprocessed { .. }
            | Self::TimedOut { .. }
            | Self::TooLong { .. }
            | Self::Invalid { .. }
            | Self::ExpectsTls { .. } => None,
        }
    }
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}
