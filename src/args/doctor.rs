//! `padlock doctor`: the arguments.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::Args;

use super::application::ApplicationArgs;
use super::tenant::TenantArgs;
use super::values::{algorithm, without_control_characters};
use crate::keys::Algorithm;
use crate::output::{self, DoctorForm};

/// Check the settings, the connection, the tenant and the application
#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub(crate) struct DoctorArgs {
    /// Check the grant for a sign-in with the browser, in place of a password
    #[arg(long, conflicts_with = "device")]
    pub(crate) browser: bool,
    /// Check the grant for a sign-in on another device, in place of a password
    #[arg(long)]
    pub(crate) device: bool,
    /// Database connection to look users up in; an empty value for the default [env: AUTH0_REALM]
    #[arg(long, value_name = "CONNECTION", value_parser = without_control_characters)]
    pub(crate) realm: Option<String>,
    /// Algorithms that the id_token may be signed with, comma-separated [env: AUTH0_ALGORITHM]
    /// [default: RS256]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = algorithm)]
    pub(crate) algorithm: Vec<Algorithm>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
    /// What to print
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "table",
        help_heading = "Output"
    )]
    #[arg(value_parser = output::parser(&output::DOCTOR))]
    pub(crate) output: &'static DoctorForm,
}
