//! `padlock setup` and `padlock profiles`: the arguments.

use std::path::PathBuf;

use clap::Args;

use super::values::{identifier, optional_file, timeout, without_control_characters};
use crate::output::{self, ProfilesForm};

/// Write a profile of settings by asking for them
#[derive(Debug, Args)]
#[command(next_help_heading = "Profile")]
pub(crate) struct SetupArgs {
    /// Name of the profile: NAME.env in padlock's configuration folder [default: default, which is
    /// used where nothing else names a tenant]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Replace the profile if it exists, without asking
    #[arg(long)]
    pub(crate) replace: bool,
    /// Write the settings without checking them at the tenant
    #[arg(long)]
    pub(crate) no_check: bool,
    /// Auth0 domain, such as acme.eu.auth0.com
    #[arg(long, value_name = "DOMAIN", conflicts_with = "issuer", value_parser = identifier)]
    #[arg(help_heading = "Tenant")]
    pub(crate) domain: Option<String>,
    /// Issuer URL of any other OpenID provider
    #[arg(long, value_name = "URL", value_parser = identifier, help_heading = "Tenant")]
    pub(crate) issuer: Option<String>,
    /// Client ID of the application
    #[arg(long, value_name = "ID", value_parser = identifier, help_heading = "Application")]
    pub(crate) client_id: Option<String>,
    /// File with the client secret, - for stdin; the secret itself is written to the profile; an
    /// empty value for none
    #[arg(long, value_name = "FILE", value_parser = optional_file())]
    #[arg(help_heading = "Application")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// API that access tokens are for; an empty value for none
    #[arg(long, value_name = "API", value_parser = without_control_characters)]
    #[arg(help_heading = "Application")]
    pub(crate) audience: Option<String>,
    /// Database connection to look users up in; an empty value for the default
    #[arg(long, value_name = "CONNECTION", value_parser = without_control_characters)]
    #[arg(help_heading = "Application")]
    pub(crate) realm: Option<String>,
    /// PEM certificates to trust in addition to the system's; an empty value for none
    #[arg(long, value_name = "FILE", value_parser = optional_file(), help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Time limit for checking the settings, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30.0,
        help_heading = "Network"
    )]
    #[arg(value_parser = timeout, allow_negative_numbers = true)]
    pub(crate) timeout: f64,
}

/// List the profiles, with their tenants and saved sessions
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ProfilesArgs {
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    #[arg(value_parser = output::parser(&output::PROFILES))]
    pub(crate) output: &'static ProfilesForm,
}
