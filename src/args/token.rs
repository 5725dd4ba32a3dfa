//! `padlock token`, `run`, `status` and `logout`: the arguments.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::application::ApplicationArgs;
use super::handover::HandoverArgs;
use super::session::{SessionArgs, SessionFilterArgs, StoreKind};
use super::tenant::TenantArgs;
use super::values::{claim_variable, environment_name, identifier};
use crate::output::{self, StatusForm, TokenForm};

/// Print a valid access token of the saved session, renewed if needed
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "access-token")]
    #[arg(value_parser = output::parser(&output::TOKEN))]
    #[arg(help_heading = "Output")]
    pub(crate) output: &'static TokenForm,
    #[command(flatten)]
    pub(crate) handover: HandoverArgs,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

/// Run a command with an access token in its environment
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Variable that gets the access token
    #[arg(long, value_name = "NAME", default_value = "PADLOCK_ACCESS_TOKEN")]
    #[arg(value_parser = environment_name)]
    #[arg(help_heading = "Command")]
    pub(crate) token_env: String,
    /// Variable that gets a claim of the id_token; repeatable
    #[arg(long, value_name = "NAME=CLAIM", value_parser = claim_variable)]
    #[arg(conflicts_with = "with")]
    #[arg(help_heading = "Command")]
    pub(crate) claim_env: Vec<(String, String)>,
    /// Where the token comes from [default: the saved session]
    #[arg(long, value_enum, value_name = "GRANT")]
    #[arg(help_heading = "Command")]
    pub(crate) with: Option<TokenSource>,
    /// Leave padlock's own secrets in the command's environment
    #[arg(long)]
    #[arg(help_heading = "Command")]
    pub(crate) keep_env: bool,
    #[command(flatten)]
    pub(crate) session: SessionArgs,
    /// Command to run, and its arguments, after --
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Where the token of `run` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenSource {
    /// a token for the application itself
    ClientCredentials,
}

/// Show the saved session: who, where, and for how long
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Show all saved sessions, whatever the settings say
    #[arg(long, conflicts_with_all = ["email", "store", "domain", "issuer", "client_id"])]
    #[arg(help_heading = "Session")]
    pub(crate) all: bool,
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    #[arg(value_parser = output::parser(&output::STATUS))]
    #[arg(help_heading = "Output")]
    pub(crate) output: &'static StatusForm,
    #[command(flatten)]
    pub(crate) filter: SessionFilterArgs,
}

/// Revoke the saved session at the tenant, and delete it
#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// End all saved sessions, whatever the settings say
    #[arg(long, conflicts_with_all = ["email", "store", "domain", "issuer", "client_id"])]
    #[arg(help_heading = "Session")]
    pub(crate) all: bool,
    /// Only delete the session here; it stays valid at the tenant
    #[arg(long)]
    #[arg(help_heading = "Session")]
    pub(crate) local: bool,
    /// Account of the session: e-mail address, user name or ID [env: PADLOCK_EMAIL]
    #[arg(short, long, value_name = "EMAIL", value_parser = identifier)]
    #[arg(help_heading = "Session")]
    pub(crate) email: Option<String>,
    /// Store of the session [env: PADLOCK_STORE]
    #[arg(long, value_enum, value_name = "STORE")]
    #[arg(help_heading = "Session")]
    pub(crate) store: Option<StoreKind>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
}
