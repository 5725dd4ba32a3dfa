//! Which saved session a command uses, and how it is renewed.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::application::ApplicationArgs;
use super::requirements::RequirementArgs;
use super::second_factor::SecondFactorArgs;
use super::tenant::{SettingsFileArgs, TenantArgs};
use super::values::{AlgorithmParser, identifier, leeway, min_ttl};
use crate::keys::{Algorithm, SecretEncoding};
use crate::verify::Policy;

/// A kind of store for sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// files that are encrypted with a key in the keyring (Linux: Secret Service)
    Keyring,
    /// private files below the user's state folder
    File,
}

impl StoreKind {
    /// The name that `--store` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

/// Whether a sign-in is kept, and where.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SaveArgs {
    /// Keep the session: adds the scope offline_access, for padlock token
    #[arg(long)]
    #[arg(help_heading = "Output")]
    pub(crate) save: bool,
    /// Where to keep the session [env: PADLOCK_STORE] [default: the keyring, else files]
    #[arg(long, value_enum, value_name = "STORE", requires = "save")]
    #[arg(help_heading = "Output")]
    pub(crate) store: Option<StoreKind>,
}

/// Which saved session to use, and how to renew it.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    /// Account of the session: e-mail address, user name or ID [env: PADLOCK_EMAIL]
    #[arg(short, long, value_name = "EMAIL", value_parser = identifier)]
    #[arg(help_heading = "Session")]
    pub(crate) email: Option<String>,
    /// Store of the session [env: PADLOCK_STORE]
    #[arg(long, value_enum, value_name = "STORE")]
    #[arg(help_heading = "Session")]
    pub(crate) store: Option<StoreKind>,
    /// Seconds for which the token must still be valid
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    #[arg(value_parser = min_ttl, allow_negative_numbers = true)]
    #[arg(help_heading = "Session")]
    pub(crate) min_ttl: u32,
    #[command(flatten)]
    pub(crate) second_factor: SecondFactorArgs,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
    #[command(flatten)]
    pub(crate) requirements: RequirementArgs,
    /// Algorithms that a renewed id_token may be signed with, comma-separated [env: AUTH0_ALGORITHM]
    /// [default: RS256]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = AlgorithmParser)]
    #[arg(hide_possible_values = true)]
    #[arg(help_heading = "Verification of a renewed id_token")]
    pub(crate) algorithm: Vec<Algorithm>,
    /// How the client secret is the key of HS256
    #[arg(long, value_enum, value_name = "ENCODING", default_value_t = SecretEncoding::Text)]
    #[arg(help_heading = "Verification of a renewed id_token")]
    pub(crate) client_secret_encoding: SecretEncoding,
    /// Allowed clock difference in seconds (0 to 300)
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT_LEEWAY)]
    #[arg(value_parser = leeway, allow_negative_numbers = true)]
    #[arg(help_heading = "Verification of a renewed id_token")]
    pub(crate) leeway: u32,
}

/// Which saved sessions to show.
#[derive(Debug, Args)]
#[command(next_help_heading = "Session")]
pub(crate) struct SessionFilterArgs {
    /// Account of the session: e-mail address, user name or ID [env: PADLOCK_EMAIL]
    #[arg(short, long, value_name = "EMAIL", value_parser = identifier)]
    pub(crate) email: Option<String>,
    /// Store of the session [env: PADLOCK_STORE]
    #[arg(long, value_enum, value_name = "STORE")]
    pub(crate) store: Option<StoreKind>,
    /// Auth0 domain, such as acme.eu.auth0.com [env: AUTH0_DOMAIN]
    #[arg(long, value_name = "DOMAIN", conflicts_with = "issuer", value_parser = identifier)]
    pub(crate) domain: Option<String>,
    /// Issuer URL of any other OpenID provider [env: AUTH0_ISSUER]
    #[arg(long, value_name = "URL", value_parser = identifier)]
    pub(crate) issuer: Option<String>,
    /// Client ID of the application [env: AUTH0_CLIENT_ID]
    #[arg(long, value_name = "ID", value_parser = identifier)]
    pub(crate) client_id: Option<String>,
    #[command(flatten)]
    pub(crate) file: SettingsFileArgs,
}
