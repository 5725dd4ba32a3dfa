//! Why a proxy let nothing through.

use std::error::Error;

use super::settings::ProxyServer;
use crate::http::error::HttpError;

const CHECK: &str = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY";
const CHECK_PASSWORD: &str = "check the user name and the password in HTTPS_PROXY or ALL_PROXY; \
                              special characters are written like %40";
const GIVE_PASSWORD: &str =
    "give them in HTTPS_PROXY or ALL_PROXY, as in http://user:password@proxy.example:3128";
const USE_HELPER: &str = "use a local proxy that signs in to it, such as cntlm or px, or ask the \
                          proxy's administrator for Basic authentication";

/// What a proxy answered instead of opening a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum ProxyFault {
    /// HTTP: status 407.
    AuthenticationRequired,
    /// SOCKS 5: the user name and the password are wrong (RFC 1929 §2).
    WrongPassword,
    /// SOCKS 5: none of the offered methods is acceptable (RFC 1928 §3).
    NoMethod,
    /// Any other refusal, with the proxy's reason as far as it is known.
    Refused(Option<String>),
    /// No valid answer.
    Invalid,
}

/// A fault after which this run uses the proxy no more: its password would be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the proxy opened no connection")]
pub(in crate::http) struct ProxyRefusal(pub(in crate::http) ProxyFault);

impl ProxyFault {
    /// The fault in an error's causes; `None` if the proxy could not be reached, or is none. The
    /// types of these errors are not public, but their messages are.
    pub(in crate::http) fn of<'a>(
        mut causes: impl Iterator<Item = &'a (dyn Error + 'static)>,
    ) -> Option<Self> {
        causes.find_map(|cause| {
            if let Some(ProxyRefusal(fault)) = cause.downcast_ref() {
                return Some(fault.clone());
            }
            let text = cause.to_string();
            let tunnel = text
                .strip_prefix("tunnel error: ")
                .and_then(Self::of_tunnel);
            tunnel.or_else(|| text.strip_prefix("SOCKS error: ").and_then(Self::of_socks))
        })
    }

    fn of_tunnel(problem: &str) -> Option<Self> {
        match problem {
            "proxy authorization required" => Some(Self::AuthenticationRequired),
            "unsuccessful" => Some(Self::Refused(None)),
            "failed to create underlying connection" => None,
            _ => Some(Self::Invalid),
        }
    }

    fn of_socks(problem: &str) -> Option<Self> {
        match problem {
            "credentials not accepted" => Some(Self::WrongPassword),
            "server does not support user/pass authentication" => Some(Self::NoMethod),
            "failed to create underlying connection" => None,
            "io error during SOCKS handshake"
            | "failed parsing server response"
            | "server implements authentication incorrectly" => Some(Self::Invalid),
            refusal => Some(Self::Refused(Some(refusal.to_owned()))),
        }
    }

    /// Whether the same user name and password would be refused again.
    pub(in crate::http) fn is_about_password(&self) -> bool {
        match self {
            Self::AuthenticationRequired | Self::WrongPassword | Self::NoMethod => true,
            Self::Refused(_) | Self::Invalid => false,
        }
    }

    /// The error of a request to `host`; `offered`: the authentication schemes that the proxy
    /// offers, if they are known.
    pub(in crate::http) fn error(
        self,
        host: String,
        proxy: &ProxyServer,
        offered: &[&str],
    ) -> HttpError {
        let status = (self == Self::AuthenticationRequired).then_some(407);
        let (problem, hint) = self.diagnosis(proxy.has_credentials(), offered);
        HttpError::ProxyFailed {
            host,
            proxy: proxy.name(),
            problem: match status {
                Some(status) => format!("{problem} (status {status})"),
                None => problem,
            },
            hint,
            status,
        }
    }

    fn diagnosis(self, has_credentials: bool, offered: &[&str]) -> (String, &'static str) {
        let refuses = "the proxy refuses the user name or password";
        let requires = "the proxy requires a user name and a password";
        let takes_password = offered.is_empty() || offered.contains(&"Basic");
        let (problem, hint) = match (self, has_credentials) {
            (Self::AuthenticationRequired, _) if !takes_password => {
                let schemes = offered.join(" or ");
                let problem = format!(
                    "the proxy requires {schemes} authentication, which padlock does not support"
                );
                return (problem, USE_HELPER);
            }
            (Self::AuthenticationRequired, true) | (Self::WrongPassword, _) => {
                (refuses, CHECK_PASSWORD)
            }
            (Self::AuthenticationRequired | Self::NoMethod, false) => (requires, GIVE_PASSWORD),
            (Self::NoMethod, true) => (
                "the proxy does not accept a user name and a password",
                CHECK_PASSWORD,
            ),
            (Self::Refused(None), _) => ("the proxy refused to connect", CHECK),
            (Self::Refused(Some(reason)), _) => {
                return (format!("the proxy refused to connect: {reason}"), CHECK);
            }
            (Self::Invalid, true) => (
                "the proxy sent no valid response to the user name and the password",
                CHECK_PASSWORD,
            ),
            (Self::Invalid, false) => ("the proxy sent an invalid response", CHECK),
        };
        (problem.to_owned(), hint)
    }
}
