//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY`.
//!
//! `HTTP_PROXY` has no effect: plain HTTP is only used to this machine, without a proxy.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::{ClientBuilder, NoProxy};
use url::Url;
use zeroize::Zeroizing;

use super::error::HttpError;
use super::url::host;
use crate::config::Variables;
use crate::redact::remember;

/// How remote servers are reached.
#[derive(Clone)]
pub(super) enum ProxySettings {
    /// The environment has no setting: as the operating system is configured.
    System,
    /// The environment disables proxies for every host.
    Disabled,
    Server(ProxyServer),
}

/// A proxy; its URL may contain a user name and a password.
#[derive(Clone)]
pub(super) struct ProxyServer {
    url: Url,
    /// Hosts that are reached without it.
    no_proxy: String,
}

impl ProxySettings {
    /// Reads the variables, upper case before lower case. An empty one counts as unset.
    pub(super) fn from(variables: Variables<'_>) -> Result<Self, HttpError> {
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
        let no_proxy = no_proxy.unwrap_or_default().to_string_lossy().into_owned();
        // For hyper-util, a star matches every host name, but no IP address.
        let is_disabled = no_proxy.split(',').any(|host| host.trim() == "*");
        Ok(if is_disabled {
            Self::Disabled
        } else {
            Self::Server(ProxyServer { url, no_proxy })
        })
    }

    /// Configures the HTTP client.
    pub(super) fn apply(&self, builder: ClientBuilder) -> reqwest::Result<ClientBuilder> {
        Ok(match self {
            Self::System => builder,
            Self::Disabled => builder.no_proxy(),
            Self::Server(ProxyServer { url, no_proxy }) => {
                let proxy = reqwest::Proxy::https(url.clone())?;
                builder.proxy(proxy.no_proxy(NoProxy::from_string(no_proxy)))
            }
        })
    }

    /// Whether the environment names a proxy.
    pub(super) fn names_proxy(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Host and port of the proxy for a URL, if the environment names one.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<String> {
        let Self::Server(proxy) = self else {
            return None;
        };
        let matcher = Matcher::builder()
            .https(proxy.url.as_str())
            .no(proxy.no_proxy.as_str())
            .build();
        matcher
            .intercept(&url.as_str().parse().ok()?)
            .map(|_| host(&proxy.url))
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
