//! `padlock` and `padlock login`: the arguments.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use secrecy::SecretString;

use super::{ApplicationArgs, GateArgs, SecondFactorArgs, TenantArgs, algorithm, secret};
use crate::keys::Algorithm;
use crate::verify::Policy;

/// Sign in with e-mail and password (the same as no command)
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("password_source").args(["password", "password_stdin", "password_file"]))]
pub struct LoginArgs {
    /// Who signs in [env: PADLOCK_EMAIL]
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    /// The password; other users of this machine can read it in the list of processes, so prefer to be asked, or
    /// one of the next two [env: PADLOCK_PASSWORD]
    #[arg(long, value_name = "PASSWORD", allow_hyphen_values = true, value_parser = secret)]
    pub password: Option<SecretString>,
    /// Read the password from stdin
    #[arg(long)]
    pub password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Database connection to look the user up in [env: AUTH0_REALM]
    #[arg(long, value_name = "CONNECTION")]
    pub realm: Option<String>,
    /// The user's own address, for a trusted back-end that signs in for them [env: AUTH0_FORWARDED_FOR]
    #[arg(long, value_name = "IP")]
    pub forwarded_for: Option<IpAddr>,
    /// What the id_token must be signed with, several separated by commas [env: AUTH0_ALGORITHM] [default: RS256]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = algorithm)]
    pub algorithm: Vec<Algorithm>,
    /// Seconds by which clocks may differ (0 to 300)
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT_LEEWAY)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=300))]
    pub leeway: u32,
    /// Refuse a user who signed in longer ago than this, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub max_age: Option<u32>,
    /// What to print
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LoginOutput::Table)]
    pub output: LoginOutput,
    /// Print this claim alone
    #[arg(long, value_name = "NAME", conflicts_with = "output")]
    pub claim: Option<String>,
    /// Add a table of all claims
    #[arg(long, conflicts_with = "claim")]
    pub all_claims: bool,
    /// Ask the userinfo endpoint too, and show its answer apart
    #[arg(long, conflicts_with = "claim")]
    pub userinfo: bool,
    /// The second factor.
    #[command(flatten)]
    pub second_factor: SecondFactorArgs,
    /// How the application proves itself.
    #[command(flatten)]
    pub application: ApplicationArgs,
    /// What the login must grant.
    #[command(flatten)]
    pub gates: GateArgs,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// What a login prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LoginOutput {
    /// the user's name, e-mail address, nickname and ID
    Table,
    /// the verified claims, one JSON object
    Json,
    /// the bare id_token
    IdToken,
    /// the bare access token
    AccessToken,
    /// the tenant's whole answer as JSON: secrets
    Tokens,
    /// the access token as a line `Authorization: Bearer …`
    Header,
    /// the access token as a line for `curl --config -`
    Curl,
}
