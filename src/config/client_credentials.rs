//! Everything that the client credentials grant needs.

use std::time::Duration;

use super::application::{Application, ApplicationFlags, Needs};
use super::error::ConfigError;
use super::handover::handover;
use super::load_context::LoadContext;
use super::missing::Missing;
use super::network::Network;
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use super::token_request_options::TokenRequestOptions;
use crate::args::ClientCredentialsArgs;
use crate::deadline::Deadline;
use crate::output::{ClientCredentialsForm, Handover};
use crate::settings;

/// Everything that the client credentials grant needs.
#[derive(Debug)]
pub(crate) struct ClientCredentials {
    pub(crate) tenant: TenantRef,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) options: TokenRequestOptions,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) output: &'static ClientCredentialsForm,
    pub(crate) handover: Handover,
    pub(crate) cache: CacheUse,
}

/// How the cache of tokens is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheUse {
    /// A cached token is used while it is valid for this many seconds.
    MinTtl(i64),
    /// A new token is asked for, and cached.
    Fresh,
    None,
}

impl ClientCredentials {
    /// Resolves the settings; reads the settings files, the client secret and the private key.
    pub(crate) fn load(
        args: ClientCredentialsArgs,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let flags = &args.tenant;
        stdin::read_once([
            (
                stdin::is_stdin(flags.client_secret_file.as_deref()),
                "--client-secret-file -",
            ),
            (
                stdin::is_parameter(&args.application.parameter_files),
                "--parameter-file NAME=-",
            ),
        ])?;
        let is_tenant_known = flags.domain.is_some() || flags.issuer.is_some();
        let deadline = Deadline::after(Duration::from_secs_f64(flags.timeout));
        let sources = Sources::read(&flags.file, deadline, is_tenant_known, context)?;
        let recipient = sources.tenant(flags.domain.as_deref(), flags.issuer.as_deref())?;
        let sources = TenantSources::new(&sources, recipient.as_ref(), Purpose::Application);
        Self::resolve(args, &sources, context)
    }

    fn resolve(
        args: ClientCredentialsArgs,
        sources: &TenantSources<'_, '_>,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let flags = args.tenant;
        let needs = Needs {
            authentication: true,
            secret: false,
        };
        let application = ApplicationFlags::new(&args.application, &flags, needs);
        let mut missing = Missing::default();
        let tenant = missing.collect(sources.tenant(flags.discovery_url.as_deref()))?;
        let application = missing.collect(Application::load(application, sources))?;
        let audience = sources.text(flags.audience, settings::AUDIENCE)?;
        if !matches!(tenant, Some(TenantRef::Issuer { .. })) {
            missing.require(audience.as_ref(), settings::AUDIENCE);
        }
        missing.check()?;
        let (Some(tenant), Some(application)) = (tenant, application) else {
            return Err(missing.into_error());
        };
        Ok(Self {
            tenant,
            network: Network::new(
                sources.path(flags.ca_file, settings::CA_FILE)?,
                sources.deadline,
            ),
            application,
            options: TokenRequestOptions::new(args.application, sources)?,
            audience,
            // AUTH0_SCOPE is for logins: `openid` and the like mean nothing for an application.
            scope: flags.scope.filter(|scope| !scope.is_empty()),
            organization: sources.text(flags.organization, settings::ORGANIZATION)?,
            output: args.output,
            cache: match (args.fresh, args.no_cache) {
                (_, true) => CacheUse::None,
                (true, false) => CacheUse::Fresh,
                (false, false) => CacheUse::MinTtl(args.min_ttl.into()),
            },
            handover: handover(args.handover, Some(args.output.prints), context.variables)?,
        })
    }
}
