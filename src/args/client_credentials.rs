//! `padlock client-credentials`: the arguments.

use clap::Args;

use super::application::ApplicationArgs;
use super::handover::HandoverArgs;
use super::tenant::TenantArgs;
use super::values::seconds;
use crate::output::{self, ClientCredentialsForm};

/// Seconds of remaining lifetime with which a cached token is still used.
const MIN_TTL: u32 = 60;

/// Get an access token for the application itself (client credentials grant)
#[derive(Debug, Args)]
pub(crate) struct ClientCredentialsArgs {
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "access-token")]
    #[arg(value_parser = output::parser(&output::CLIENT_CREDENTIALS))]
    #[arg(help_heading = "Output")]
    pub(crate) output: &'static ClientCredentialsForm,
    #[command(flatten)]
    pub(crate) handover: HandoverArgs,
    /// Remaining lifetime, in seconds, with which a cached token is still used
    #[arg(long, value_name = "SECONDS", default_value_t = MIN_TTL)]
    #[arg(value_parser = seconds, allow_negative_numbers = true)]
    #[arg(help_heading = "Cache")]
    pub(crate) min_ttl: u32,
    /// Request a new token even if a cached one is valid
    #[arg(long, conflicts_with = "no_cache")]
    #[arg(help_heading = "Cache")]
    pub(crate) fresh: bool,
    /// Neither use a cached token nor cache the new one
    #[arg(long)]
    #[arg(help_heading = "Cache")]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
}

impl ClientCredentialsArgs {
    /// What another command asks for that needs such a token.
    pub(crate) fn new(min_ttl: u32, application: ApplicationArgs, tenant: TenantArgs) -> Self {
        Self {
            output: &output::CLIENT_CREDENTIALS[0],
            handover: HandoverArgs { shell: None },
            min_ttl,
            fresh: false,
            no_cache: false,
            application,
            tenant,
        }
    }
}
