//! The tenant: an Auth0 domain or an issuer.

use std::net::IpAddr;

use url::{Host, ParseError, Url};

use super::error::ConfigError;
use crate::escape;

/// Where an issuer's document is below it (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).
const DISCOVERY_PATHS: [&str; 2] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

/// Which server issues the tokens.
#[derive(Clone, Debug)]
pub(crate) enum TenantRef {
    /// An Auth0 tenant's URL, with a trailing slash like its issuer. Its paths are fixed.
    Auth0(Url),
    /// Any OpenID provider; its endpoints are discovered.
    Issuer {
        /// As typed: `iss` is compared byte for byte.
        issuer: String,
        /// The discovery document, if it is not below the issuer.
        document: Option<Url>,
    },
}

impl TenantRef {
    /// The provider with this issuer.
    pub(super) fn issuer(issuer: &str) -> Result<Self, ConfigError> {
        Ok(Self::Issuer {
            issuer: self::issuer(issuer)?,
            document: None,
        })
    }

    /// The same, with its discovery document at another address.
    pub(super) fn discovered_at(self, url: Option<&str>) -> Result<Self, ConfigError> {
        let Some(text) = url else {
            return Ok(self);
        };
        match self {
            Self::Auth0(_) => {
                let message = "--discovery-url requires an issuer; Auth0 domains need no discovery";
                Err(ConfigError::Combination(message.to_owned()))
            }
            Self::Issuer { issuer, .. } => Ok(Self::Issuer {
                issuer,
                document: Some(public_url("discovery URL", text)?),
            }),
        }
    }
}

impl TenantRef {
    /// Whether both name the same tenant: the letter case of the host, the default port and the
    /// last slash make no difference, nor whether a domain or an issuer names it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let tenant = self.identity();
        tenant.is_some() && tenant == other.identity()
    }

    /// The tenant's address without differences that make none: equal for the same tenant.
    pub(crate) fn identity(&self) -> Option<String> {
        let url = self.url()?;
        let text = url.as_str();
        Some(text.strip_suffix('/').unwrap_or(text).to_owned())
    }

    /// The tenant that a saved session names, held to the rules for settings.
    pub(crate) fn saved(
        domain: Option<&str>,
        issuer: Option<&str>,
        discovery_url: Option<&str>,
    ) -> Option<Self> {
        let tenant = match (domain, issuer) {
            (Some(domain), None) => Self::Auth0(auth0(domain).ok()?),
            (None, Some(issuer)) => Self::issuer(issuer).ok()?,
            _ => return None,
        };
        tenant.discovered_at(discovery_url).ok()
    }

    /// The address of the tenant.
    pub(super) fn url(&self) -> Option<Url> {
        match self {
            Self::Auth0(url) => Some(url.clone()),
            Self::Issuer { issuer, .. } => Url::parse(issuer).ok(),
        }
    }
}

/// `acme.eu.auth0.com`, `https://acme.eu.auth0.com` and `https://acme.eu.auth0.com/` are the same
/// tenant.
pub(super) fn auth0(domain: &str) -> Result<Url, ConfigError> {
    let invalid = |problem: &str| invalid("domain", domain, problem);
    let text = if domain.contains("://") {
        domain.to_owned()
    } else {
        format!("https://{domain}")
    };
    let url = Url::parse(&text).map_err(|error| invalid(&error.to_string()))?;
    check(&url).map_err(invalid)?;
    if url.path() != "/" {
        return Err(invalid(
            "it has a path; if it is not an Auth0 tenant, use --issuer",
        ));
    }
    Ok(url)
}

/// An issuer, unchanged.
pub(super) fn issuer(text: &str) -> Result<String, ConfigError> {
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => invalid(
            "issuer",
            text,
            "expected a URL like the iss of its tokens, starting with https://",
        ),
        other => invalid("issuer", text, &other.to_string()),
    })?;
    check(&url).map_err(|problem| invalid("issuer", text, problem))?;
    for suffix in DISCOVERY_PATHS {
        if let Some(issuer) = text.strip_suffix(suffix) {
            let issuer = escape::excerpt(issuer, 200);
            return Err(ConfigError::DiscoveryAddress { issuer, suffix });
        }
    }
    Ok(text.to_owned())
}

/// The URL of a public document.
pub(super) fn public_url(what: &str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|error| invalid(what, text, &error.to_string()))?;
    check_host(&url).map_err(|problem| invalid(what, text, problem))?;
    Ok(url)
}

fn check(url: &Url) -> Result<(), &'static str> {
    check_host(url)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a query or a fragment");
    }
    Ok(())
}

fn check_host(url: &Url) -> Result<(), &'static str> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return Err("plain http is only allowed to this machine; use https"),
        _ => return Err("expected an https URL"),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or a password");
    }
    Ok(())
}

/// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn invalid(what: &str, value: &str, problem: &str) -> ConfigError {
    // The text before an @ may contain a password.
    let name = if value.contains('@') {
        format!("the {what}")
    } else {
        format!("the {what} \"{}\"", escape::url_text(value))
    };
    ConfigError::invalid(name, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_may_be_a_url_with_or_without_a_trailing_slash() {
        for text in [
            "acme.eu.auth0.com",
            "https://acme.eu.auth0.com",
            "https://ACME.eu.auth0.com/",
        ] {
            assert_eq!(
                auth0(text).unwrap().as_str(),
                "https://acme.eu.auth0.com/",
                "{text}"
            );
        }
    }

    #[test]
    fn a_domain_and_an_issuer_name_the_same_tenant_if_their_urls_are_equal() {
        let tenant = |text: &str| {
            if text.contains("://") {
                TenantRef::issuer(text).unwrap()
            } else {
                TenantRef::Auth0(auth0(text).unwrap())
            }
        };
        for same in [
            "acme.test",
            "ACME.test:443",
            "https://acme.test",
            "https://Acme.Test:443/",
        ] {
            assert!(tenant("acme.test").is_same(&tenant(same)), "{same}");
        }
        for other in [
            "acme.test.evil.test",
            "https://acme.test:8443/",
            "https://acme.test/realms/a",
            "https://eu.acme.test/",
        ] {
            assert!(!tenant("acme.test").is_same(&tenant(other)), "{other}");
        }
        let local = tenant("http://localhost/a");
        assert!(local.is_same(&tenant("http://LOCALHOST:80/a/")));
        assert!(!local.is_same(&tenant("https://localhost/a")));
        assert!(!local.is_same(&tenant("http://localhost/A")));
    }

    #[test]
    fn plain_http_is_only_allowed_to_this_machine() {
        for text in ["http://localhost:1", "http://127.8.9.1", "http://[::1]:80"] {
            assert!(auth0(text).is_ok(), "{text}");
        }
        for text in [
            "http://acme.eu.auth0.com",
            "http://localhost.evil.test",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(auth0(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_invalid_domain_is_refused() {
        for text in [
            "",
            "acme/oauth",
            "ftp://acme.test",
            "a@acme.test",
            "acme.test?x",
            "acme.test#x",
            "a b",
        ] {
            assert!(auth0(text).is_err(), "{text}");
        }
    }
}
