//! The next step after each failure.

use super::Error;
use crate::auth::AuthError;
use crate::config::ConfigError;
use crate::http::{Clocks, HttpError};
use crate::input::InputError;
use crate::management::ManagementError;
use crate::provider::ProviderError;
use crate::time;
use crate::verify::{Remedy, Untrusted};

/// What to do about a failure.
pub(super) fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Config(ConfigError::Missing { flag, variable, .. }) => Some(format!(
            "give {flag}, or set {variable} in the environment or in .env"
        )),
        Error::Config(ConfigError::StdinTwice { .. }) => {
            Some("read one of them from a file".into())
        }
        Error::Config(ConfigError::NoKeys) => {
            Some("give --issuer URL, --jwks URL|FILE or --secret-file FILE".into())
        }
        Error::Config(ConfigError::RolesOfSeveral) => {
            Some("give one --issuer, or --expect-issuer beside the keys".into())
        }
        Error::Input(InputError::NotAsked { flags, .. }) => Some(format!("give {flags}")),
        Error::Input(InputError::NotUnicode(_)) => {
            Some("set the terminal to UTF-8, or give a file in UTF-8 with --password-file".into())
        }
        Error::Provider(ProviderError::OtherIssuer { .. }) => Some(
            "if you trust it, write --issuer exactly as it calls itself, the last slash included"
                .into(),
        ),
        Error::Provider(ProviderError::Status {
            status: 429 | 500..,
            wait,
            ..
        }) => Some(time::again(*wait)),
        Error::Provider(ProviderError::KeySet { .. } | ProviderError::Status { .. }) => {
            Some("check the address: it answers, but not with keys or a discovery document".into())
        }
        Error::Auth(AuthError::BadAnswer { .. } | AuthError::BadTokens { .. })
        | Error::Provider(_) => Some(
            "check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain"
                .into(),
        ),
        Error::Auth(AuthError::Refused(refusal)) => refusal.hint.clone(),
        Error::Auth(AuthError::Mfa(error)) => Some(error.hint()),
        Error::Auth(AuthError::NoUserinfo) => Some("leave --userinfo out".into()),
        Error::Lacking { hint, .. } => hint.map(str::to_owned),
        Error::Management(error) => hint_for_management(error),
        Error::Untrusted(untrusted) => hint_for_token(untrusted),
        Error::UntrustedAccessToken(untrusted) => hint_for_access_token(untrusted),
        Error::UntrustedToken(untrusted) => hint_for_foreign_token(untrusted),
        Error::Untimely(_, clocks) => Some(compared(*clocks)),
        Error::NoClaim { hint, .. } => Some((*hint).into()),
        Error::OneTokenOnly(_) => Some("leave it out: each line gets its verdict as JSON".into()),
        other => other.http().and_then(hint_for_http),
    }
}

fn hint_for_http(error: &HttpError) -> Option<String> {
    let hint = match error {
        HttpError::Unreachable { hint, .. } => hint,
        HttpError::Broken { .. } => "try again; what was sent is not repeated without being asked",
        HttpError::TimedOut { .. } => "try again, or allow more time with --timeout",
        HttpError::Redirected { .. } | HttpError::TooLong { .. } | HttpError::Garbled { .. } => {
            "check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain"
        }
        HttpError::CaFile { .. } => {
            "certificates in PEM form are meant; see --ca-file, SSL_CERT_FILE and SSL_CERT_DIR"
        }
        HttpError::Proxy { .. } => "an address is meant, such as http://proxy.example:3128",
        HttpError::Client { .. } => return None,
    };
    Some(hint.to_owned())
}

fn hint_for_token(untrusted: &Untrusted) -> Option<String> {
    if let Some(Remedy::AllowAlgorithm(algorithm)) = untrusted.remedy() {
        return Some(format!(
            "if the application is meant to sign with {algorithm} (Applications → … → Advanced Settings → OAuth), \
             set AUTH0_ALGORITHM={algorithm}"
        ));
    }
    untrusted.is_about_time().then(|| {
        "if it should be good now, compare this machine's clock with the issuer's; --leeway allows for more".into()
    })
}

fn hint_for_access_token(untrusted: &Untrusted) -> Option<String> {
    match untrusted.remedy() {
        Some(Remedy::AllowAlgorithm(algorithm)) if algorithm.is_symmetric() => Some(format!(
            "only the API itself knows the secret of {algorithm}; let it have RS256 (Applications → APIs → … → Settings)"
        )),
        _ => hint_for_token(untrusted),
    }
}

/// Seconds by which clocks differ that are set right: what an answer takes on its way, and more.
const USUAL_DIFFERENCE: u64 = 10;

fn compared(Clocks { here, there }: Clocks) -> String {
    let (ours, theirs) = (time::date(here), time::date(there));
    let difference = here.saturating_sub(there);
    let seconds = difference.unsigned_abs();
    if seconds <= USUAL_DIFFERENCE {
        return format!(
            "this machine's clock ({ours}) and the tenant's agree, so the fault is in the token"
        );
    }
    let direction = if difference > 0 { "ahead" } else { "behind" };
    format!(
        "this machine's clock says {ours}, the tenant's {theirs}: {} {direction}; set it right",
        time::rough(seconds)
    )
}

fn hint_for_foreign_token(untrusted: &Untrusted) -> Option<String> {
    match untrusted.remedy() {
        Some(Remedy::AllowAlgorithm(algorithm)) if algorithm.is_symmetric() => Some(format!(
            "if {algorithm} is right, the key is a secret that its issuer shares with you: see --secret-file"
        )),
        Some(Remedy::AllowAlgorithm(algorithm)) => {
            Some(format!("if its issuer is meant to sign with {algorithm}, add --algorithm {algorithm}"))
        }
        _ => untrusted.is_about_time().then(|| {
            "get a fresh token; if this one should be good, compare this machine's clock with the issuer's".into()
        }),
    }
}

fn hint_for_management(error: &ManagementError) -> Option<String> {
    match error {
        ManagementError::Http(error) => hint_for_http(error),
        ManagementError::NotAllowed { .. } => Some(
            "authorise the application for the Auth0 Management API with the scope read:users or read:roles: \
             Applications → APIs → Auth0 Management API → Machine to Machine Applications"
                .into(),
        ),
        ManagementError::Throttled { wait, .. } => Some(time::again(*wait)),
        ManagementError::NoAddress(_) | ManagementError::Unsendable => None,
        ManagementError::Refused { .. } | ManagementError::BadAnswer { .. } => {
            Some("only Auth0 has this API, under the tenant's own domain".into())
        }
    }
}
