//! Which tenant is meant: an Auth0 domain or an issuer, one setting whose highest-ranking source decides.

use std::net::IpAddr;
use std::path::PathBuf;

use url::{Host, ParseError, Url};

use super::ConfigError;
use super::sources::{Rank, Sources};
use crate::args::TenantArgs;

/// Where tokens come from.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// An Auth0 tenant, with its fixed paths. Ends in a slash, as its issuer does.
    Auth0(Url),
    /// Any OpenID provider, to be found by discovery. As typed: its `iss` is compared byte by byte.
    Issuer(String),
}

/// The tenant, the extra root of trust that its settings allow, and a note about one that they do not allow.
pub(super) fn place(
    args: &TenantArgs,
    sources: &Sources<'_>,
) -> Result<(Place, Option<PathBuf>, Vec<String>), ConfigError> {
    let domain = sources
        .ranked(args.domain.as_deref(), "AUTH0_DOMAIN")?
        .map(|(rank, text)| (rank, true, text));
    let issuer = sources
        .ranked(args.issuer.as_deref(), "AUTH0_ISSUER")?
        .map(|(rank, text)| (rank, false, text));
    let mut named: Vec<_> = domain.into_iter().chain(issuer).collect();
    named.sort_by_key(|(rank, ..)| *rank);
    let (rank, place) = match named.as_slice() {
        [] => {
            return Err(ConfigError::Missing {
                what: "tenant",
                flag: "--domain",
                variable: "AUTH0_DOMAIN",
            });
        }
        [(first, ..), (second, ..)] if first == second => {
            let problem = "AUTH0_ISSUER stands beside it, and one of the two is meant".into();
            return Err(ConfigError::Invalid {
                name: "AUTH0_DOMAIN".into(),
                problem,
            });
        }
        [(rank, true, domain), ..] => (*rank, Place::Auth0(auth0(domain)?)),
        [(rank, false, issuer), ..] => (*rank, Place::Issuer(self::issuer(issuer)?)),
    };
    let (ca_file, notes) = ca_file(args, sources, rank)?;
    Ok((place, ca_file, notes))
}

/// A `.env` that happens to lie in the working directory adds no root of trust for a tenant that it does not name.
fn ca_file(
    args: &TenantArgs,
    sources: &Sources<'_>,
    tenant: Rank,
) -> Result<(Option<PathBuf>, Vec<String>), ConfigError> {
    if let Some(path) = &args.ca_file {
        return Ok((Some(path.clone()), Vec::new()));
    }
    match sources.ranked(None, "PADLOCK_CA_FILE")? {
        Some((Rank::File, _)) if tenant < Rank::File && !sources.file.named => {
            let note =
                "PADLOCK_CA_FILE in .env is passed over, since the tenant is named elsewhere"
                    .to_owned();
            Ok((None, vec![note]))
        }
        found => Ok((found.map(|(_, path)| path.into()), Vec::new())),
    }
}

/// `acme.eu.auth0.com`, `https://acme.eu.auth0.com` and `https://acme.eu.auth0.com/` are the same tenant.
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
            "it has a path; if it is no Auth0 tenant, use --issuer",
        ));
    }
    Ok(url)
}

/// The root of trust that `verify` adds for issuers that flags name.
pub(super) fn ca_file_for_flags(
    args: &TenantArgs,
    sources: &Sources<'_>,
) -> Result<(Option<PathBuf>, Vec<String>), ConfigError> {
    ca_file(args, sources, Rank::Flag)
}

/// An issuer's name, byte for byte as it is given.
pub(super) fn issuer(text: &str) -> Result<String, ConfigError> {
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => invalid(
            "issuer",
            text,
            "it is written as tokens have it, from https:// on",
        ),
        other => invalid("issuer", text, &other.to_string()),
    })?;
    check(&url).map_err(|problem| invalid("issuer", text, problem))?;
    Ok(text.to_owned())
}

/// The address of a key set.
pub(super) fn key_set_address(text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|error| invalid("key set", text, &error.to_string()))?;
    check_host(&url).map_err(|problem| invalid("key set", text, problem))?;
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
        "http" => return Err("plain http is allowed to this machine only; use https"),
        _ => return Err("an https address is meant"),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user or a password");
    }
    Ok(())
}

/// Whether the address can only be on this machine: `localhost`, 127.0.0.0/8 or `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn invalid(what: &str, value: &str, problem: &str) -> ConfigError {
    // What stands before an @ may be a password.
    let name = if value.contains('@') {
        format!("the {what}")
    } else {
        format!("the {what} {value:?}")
    };
    ConfigError::Invalid {
        name,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_may_be_a_url_with_or_without_the_last_slash() {
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
    fn plain_http_reaches_this_machine_only() {
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
    fn what_is_no_tenant_is_refused() {
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
