//! `padlock` and `padlock login`: the arguments.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};
use secrecy::SecretString;

use super::application::ApplicationArgs;
use super::browser::BrowserArgs;
use super::handover::HandoverArgs;
use super::requirements::RequirementArgs;
use super::second_factor::SecondFactorArgs;
use super::session::SaveArgs;
use super::tenant::TenantArgs;
use super::values::{
    AlgorithmParser, address, identifier, leeway, seconds, secret, without_control_characters,
};
use crate::keys::{Algorithm, SecretEncoding};
use crate::output::{self, SignInForm};
use crate::verify::Policy;

/// Sign in with e-mail and password, a browser or another device (the same as no command)
#[derive(Debug, Args)]
#[command(next_help_heading = "Who")]
#[command(group = ArgGroup::new("password_source").args(["password", "password_stdin", "password_file", "password_command"]))]
pub(crate) struct LoginArgs {
    /// E-mail address or user name [env: PADLOCK_EMAIL]
    #[arg(short, long, value_name = "EMAIL", value_parser = identifier)]
    pub(crate) email: Option<String>,
    /// Database connection to look the user up in; an empty value for the default [env: AUTH0_REALM]
    #[arg(long, value_name = "CONNECTION", value_parser = without_control_characters)]
    pub(crate) realm: Option<String>,
    /// IP address of the user, for a trusted back-end that signs users in [env: AUTH0_FORWARDED_FOR]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) forwarded_for: Option<IpAddr>,
    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
    /// Password; other users of this machine can see it in the process list, so prefer the prompt,
    /// --password-stdin, --password-file or --password-command [env: PADLOCK_PASSWORD]
    #[arg(long, value_name = "PASSWORD", allow_hyphen_values = true, value_parser = secret)]
    #[arg(help_heading = "Password")]
    pub(crate) password: Option<SecretString>,
    /// Read the password from stdin; --otp-stdin then reads the code from the second line
    #[arg(long, help_heading = "Password")]
    pub(crate) password_stdin: bool,
    /// Read the password from a file [env: PADLOCK_PASSWORD_FILE]
    #[arg(long, value_name = "FILE", help_heading = "Password")]
    pub(crate) password_file: Option<PathBuf>,
    /// Shell command that prints the password on its first line
    #[arg(long, value_name = "COMMAND", value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Password")]
    pub(crate) password_command: Option<String>,
    #[command(flatten)]
    pub(crate) second_factor: SecondFactorArgs,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,
    /// What to print
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    #[arg(value_parser = output::parser(&output::SIGN_IN))]
    #[arg(help_heading = "Output")]
    pub(crate) output: &'static SignInForm,
    #[command(flatten)]
    pub(crate) handover: HandoverArgs,
    /// Print only this claim, by its name, a JSON Pointer (/a/b) or a path (a.b); repeatable, one per
    /// line
    #[arg(long, value_name = "NAME", conflicts_with = "output")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Output")]
    pub(crate) claim: Vec<String>,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    /// Add a table of all claims to --output table
    #[arg(long, conflicts_with = "claim")]
    #[arg(help_heading = "Output")]
    pub(crate) all_claims: bool,
    /// Query the userinfo endpoint too, and print its response separately
    #[arg(long, conflicts_with = "claim")]
    #[arg(help_heading = "Output")]
    pub(crate) userinfo: bool,
    #[command(flatten)]
    pub(crate) requirements: RequirementArgs,
    /// Algorithms that the id_token may be signed with, comma-separated [env: AUTH0_ALGORITHM]
    /// [default: RS256]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = AlgorithmParser)]
    #[arg(hide_possible_values = true)]
    #[arg(help_heading = "Verification of the id_token")]
    pub(crate) algorithm: Vec<Algorithm>,
    /// How the client secret is the key of HS256 [default: text]
    #[arg(long, value_enum, value_name = "ENCODING")]
    #[arg(help_heading = "Verification of the id_token")]
    pub(crate) client_secret_encoding: Option<SecretEncoding>,
    /// Allowed clock difference in seconds (0 to 300)
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT_LEEWAY)]
    #[arg(value_parser = leeway, allow_negative_numbers = true)]
    #[arg(help_heading = "Verification of the id_token")]
    pub(crate) leeway: u32,
    /// Reject sign-ins older than this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    #[arg(help_heading = "Verification of the id_token")]
    pub(crate) max_age: Option<u32>,
}
