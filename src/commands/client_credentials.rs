//! `padlock client-credentials`: an access token for the application itself.

use zeroize::Zeroizing;

use crate::args::ClientCredentialsArgs;
use crate::auth::Client;
use crate::config::ClientCredentials;
use crate::context::Context;
use crate::failure::Failure;
use crate::provider::Provider;

/// Runs the command.
pub(crate) fn client_credentials(
    args: ClientCredentialsArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let settings = context.load(|context| ClientCredentials::load(args, context))?;
    let http = context.http(&settings.network)?;
    let provider = Provider::find(&http, &settings.tenant)?;
    provider.require_grant("client_credentials")?;
    let (application, options) = (&settings.application, &settings.options);
    let client = Client::new(&http, &provider, application, options, context.clock);
    let (audience, scope) = (settings.audience.as_deref(), settings.scope.as_deref());
    let organization = settings.organization.as_deref();
    let response = client.client_credentials(audience, scope, organization)?;
    response.bearer()?;
    let destination = context.destination(&settings.handover);
    Ok((settings.output.render)(&response, destination)?)
}
