//! The tenant: its discovery document, its spelling of the issuer, and its keys.

use super::connection;
use super::findings::Findings;
use crate::config::{DoctorSettings, TenantRef};
use crate::failure::{Class, Failure};
use crate::http::{Http, HttpError};
use crate::keys::Algorithm;
use crate::provider::{PendingJwks, Provider, ProviderError};

/// Fetches the discovery document; `None` where nothing further can be asked.
pub(super) fn discover(
    http: &Http,
    tenant: &TenantRef,
    findings: &mut Findings,
) -> Option<Provider> {
    let url = match Provider::document_url(tenant) {
        Ok(url) => url,
        Err(error) => {
            findings.bad("discovery", error.into());
            return None;
        }
    };
    let examined = Provider::examine(http, tenant);
    let unreached = match &examined {
        Err(ProviderError::Http(error)) => Some(error.clone()).filter(|it| it.stage().is_some()),
        _ => None,
    };
    let is_reached = unreached.is_none();
    connection::reached(http, &url, unreached, findings);
    if !is_reached {
        return None;
    }
    match examined {
        Ok(provider) => {
            findings.good(
                "discovery",
                format!("found at {}", crate::http::public(&url)),
            );
            // Escaped where it is printed.
            findings.good("issuer", format!("calls itself {}", provider.issuer));
            Some(provider)
        }
        Err(ProviderError::OtherIssuer { expected, found }) => {
            findings.good(
                "discovery",
                format!("found at {}", crate::http::public(&url)),
            );
            findings.bad("issuer", other_issuer(tenant, expected, found));
            // The endpoints of a domain do not depend on the document.
            Provider::find(http, tenant)
                .ok()
                .filter(Provider::is_named_by_domain)
        }
        Err(error) => {
            findings.bad("discovery", error.into());
            None
        }
    }
}

/// What to do about an issuer that spells itself otherwise.
fn other_issuer(tenant: &TenantRef, expected: String, found: String) -> Failure {
    let is_slash = expected.trim_end_matches('/') == found.trim_end_matches('/');
    let is_case = expected.eq_ignore_ascii_case(&found);
    let step = match tenant {
        TenantRef::Auth0(_) => format!(
            "give the tenant's own name with --domain (AUTH0_DOMAIN): {}",
            found.trim_start_matches("https://").trim_end_matches('/')
        ),
        _ if is_slash => {
            format!("set --issuer (AUTH0_ISSUER) to {found}: only the slash at the end differs")
        }
        _ if is_case => {
            format!("set --issuer (AUTH0_ISSUER) to {found}: only the letter case differs")
        }
        TenantRef::Issuer { .. } => {
            return ProviderError::OtherIssuer { expected, found }.into();
        }
    };
    let failure: Failure = ProviderError::OtherIssuer { expected, found }.into();
    failure.hint(step)
}

/// Checks that an `id_token` can be verified with what is configured.
pub(super) fn check_keys(
    http: &Http,
    provider: &Provider,
    settings: &DoctorSettings,
    findings: &mut Findings,
) {
    let wanted = &settings.algorithms;
    if let Err(error) = provider.require_algorithm(wanted) {
        return findings.bad("keys", error.into());
    }
    let names: Vec<_> = wanted.iter().map(|one| one.name()).collect();
    let names = names.join(", ");
    if wanted.iter().all(|one| one.is_symmetric()) {
        return findings.good(
            "keys",
            format!("none needed: {names} uses the client secret"),
        );
    }
    let keys = PendingJwks::begin(http, provider).and_then(PendingJwks::wait);
    let keys = match keys {
        Ok(keys) => keys,
        Err(ProviderError::Http(error @ HttpError::TimedOut { .. })) => {
            return findings.unknown("keys", error.to_string());
        }
        Err(error) => return findings.bad("keys", error.into()),
    };
    let (number, usable) = keys.usable(wanted);
    if !usable.is_empty() {
        let usable: Vec<_> = usable
            .iter()
            .map(|(algorithm, number)| format!("{number} for {algorithm}"))
            .collect();
        let detail = format!("usable: {}, of {number} in all", usable.join(", "));
        return findings.good("keys", detail);
    }
    let (_, others) = keys.usable(&Algorithm::ALL);
    let others: Vec<_> = others.iter().map(|(one, _)| one.name()).collect();
    let problem = wanted.iter().find(|one| !one.is_symmetric());
    let problem = problem.map_or_else(String::new, |one| keys.problem(*one));
    let message = match number {
        0 => "the key set is empty".to_owned(),
        _ => format!("none of {number} keys can be used with {names}: {problem}"),
    };
    let step = match others.as_slice() {
        [] => "ask an administrator of the tenant about its signing keys".to_owned(),
        others => format!(
            "set --algorithm (AUTH0_ALGORITHM) to what the application uses; the keys are for {}",
            others.join(", ")
        ),
    };
    findings.bad(
        "keys",
        Failure::new(Class::UntrustedToken, message).hint(step),
    );
}
