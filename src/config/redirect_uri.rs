//! Where the browser returns to: an address of this machine (RFC 8252 §7.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::error::ConfigError;

/// Auth0 compares callback URLs exactly, so that the port has to be a fixed one.
const DEFAULT: &str = "http://127.0.0.1:8484/callback";

/// Where the browser returns to.
#[derive(Clone, Debug)]
pub(crate) struct RedirectUri {
    /// As typed: the provider may compare it byte by byte.
    text: String,
    url: Url,
}

impl RedirectUri {
    /// The one that is given, or the default.
    pub(super) fn load(flag: Option<&str>) -> Result<Self, ConfigError> {
        let text = flag.unwrap_or(DEFAULT);
        let invalid = |problem: String| {
            let name = format!("the redirect URI {text:?}");
            ConfigError::invalid(name, problem)
        };
        let url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
        check(&url).map_err(|problem| invalid(problem.to_owned()))?;
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// What the provider gets.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The addresses of its host. A browser may take either of localhost's.
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        let (v4, v6) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
        match self.url.host() {
            Some(Host::Ipv4(_)) => vec![v4],
            Some(Host::Ipv6(_)) => vec![v6],
            Some(Host::Domain(_)) | None => vec![v4, v6],
        }
    }

    /// Its port; 0: any that is free.
    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The same with the port that was free.
    pub(crate) fn with_port(&self, port: u16) -> Self {
        if self.port() == port {
            return self.clone();
        }
        let mut url = self.url.clone();
        // Fails for URLs without a host only.
        url.set_port(Some(port)).ok();
        Self {
            text: url.to_string(),
            url,
        }
    }

    /// Whether a `Host` header is this authority (RFC 9112 §3.2).
    pub(crate) fn is_host(&self, header: &[u8]) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.port();
        let with_port = format!("{host}:{port}");
        header.eq_ignore_ascii_case(with_port.as_bytes())
            || (port == 80 && header.eq_ignore_ascii_case(host.as_bytes()))
    }

    /// Its path, as a request names it.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// The query of an address that the browser ended at, if that is this one.
    pub(crate) fn query_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let url = Url::parse(address).ok()?;
        let is_same = url.scheme() == self.url.scheme()
            && url.host() == self.url.host()
            && url.port() == self.url.port()
            && url.path() == self.url.path()
            && url.username().is_empty()
            && url.password().is_none();
        let (_, query) = address.split_once('?').filter(|_| is_same)?;
        // A fragment is the browser's own.
        Some(query.split('#').next().unwrap_or_default())
    }
}

fn check(url: &Url) -> Result<(), &'static str> {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        None => false,
    };
    if url.scheme() != "http" || !is_loopback {
        return Err("expected an http URL on 127.0.0.1, [::1] or localhost");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a query or a fragment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> RedirectUri {
        RedirectUri::load(Some(text)).unwrap()
    }

    #[test]
    fn only_http_to_this_machine_is_accepted_and_sent_as_typed() {
        for text in [
            "http://127.0.0.1:8484/callback",
            "http://127.0.0.1",
            "http://[::1]:1/",
            "http://LOCALHOST:65535/a/b",
            "http://localhost:0/callback",
        ] {
            assert_eq!(parse(text).as_str(), text);
        }
        for text in [
            "",
            "callback",
            "https://127.0.0.1:8484/callback",
            "http://127.0.0.2:8484/",
            "http://0.0.0.0:8484/",
            "http://[::]:8484/",
            "http://localhost.evil.test/",
            "http://10.0.0.1/",
            "http://me@127.0.0.1/",
            "http://:secret@127.0.0.1/",
            "http://127.0.0.1/?a=b",
            "http://127.0.0.1/#a",
            "http://127.0.0.1:65536/",
        ] {
            assert!(RedirectUri::load(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_header_is_compared_as_a_whole() {
        let uri = parse("http://127.0.0.1:8484/callback");
        assert!(uri.is_host(b"127.0.0.1:8484"));
        for other in [
            "127.0.0.1",
            "localhost:8484",
            "evil.test:8484",
            "127.0.0.1:84841",
            "",
        ] {
            assert!(!uri.is_host(other.as_bytes()), "{other}");
        }
        assert!(parse("http://[::1]:8484/").is_host(b"[::1]:8484"));
        assert!(parse("http://localhost/").is_host(b"LOCALHOST"));
    }

    #[test]
    fn a_pasted_address_must_be_the_redirect_uri() {
        let uri = parse("http://127.0.0.1:8484/callback");
        let query = uri.query_of("http://127.0.0.1:8484/callback?code=a&state=b#_=_");
        assert_eq!(query, Some("code=a&state=b"));
        for other in [
            "code=a&state=b",
            "https://127.0.0.1:8484/callback?code=a",
            "http://127.0.0.1:8485/callback?code=a",
            "http://localhost:8484/callback?code=a",
            "http://127.0.0.1:8484/callback/?code=a",
            "http://x@127.0.0.1:8484/callback?code=a",
            "http://127.0.0.1:8484/callback",
        ] {
            assert_eq!(uri.query_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_free_port_takes_the_place_of_port_0() {
        let uri = parse("http://localhost:0/callback");
        assert_eq!(uri.with_port(5).as_str(), "http://localhost:5/callback");
        assert_eq!(uri.port(), 0);
    }
}
