//! Everything that the client credentials grant needs.

use super::application::{Application, ApplicationFlags};
use super::error::ConfigError;
use super::network::Network;
use super::source::{Sources, Variables};
use super::stdin;
use super::tenant::{self, TenantRef};
use super::token_request_options::TokenRequestOptions;
use crate::args::ClientCredentialsArgs;
use crate::output::ClientCredentialsForm;
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
    pub(crate) output: &'static ClientCredentialsForm,
    /// For the user, about settings that are ignored.
    pub(crate) notes: Vec<String>,
}

impl ClientCredentials {
    /// Resolves the settings; reads the settings file, the client secret and the private key.
    pub(crate) fn load(
        args: ClientCredentialsArgs,
        variables: Variables<'_>,
    ) -> Result<Self, ConfigError> {
        let tenant = args.tenant;
        let sources = Sources::load(&tenant.file, tenant.timeout, variables)?;
        let place = tenant::load(
            tenant.domain,
            tenant.issuer,
            tenant.discovery_url.as_deref(),
            tenant.ca_file,
            &sources,
        )?;
        let secret_from_stdin = stdin::is_stdin(tenant.client_secret_file.as_deref());
        let parameter_from_stdin = stdin::is_parameter(&args.application.parameter_files);
        stdin::read_once([
            (secret_from_stdin, "--client-secret-file -"),
            (parameter_from_stdin, "--parameter-file NAME=-"),
        ])?;
        let (client_id, secret_file) = (tenant.client_id, tenant.client_secret_file);
        let application = ApplicationFlags::new(&args.application, client_id, secret_file);
        let application = Application::load(application, &sources)?;
        application.require_authentication()?;
        let audience = sources.text(tenant.audience, settings::AUDIENCE)?;
        if audience.is_none() && matches!(place.tenant, TenantRef::Auth0(_)) {
            return Err(ConfigError::Missing(settings::AUDIENCE));
        }
        Ok(Self {
            tenant: place.tenant,
            network: Network::new(place.ca_file, sources.deadline),
            application,
            options: TokenRequestOptions::new(
                args.application.parameters,
                args.application.parameter_files,
                sources.deadline,
            )?,
            audience,
            // AUTH0_SCOPE is for logins: `openid` and the like mean nothing for an application.
            scope: tenant.scope.filter(|scope| !scope.is_empty()),
            output: args.output,
            notes: place.notes,
        })
    }
}
