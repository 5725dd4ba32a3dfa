//! Where the tenant is and how to reach it.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use std::path::PathBuf;

use clap::Args;

use super::values::{identifier, optional_file, timeout, without_control_characters};

/// Where the tenant is and how to reach it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tenant")]
pub(crate) struct TenantArgs {
    /// Auth0 domain, such as acme.eu.auth0.com [env: AUTH0_DOMAIN]
    #[arg(long, value_name = "DOMAIN", conflicts_with = "issuer", value_parser = identifier)]
    pub(crate) domain: Option<String>,
    /// Issuer URL of any other OpenID provider, found by discovery [env: AUTH0_ISSUER]
    #[arg(long, value_name = "URL", value_parser = identifier)]
    pub(crate) issuer: Option<String>,
    /// The issuer's discovery document, if it is not at the issuer's own address
    #[arg(long, value_name = "URL", conflicts_with = "domain")]
    #[arg(value_parser = without_control_characters)]
    pub(crate) discovery_url: Option<String>,
    #[command(flatten)]
    pub(crate) file: SettingsFileArgs,
    /// Client ID of the application [env: AUTH0_CLIENT_ID]
    #[arg(long, value_name = "ID", value_parser = identifier)]
    #[arg(help_heading = "Application")]
    pub(crate) client_id: Option<String>,
    /// File with the client secret, - for stdin [env: AUTH0_CLIENT_SECRET_FILE] [env:
    /// AUTH0_CLIENT_SECRET, the secret itself]
    #[arg(long, value_name = "FILE")]
    #[arg(help_heading = "Application")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// API that the access token is for [env: AUTH0_AUDIENCE]
    #[arg(long, value_name = "API", value_parser = identifier)]
    #[arg(help_heading = "Application")]
    pub(crate) audience: Option<String>,
    /// Scopes to request [env: AUTH0_SCOPE, for a login] [default for a login: openid profile email]
    #[arg(long, value_name = "SCOPES", value_parser = without_control_characters)]
    #[arg(help_heading = "Application")]
    pub(crate) scope: Option<String>,
    /// Organization to sign in to with --browser, or that the application gets a token for
    /// [env: AUTH0_ORGANIZATION]
    #[arg(long, value_name = "ORGANIZATION", value_parser = identifier)]
    #[arg(help_heading = "Application")]
    pub(crate) organization: Option<String>,
    /// PEM certificates to trust in addition to the system's; an empty value for none [env:
    /// PADLOCK_CA_FILE]
    #[arg(long, value_name = "FILE", value_parser = optional_file())]
    #[arg(help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Time limit for the whole run, in seconds; restarts after a prompt
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    #[arg(value_parser = timeout, allow_negative_numbers = true)]
    #[arg(help_heading = "Network")]
    pub(crate) timeout: f64,
}

/// Which settings file to read.
#[derive(Clone, Debug, Args)]
pub(crate) struct SettingsFileArgs {
    /// Read settings from this file, before the environment
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub(crate) env_file: Option<PathBuf>,
    /// Read settings from NAME.env in padlock's configuration folder, before the environment
    /// [env: PADLOCK_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}
