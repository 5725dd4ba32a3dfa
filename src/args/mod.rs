//! What a person types, and the help that explains it.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

mod application;
mod gates;
mod login;
mod second_factor;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{
    ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
};
use secrecy::SecretString;

pub use application::{ApplicationArgs, ClientAuthMethod};
pub(crate) use gates::GateArgs;
pub(crate) use login::{LoginArgs, LoginOutput};
pub use second_factor::{Factor, SecondFactorArgs};
pub(crate) use verify::{ClaimsOutput, KeyArgs, VerifyArgs};

use crate::keys::Algorithm;

const AFTER_HELP: &str = "\
A flag beats the environment, the environment beats .env in the working directory (or the file that
--env-file or --profile names).

Exit codes:
  0  done                     5  the tenant refused the application
  1  internal error           6  throttled: too many attempts or requests
  2  arguments or settings    7  the tenant is out of reach, or its answer makes no sense
  3  wrong credentials        8  the token is not to be trusted
  4  second factor needed     9  the token lacks a required claim
                              130  interrupted";

/// The command line as typed.
#[derive(Debug, Parser)]
#[command(
    name = "padlock",
    version,
    about = "Sign in to Auth0 with e-mail and password, verify the id_token, print who you are",
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// The command; without one, `login`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The arguments of a login without the word `login`.
    #[command(flatten)]
    pub login: LoginArgs,
    /// What every command takes.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// The commands besides the bare login.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Sign in with e-mail and password (the same as no command)
    #[command(after_help = AFTER_HELP)]
    Login(Box<LoginArgs>),
    /// Get an access token for the application itself (client credentials grant)
    #[command(after_help = AFTER_HELP)]
    ClientCredentials(Box<ClientCredentialsArgs>),
    /// Check tokens that came from elsewhere: all rules, or nothing
    #[command(after_help = AFTER_HELP)]
    Verify(Box<VerifyArgs>),
}

/// Arguments that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "General")]
pub struct CommonArgs {
    /// How a failure is written to stderr
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = ErrorFormat::Text)]
    pub error_format: ErrorFormat,
    /// Ask nothing, even on a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Tell on stderr what goes over the network, never a secret; twice for the names of headers, too
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// Where the tenant is and how to reach it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tenant")]
pub struct TenantArgs {
    /// Auth0 domain, such as acme.eu.auth0.com [env: AUTH0_DOMAIN]
    #[arg(long, value_name = "DOMAIN", conflicts_with = "issuer")]
    pub domain: Option<String>,
    /// Any OpenID provider instead, found by discovery [env: AUTH0_ISSUER]
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// The application [env: AUTH0_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// File with the application's secret, - for stdin [env: AUTH0_CLIENT_SECRET, the secret itself]
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// API identifier that the access token is for [env: AUTH0_AUDIENCE]
    #[arg(long, value_name = "API")]
    pub audience: Option<String>,
    /// Scopes to ask for [env: AUTH0_SCOPE] [default for a login: openid profile email]
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Certificates (PEM) to trust besides the system's [env: PADLOCK_CA_FILE]
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Seconds that the whole run may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub timeout: f64,
    /// Read settings from this file instead of .env
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub env_file: Option<PathBuf>,
    /// Read settings from NAME.env in padlock's configuration folder instead of .env
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// Get an access token for the application itself (client credentials grant)
#[derive(Debug, Args)]
pub struct ClientCredentialsArgs {
    /// What to print
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TokenOutput::AccessToken)]
    pub output: TokenOutput,
    /// How the application proves itself.
    #[command(flatten)]
    pub application: ApplicationArgs,
    /// Where the tenant is.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// What a command prints that gets no id_token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenOutput {
    /// the bare access token
    AccessToken,
    /// the line `Authorization: Bearer …`
    Header,
    /// a line for `curl --config -`
    Curl,
    /// the access token, its type, its life in seconds and its scope as JSON
    Json,
    /// the tenant's whole answer as JSON
    Tokens,
}

/// How a failure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// a line for people, then a hint
    Text,
    /// one JSON object on one line
    Json,
}

impl Cli {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// clap's; it may hold values, so it is not to be shown as it is. Help and version come this way too.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(arguments)?;
        if matches.subcommand_name().is_some() {
            refuse_login_arguments(&matches)?;
        }
        Self::from_arg_matches(&matches)
    }
}

/// A login's arguments before another command would be lost without a word.
fn refuse_login_arguments(matches: &ArgMatches) -> Result<(), clap::Error> {
    let common = ["error_format", "no_input", "verbose"];
    let typed = |id: &&str| {
        matches.value_source(id) == Some(ValueSource::CommandLine) && !common.contains(id)
    };
    let command = Cli::command();
    let Some(argument) = command
        .get_arguments()
        .find(|argument| typed(&argument.get_id().as_str()))
    else {
        return Ok(());
    };
    let mut error = clap::Error::new(ErrorKind::ArgumentConflict).with_cmd(&command);
    let name = argument.get_long().unwrap_or_default();
    error.insert(
        ContextKind::InvalidArg,
        ContextValue::String(format!("--{name}")),
    );
    Err(error)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.into())
}

/// One of the algorithms that padlock can verify, by its registered name.
///
/// # Errors
/// Names the algorithms that there are.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|_| {
        format!(
            "one of {} is meant",
            Algorithm::ALL.map(Algorithm::name).join(", ")
        )
    })
}

fn seconds(text: &str) -> Result<f64, String> {
    let range = 0.001..=86_400.0;
    text.parse()
        .ok()
        .filter(|seconds| range.contains(seconds))
        .ok_or_else(|| "0.001 to 86400 is meant".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_commands_own_help_begins_with_what_the_list_of_commands_says() {
        for listed in Cli::command().get_subcommands() {
            let own = listed.clone().render_help().to_string();
            assert!(
                own.starts_with(&listed.get_about().expect("a line").to_string()),
                "{own}"
            );
        }
    }

    #[test]
    fn a_password_may_begin_with_a_dash() {
        let cli = Cli::parse_from(["padlock", "--email", "a", "--password", "-x"]);
        assert_eq!(
            secrecy::ExposeSecret::expose_secret(&cli.login.password.unwrap()),
            "-x"
        );
    }
}
