//! `padlock guard`: answers a reverse proxy whether a request's bearer token is valid and sufficient.

use zeroize::Zeroizing;

use crate::args::GuardArgs;
use crate::config::{ConfigError, Guard};
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::{report_keys, serve};
use crate::provider::KeyFetcher;
use crate::verdict::{Criteria, TrustedIssuer};
use crate::verify::Requirements;

/// Runs the command, until a signal ends it.
pub(crate) fn guard(args: GuardArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let settings = context.load(|context| Guard::load(args, context))?;
    let network = settings.network.as_ref();
    let http = network.map(|network| context.http(network)).transpose()?;
    let mut fetcher = http.map(|http| {
        KeyFetcher::new(
            http,
            settings.no_cache,
            context.clock,
            Box::new(report_keys),
        )
    });
    let keys = settings.keys.clone();
    let issuers = TrustedIssuer::all(keys, &settings.policy, |place| {
        let fetcher = fetcher.as_mut().ok_or(ConfigError::NoKeys)?;
        Ok::<_, ConfigError>(fetcher.watch(place))
    })?;
    let mut checks = settings.checks.iter();
    let requires = checks.any(|check| !check.requirements.is_empty());
    let criteria = Criteria {
        issuers,
        requirements: Requirements::default(),
        reads_claims: requires || !settings.passed_claims.is_empty(),
        roles: None,
        access_token: None,
        at: None,
        clock: context.clock,
    };
    serve(settings, criteria, fetcher, context.variables)?;
    Ok(Zeroizing::default())
}
