//! What tokens are checked with, and what is said of one.

use secrecy::SecretString;

use super::trust::{self, Trust};
use crate::Surroundings;
use crate::args::VerifyArgs;
use crate::commands::roles::TenantRoles;
use crate::config::{ConfigError, KeySource, read_secret};
use crate::error::Error;
use crate::http::Http;
use crate::verify::{Claims, Gates, Missing, Untrusted};

/// What tokens are checked with; threads share it.
pub(super) struct Checker {
    pub(super) trusted: Vec<Trust>,
    pub(super) gates: Gates,
    pub(super) roles: Option<TenantRoles>,
    pub(super) access_token: Option<SecretString>,
    /// What tokens are verified as of instead of now, in seconds since 1970.
    pub(super) at: Option<i64>,
    /// This machine's, by which keys have their time, whatever --at says.
    pub(super) clock: fn() -> i64,
}

/// What is said of one token.
pub(super) enum Verdict {
    Trusted(Claims),
    Untrusted(Untrusted),
    /// Genuine, and not enough.
    Lacking(Missing),
}

impl Checker {
    /// Reads what the flags name. Nothing is fetched yet.
    pub(super) fn load(args: &VerifyArgs, surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        let source = KeySource::load(&args.keys)?;
        let remote = matches!(source, KeySource::Issuers(_) | KeySource::Address(_));
        let mut network = None;
        if remote || args.gates.roles_from_tenant {
            let (settings, notes) = args.network(surroundings.variables)?;
            surroundings.tell(&notes);
            network = Some(Http::new(&settings, surroundings)?);
        }
        let asks = network.as_ref().filter(|_| args.gates.roles_from_tenant);
        Ok(Self {
            trusted: trust::load(args, &source, network.as_ref(), surroundings.clock)?,
            gates: args.gates.gates(),
            roles: asks
                .map(|http| roles(args, http.clone(), surroundings))
                .transpose()?,
            access_token: access_token(args)?,
            at: args.rules.at,
            clock: surroundings.clock,
        })
    }

    /// Nothing but these keys and rules.
    #[cfg(test)]
    pub(super) fn of(trust: Trust) -> Self {
        let gates = Gates::default();
        Self {
            trusted: vec![trust],
            gates,
            roles: None,
            access_token: None,
            at: None,
            clock: || 1_767_225_600,
        }
    }

    /// The time as of which tokens are verified, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.at.unwrap_or_else(self.clock)
    }
}

fn roles(
    args: &VerifyArgs,
    http: Http,
    surroundings: &Surroundings<'_>,
) -> Result<TenantRoles, Error> {
    let named = (args.keys.issuer.as_slice(), &args.keys.expect_issuer);
    // An application belongs to one tenant, and its secret must reach no other.
    let (([issuer], _) | ([], Some(issuer))) = named else {
        return Err(ConfigError::RolesOfSeveral.into());
    };
    let settings = args.roles_application(issuer, surroundings.variables)?;
    Ok(TenantRoles::new(
        http,
        issuer.clone(),
        settings,
        surroundings.clock,
    ))
}

fn access_token(args: &VerifyArgs) -> Result<Option<SecretString>, ConfigError> {
    args.rules
        .access_token_file
        .as_deref()
        .map(|path| read_secret(path, "the access token"))
        .transpose()
}
