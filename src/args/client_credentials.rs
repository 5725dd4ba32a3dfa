//! `padlock client-credentials`: the arguments.

use clap::Args;

use super::application::ApplicationArgs;
use super::handover::HandoverArgs;
use super::tenant::TenantArgs;
use crate::output::{self, ClientCredentialsForm};

/// Get an access token for the application itself (client credentials grant)
#[derive(Debug, Args)]
pub(crate) struct ClientCredentialsArgs {
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "access-token")]
    #[arg(value_parser = output::parser(&output::CLIENT_CREDENTIALS))]
    pub(crate) output: &'static ClientCredentialsForm,
    #[command(flatten)]
    pub(crate) handover: HandoverArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
}
