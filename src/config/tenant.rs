//! The tenant: an Auth0 domain or an issuer, whichever comes from the higher source.

use std::net::IpAddr;
use std::path::PathBuf;

use url::{Host, ParseError, Url};

use super::error::ConfigError;
use super::source::{Rank, Sources};
use crate::settings;

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
    fn discovered_at(self, url: Option<&str>) -> Result<Self, ConfigError> {
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

/// A CA file, and notes about one that is ignored.
type CaFile = (Option<PathBuf>, Vec<String>);

/// The tenant, and which roots to trust for it.
pub(super) struct TenantSettings {
    pub(super) tenant: TenantRef,
    pub(super) ca_file: Option<PathBuf>,
    /// For the user, about settings that are ignored.
    pub(super) notes: Vec<String>,
}

/// Loads the tenant and the CA file.
pub(super) fn load(
    domain: Option<String>,
    issuer: Option<String>,
    discovery_url: Option<&str>,
    ca_file: Option<PathBuf>,
    sources: &Sources<'_>,
) -> Result<TenantSettings, ConfigError> {
    let domain = sources.ranked(domain, settings::DOMAIN)?;
    let issuer = sources.ranked(issuer, settings::ISSUER)?;
    let (rank, tenant) = match (domain, issuer) {
        (None, None) => return Err(ConfigError::Missing(settings::DOMAIN)),
        (Some((rank, _)), Some((issuer_rank, _))) if rank == issuer_rank => {
            let message = "AUTH0_DOMAIN and AUTH0_ISSUER are both set; keep one of them";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        (Some((rank, domain)), Some((issuer_rank, _))) if rank < issuer_rank => {
            (rank, TenantRef::Auth0(auth0(&domain)?))
        }
        (Some((rank, domain)), None) => (rank, TenantRef::Auth0(auth0(&domain)?)),
        (_, Some((rank, issuer))) => (rank, TenantRef::issuer(&issuer)?),
    };
    let tenant = tenant.discovered_at(discovery_url)?;
    let (ca_file, notes) = self::ca_file(ca_file, sources, rank)?;
    Ok(TenantSettings {
        tenant,
        ca_file,
        notes,
    })
}

/// The CA file for issuers named by flags.
pub(super) fn ca_file_for_flags(
    flag: Option<PathBuf>,
    sources: &Sources<'_>,
) -> Result<CaFile, ConfigError> {
    ca_file(flag, sources, Rank::Flag)
}

/// A `.env` in the working directory may add trusted roots only for a tenant that it names itself.
fn ca_file(
    flag: Option<PathBuf>,
    sources: &Sources<'_>,
    tenant: Rank,
) -> Result<CaFile, ConfigError> {
    if let Some(path) = flag {
        return Ok((Some(path), Vec::new()));
    }
    match sources.ranked(None, settings::CA_FILE)? {
        Some((Rank::File, _)) if tenant < Rank::File && !sources.file.is_named => {
            let note = "PADLOCK_CA_FILE in .env is ignored, since .env does not name the tenant";
            Ok((None, vec![note.to_owned()]))
        }
        found => Ok((found.map(|(_, path)| path.into()), Vec::new())),
    }
}

/// `acme.eu.auth0.com`, `https://acme.eu.auth0.com` and `https://acme.eu.auth0.com/` are the same
/// tenant.
fn auth0(domain: &str) -> Result<Url, ConfigError> {
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
        format!("the {what} {value:?}")
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
