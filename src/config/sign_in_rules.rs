//! What the tokens of a sign-in are held to.

use secrecy::SecretString;

use super::error::ConfigError;
use super::roles::ManagementApi;
use super::tenant_sources::TenantSources;
use crate::args::{self, LoginArgs, SessionArgs};
use crate::keys::{Algorithm, SecretEncoding};
use crate::settings;
use crate::verify::Requirements;

/// What the tokens of a sign-in are held to.
#[derive(Debug)]
pub(crate) struct SignInRules {
    /// The algorithms that the id_token may be signed with; never empty.
    pub(crate) algorithms: Vec<Algorithm>,
    /// How the client secret is a key, where an algorithm needs one.
    pub(crate) secret_encoding: SecretEncoding,
    /// Seconds by which clocks may differ.
    pub(crate) leeway: u32,
    /// Seconds since the user signed in, at most.
    pub(crate) max_age: Option<u32>,
    pub(crate) requirements: Requirements,
    /// `None`: roles are in a claim.
    pub(crate) roles_from_tenant: Option<ManagementApi>,
}

impl SignInRules {
    /// Takes the rules out of the arguments.
    pub(super) fn load(
        args: &mut LoginArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let flags = std::mem::take(&mut args.algorithm);
        let algorithms = algorithms(flags, sources)?;
        let encoding = args.client_secret_encoding;
        if encoding.is_some() && !algorithms.iter().any(|one| one.is_symmetric()) {
            let message = "only HS256, HS384 and HS512 use --client-secret-encoding, and none of \
                           them is allowed by --algorithm";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        Ok(Self {
            algorithms,
            secret_encoding: encoding.unwrap_or(SecretEncoding::Text),
            leeway: args.leeway,
            max_age: args.max_age,
            roles_from_tenant: ManagementApi::load(&args.requirements, sources)?,
            requirements: std::mem::take(&mut args.requirements).into(),
        })
    }

    /// The rules for the tokens of a saved session.
    pub(super) fn of_session(
        args: &SessionArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            algorithms: algorithms(args.algorithm.clone(), sources)?,
            secret_encoding: args.client_secret_encoding,
            leeway: args.leeway,
            max_age: None,
            roles_from_tenant: ManagementApi::load(&args.requirements, sources)?,
            requirements: args.requirements.clone().into(),
        })
    }

    /// Whether an id_token may be signed with the client secret.
    pub(super) fn need_secret(&self) -> bool {
        self.algorithms.iter().any(|one| one.is_symmetric())
    }

    /// Fails where the client secret is no key for one of the algorithms, before a password is sent
    /// for nothing.
    pub(super) fn check_secret(&self, secret: Option<&SecretString>) -> Result<(), ConfigError> {
        let invalid = |problem| ConfigError::invalid("the client secret", problem);
        for algorithm in self.algorithms.iter().filter(|one| one.is_symmetric()) {
            let missing = || ConfigError::Missing(vec![settings::CLIENT_SECRET]);
            let secret = self
                .secret_encoding
                .shared_secret(secret.ok_or_else(missing)?);
            let secret = secret.ok_or_else(|| invalid("it is not base64".to_owned()))?;
            secret
                .key(*algorithm)
                .map_err(|error| invalid(error.to_string()))?;
        }
        Ok(())
    }
}

pub(super) fn algorithms(
    flags: Vec<Algorithm>,
    sources: &TenantSources<'_, '_>,
) -> Result<Vec<Algorithm>, ConfigError> {
    if !flags.is_empty() {
        sources.report.flag(settings::ALGORITHM, true);
        return Ok(flags);
    }
    let Some(found) = sources.find(&[settings::ALGORITHM])? else {
        return Ok(vec![Algorithm::RS256]);
    };
    let names = found.text()?;
    let parsed = names.split(',').map(|name| args::algorithm(name.trim()));
    let parsed: Result<_, String> = parsed.collect();
    parsed.map_err(|problem| found.invalid(problem))
}
