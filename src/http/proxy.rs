//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY`.
//!
//! `HTTP_PROXY` is of no use here: plain HTTP goes to this machine alone, and there past every proxy.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::NoProxy;
use url::Url;

use super::{HttpError, host};
use crate::config::Variables;

/// A proxy; its address may hold a user name and a password.
#[derive(Clone)]
pub(super) struct Proxy {
    url: Url,
    /// Hosts that are reached without it.
    bypass: String,
}

impl Proxy {
    /// Reads the variables, upper case before lower case. An empty one counts as none.
    pub(super) fn from(variables: Variables<'_>) -> Result<Option<Self>, HttpError> {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let Some((variable, text)) = names.into_iter().find_map(|name| Some((name, value(name)?))) else {
            return Ok(None);
        };
        let invalid = |problem: &str| HttpError::Proxy { variable, problem: problem.to_owned() };
        let text = text.into_string().map_err(|_| invalid("it is not UTF-8"))?;
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        let url = Url::parse(&text).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h") {
            return Err(invalid("http, https, socks4 or socks5 is meant"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("it names no host"));
        }
        let bypass = value("NO_PROXY").or_else(|| value("no_proxy")).unwrap_or_default();
        Ok(Some(Self { url, bypass: bypass.to_string_lossy().into_owned() }))
    }

    /// As the HTTP client wants it.
    pub(super) fn rule(&self) -> reqwest::Result<reqwest::Proxy> {
        Ok(reqwest::Proxy::https(self.url.clone())?.no_proxy(NoProxy::from_string(&self.bypass)))
    }

    /// Host and port of the proxy, if an address is reached through it.
    pub(super) fn on_the_way_to(&self, url: &Url) -> Option<String> {
        let matcher = Matcher::builder().https(self.url.as_str()).no(self.bypass.as_str()).build();
        matcher.intercept(&url.as_str().parse().ok()?).map(|_| host(&self.url))
    }
}
