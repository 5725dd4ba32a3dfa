//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY`.
//!
//! `HTTP_PROXY` has no effect: plain HTTP is only used to this machine, without a proxy.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use reqwest::ClientBuilder;
use url::Url;
use zeroize::Zeroizing;

use super::no_proxy::NoProxy;
use crate::config::Variables;
use crate::http::error::HttpError;
use crate::http::url::host;
use crate::redact::remember;

/// How remote servers are reached.
#[derive(Clone)]
pub(in crate::http) enum ProxySettings {
    /// The environment has no setting: as the operating system is configured.
    System,
    /// The environment disables proxies for every host.
    Disabled,
    Server(Arc<ProxyServer>),
}

/// A proxy; its URL may contain a user name and a password.
pub(in crate::http) struct ProxyServer {
    url: Url,
    /// Hosts that are reached without it.
    no_proxy: NoProxy,
}

impl ProxySettings {
    /// Reads the variables, upper case before lower case. An empty one counts as unset.
    pub(in crate::http) fn from(variables: Variables<'_>) -> Result<Self, HttpError> {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let set = names
            .into_iter()
            .find_map(|name| Some((name, value(name)?)));
        let Some((variable, text)) = set else {
            return Ok(Self::System);
        };
        let invalid = |problem: &str| HttpError::Proxy {
            variable,
            problem: problem.to_owned(),
        };
        let text = text.into_string().map_err(|_| invalid("it is not UTF-8"))?;
        let url = parse(&text).map_err(|problem| invalid(&problem))?;
        remember_password(&url);
        let no_proxy = value("NO_PROXY").or_else(|| value("no_proxy"));
        let no_proxy = NoProxy::parse(&no_proxy.unwrap_or_default().to_string_lossy());
        Ok(if no_proxy.is_everything() {
            Self::Disabled
        } else {
            Self::Server(Arc::new(ProxyServer { url, no_proxy }))
        })
    }

    /// Configures the HTTP client.
    pub(in crate::http) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::System => builder,
            Self::Disabled => builder.no_proxy(),
            Self::Server(proxy) => {
                let proxy = Arc::clone(proxy);
                builder.proxy(reqwest::Proxy::custom(move |target| {
                    proxy.serves(target).then(|| proxy.url.clone())
                }))
            }
        }
    }

    /// The proxy that the environment names, whatever the URL.
    pub(in crate::http) fn server(&self) -> Option<&ProxyServer> {
        match self {
            Self::Server(proxy) => Some(proxy),
            Self::System | Self::Disabled => None,
        }
    }
}

impl ProxyServer {
    /// Whether a URL is reached through this proxy.
    pub(in crate::http) fn serves(&self, url: &Url) -> bool {
        !self.no_proxy.contains(url)
    }

    /// Whether it gets a user name or a password.
    pub(in crate::http) fn has_credentials(&self) -> bool {
        !self.url.username().is_empty() || self.url.password().is_some()
    }

    /// Where it is, for a connection of one's own; only of a proxy without TLS.
    pub(super) fn plain_address(&self) -> Option<(&str, u16)> {
        let port = self.url.port_or_known_default()?;
        let host = self.url.host_str()?.trim_matches(['[', ']']);
        (self.url.scheme() == "http").then_some((host, port))
    }

    /// Its host and port, for messages.
    pub(in crate::http) fn name(&self) -> String {
        host(&self.url)
    }
}

/// The password, and the credentials of HTTP Basic, which a proxy could repeat.
fn remember_password(proxy: &Url) {
    let Some(password) = proxy.password() else {
        return;
    };
    let decoded = |text: &str| Zeroizing::new(percent_decode_str(text).collect::<Vec<u8>>());
    let (user, password) = (decoded(proxy.username()), decoded(password));
    remember(&String::from_utf8_lossy(&password));
    let credentials = Zeroizing::new([&user[..], b":", &password[..]].concat());
    remember(&STANDARD.encode(&*credentials));
}

/// A proxy's URL, `http` if it has no scheme.
fn parse(text: &str) -> Result<Url, String> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let url = url.map_err(|error| error.to_string())?;
    if !matches!(
        url.scheme(),
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
    ) {
        return Err("expected a URL with http, https, socks4 or socks5".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it has no host".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::redact;

    #[test]
    fn the_proxys_password_and_credentials_are_left_out_of_texts() {
        let variable = |name: &str| {
            let url = "http://user:proxy%21password@proxy.test";
            (name == "HTTPS_PROXY").then(|| url.into())
        };
        assert!(ProxySettings::from(&variable).is_ok());
        for secret in ["proxy!password", "proxy%21password"] {
            assert_eq!(redact(secret), "[hidden]");
        }
        let credentials = STANDARD.encode("user:proxy!password");
        assert_eq!(redact(&credentials), "[hidden]");
    }
}
