//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY`.
//!
//! `HTTP_PROXY` is of no use here: plain HTTP goes to this machine alone, and there past every proxy.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy};
use url::Url;

use super::{HttpError, host};
use crate::config::Variables;

/// How the world is reached.
#[derive(Clone)]
pub(super) enum Route {
    /// The environment is silent: as the operating system is set up.
    System,
    /// The environment wants no proxy for any host.
    Direct,
    Through(Proxy),
}

/// A proxy; its address may hold a user name and a password.
#[derive(Clone)]
pub(super) struct Proxy {
    url: Url,
    /// Hosts that are reached without it.
    bypass: String,
}

impl Route {
    /// Reads the variables, upper case before lower case. An empty one counts as none.
    pub(super) fn from(variables: Variables<'_>) -> Result<Self, HttpError> {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let Some((variable, text)) = names
            .into_iter()
            .find_map(|name| Some((name, value(name)?)))
        else {
            return Ok(Self::System);
        };
        let invalid = |problem: &str| HttpError::Proxy {
            variable,
            problem: problem.to_owned(),
        };
        let text = text.into_string().map_err(|_| invalid("it is not UTF-8"))?;
        let text = if text.contains("://") {
            text
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&text).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(
            url.scheme(),
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
        ) {
            return Err(invalid("http, https, socks4 or socks5 is meant"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("it names no host"));
        }
        let bypass = value("NO_PROXY")
            .or_else(|| value("no_proxy"))
            .unwrap_or_default();
        let bypass = bypass.to_string_lossy().into_owned();
        // A star means every host, those without a name included.
        let is_direct = bypass.split(',').any(|host| host.trim() == "*");
        Ok(if is_direct {
            Self::Direct
        } else {
            Self::Through(Proxy { url, bypass })
        })
    }

    /// Tells the HTTP client.
    pub(super) fn apply(&self, builder: ClientBuilder) -> reqwest::Result<ClientBuilder> {
        Ok(match self {
            Self::System => builder,
            Self::Direct => builder.no_proxy(),
            Self::Through(Proxy { url, bypass }) => builder
                .proxy(reqwest::Proxy::https(url.clone())?.no_proxy(NoProxy::from_string(bypass))),
        })
    }

    /// Host and port of the proxy through which an address is reached, if there is one that the environment names.
    pub(super) fn to(&self, url: &Url) -> Option<String> {
        let Self::Through(proxy) = self else {
            return None;
        };
        let matcher = Matcher::builder()
            .https(proxy.url.as_str())
            .no(proxy.bypass.as_str())
            .build();
        matcher
            .intercept(&url.as_str().parse().ok()?)
            .map(|_| host(&proxy.url))
    }
}
