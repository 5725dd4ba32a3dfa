//! The command line, and the help that explains it.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

mod values;
mod tenant;
mod application;
mod requirements;
mod browser;
mod second_factor;
mod handover;
mod session;
mod login;
mod client_credentials;
mod token;
mod verify;
mod check;
mod guard;
mod doctor;
mod setup;
mod help;
mod guides;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use application::{ApplicationArgs, ClientAuthMethod};
pub(crate) use browser::BrowserArgs;
pub(crate) use check::CheckArgs;
pub(crate) use client_credentials::ClientCredentialsArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use guard::{GuardArgs, ListenAddress, SocketArgs};
pub(crate) use guides::{CompletionsArgs, ManArgs, Shell};
pub(crate) use handover::HandoverArgs;
pub(crate) use login::LoginArgs;
pub(crate) use requirements::RequirementArgs;
pub(crate) use second_factor::{Factor, SecondFactorArgs};
pub(crate) use session::{SaveArgs, SessionArgs, SessionFilterArgs, StoreKind};
pub(crate) use setup::{ProfilesArgs, SetupArgs};
pub(crate) use tenant::{SettingsFileArgs, TenantArgs};
pub(crate) use token::{LogoutArgs, RunArgs, StatusArgs, TokenArgs};
pub(crate) use values::{address, algorithm, without_control_characters};
pub(crate) use verify::{
    FetchArgs, KeyArgs, NetworkArgs, OneTokenArgs, ResultArgs, RuleArgs, VerifyArgs,
};

use crate::keys::SecretEncoding;
use crate::output::ErrorFormat;

/// A command with its arguments, as it was typed.
#[derive(Debug)]
pub struct Invocation {
    pub(crate) command: Command,
    /// The arguments of every command.
    pub common: CommonArgs,
}

impl Invocation {
    /// Whether the command ends in its own way at Ctrl-C and the like.
    #[must_use]
    pub fn handles_signals(&self) -> bool {
        matches!(self.command, Command::Guard(_))
    }
}

/// The definition of the command line.
#[derive(Debug, Parser)]
#[command(
    name = "padlock",
    version,
    about = "Sign in to Auth0 or another OpenID provider, verify the id_token, show who you are",
    max_term_width = 80
)]
pub struct Cli {
    /// Without a command, a login.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The arguments of a login without a command.
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    /// The arguments of every command.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// The definition of a command line whose first argument names a command, without a login's
/// arguments: there are many, and a script that calls `padlock token` often need not build them.
#[derive(Debug, Parser)]
#[command(name = "padlock", disable_version_flag = true)]
struct NamedCommand {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: CommonArgs,
}

/// The definition of a login without a command, without the commands: a login need not build them.
#[derive(Debug, Parser)]
#[command(
    name = "padlock",
    disable_version_flag = true,
    disable_help_flag = true
)]
struct LoginAlone {
    #[command(flatten)]
    login: LoginArgs,
    #[command(flatten)]
    common: CommonArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Sign in with e-mail and password, a browser or another device (the same as no command)
    Login(Box<LoginArgs>),
    /// Get an access token for the application itself (client credentials grant)
    ClientCredentials(Box<ClientCredentialsArgs>),
    /// Print a valid access token of the saved session, renewed if needed
    Token(Box<TokenArgs>),
    /// Run a command with an access token in its environment
    Run(Box<RunArgs>),
    /// Show the saved session: who, where, and for how long
    #[command(visible_alias = "whoami")]
    Status(Box<StatusArgs>),
    /// Revoke the saved session at the tenant, and delete it
    Logout(Box<LogoutArgs>),
    /// Verify tokens issued elsewhere
    Verify(Box<VerifyArgs>),
    /// Answer a reverse proxy whether a request's bearer token is valid and sufficient
    Guard(Box<GuardArgs>),
    /// Print the completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page of padlock, or write the page of every command into a folder
    Man(ManArgs),
    /// Write a profile of settings by asking for them
    Setup(Box<SetupArgs>),
    /// List the profiles, with their tenants and saved sessions
    Profiles(Box<ProfilesArgs>),
    /// Check the settings, the connection, the tenant and the application
    Doctor(Box<DoctorArgs>),
    /// Print the version
    Version,
}

/// The arguments of every command.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "General")]
pub struct CommonArgs {
    /// How errors are written to stderr
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    #[arg(default_value_t = ErrorFormat::Text)]
    pub error_format: ErrorFormat,
    /// Never prompt
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Log requests to stderr (-vv: header names too), unless errors are JSON; never logs secrets
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl Cli {
    /// The version, if the arguments ask for nothing else: scripts do that, and the definition of
    /// the command line takes longer to build than all the rest.
    #[must_use]
    pub fn version_alone(arguments: &[OsString]) -> Option<&'static str> {
        match arguments {
            [_, only] if only == "--version" || only == "-V" => Some(VERSION),
            [_, only] if only == "version" => Some(BUILD),
            _ => None,
        }
    }

    /// Parses a command line, the program's name first.
    ///
    /// # Errors
    /// clap's; it may hold values, so it must not be shown as it is. Help and version come this way
    /// too.
    pub fn read(arguments: &[OsString]) -> Result<Invocation, clap::Error> {
        // What is wrong, and help, is for the whole definition to say.
        if let Ok(invocation) = in_part(arguments) {
            return Ok(invocation);
        }
        let matches = match Self::command().try_get_matches_from(arguments) {
            Err(error) if error.kind() == ErrorKind::DisplayHelp => {
                return Err(help_for(arguments).unwrap_or(error));
            }
            matches => matches?,
        };
        if let Some(command) = matches.subcommand_name() {
            refuse_login_arguments(&matches, command)?;
        }
        let cli = Self::from_arg_matches(&matches)?;
        Ok(Invocation {
            command: cli.command.unwrap_or(Command::Login(Box::new(cli.login))),
            common: cli.common,
        })
    }
}

/// The definition of the command line with all of its help: for `--help`, man pages and
/// completions.
pub(crate) fn definition() -> clap::Command {
    help::complete(Cli::command())
}

/// The help that these arguments ask for.
fn help_for(arguments: &[OsString]) -> Option<clap::Error> {
    let is_long = arguments.iter().any(|one| one == "--help" || one == "help");
    let definition = if is_long {
        definition()
    } else {
        help::short(Cli::command())
    };
    definition.try_get_matches_from(arguments).err()
}

/// The command line by the part of the definition that its first argument calls for.
fn in_part(arguments: &[OsString]) -> Result<Invocation, clap::Error> {
    let first = arguments.get(1).map(OsString::as_os_str);
    if first.is_some_and(|first| !first.as_encoded_bytes().starts_with(b"-")) {
        let NamedCommand { command, common } = NamedCommand::try_parse_from(arguments)?;
        return Ok(Invocation { command, common });
    }
    let LoginAlone { login, common } = LoginAlone::try_parse_from(arguments)?;
    let command = Command::Login(Box::new(login));
    Ok(Invocation { command, common })
}

/// The arguments of a sign-in that takes the place of a session that has ended.
pub(crate) fn sign_in_again(session: &SessionArgs) -> Option<LoginArgs> {
    let login = Cli::try_parse_from(["padlock"]).ok()?.login;
    Some(LoginArgs {
        email: session.email.clone(),
        algorithm: session.algorithm.clone(),
        client_secret_encoding: Some(session.client_secret_encoding)
            .filter(|encoding| *encoding != SecretEncoding::Text),
        leeway: session.leeway,
        save: SaveArgs {
            save: true,
            store: session.store,
        },
        second_factor: session.second_factor.clone(),
        application: session.application.clone(),
        requirements: session.requirements.clone(),
        tenant: session.tenant.clone(),
        ..login
    })
}

/// The arguments of a `doctor` to whom nothing is said.
pub(crate) fn default_doctor() -> Option<DoctorArgs> {
    match NamedCommand::try_parse_from(["padlock", "doctor"])
        .ok()?
        .command
    {
        Command::Doctor(args) => Some(*args),
        _ => None,
    }
}

/// What `--version` prints.
pub(crate) const VERSION: &str = concat!("padlock ", env!("CARGO_PKG_VERSION"), "\n");

macro_rules! build {
    ($note:literal) => {
        concat!(
            "padlock ",
            env!("CARGO_PKG_VERSION"),
            "\ncommit ",
            env!("PADLOCK_COMMIT"),
            "\ntarget ",
            env!("PADLOCK_TARGET"),
            "\n",
            $note
        )
    };
}

/// What `padlock version` prints: the version, what it was built from and for, and whether without
/// the setting in `.cargo/config.toml`.
pub(crate) const BUILD: &str = match option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY") {
    Some(_) => build!(""),
    None => {
        build!("slow start: built without AWS_LC_SYS_NO_JITTER_ENTROPY=1 (README, \"Install\")\n")
    }
};

/// A login's arguments before another command would be ignored silently.
fn refuse_login_arguments(matches: &ArgMatches, command: &str) -> Result<(), clap::Error> {
    let common = ["error_format", "no_input", "verbose"];
    let is_typed = |argument: &&Arg| {
        let id = argument.get_id().as_str();
        matches.value_source(id) == Some(ValueSource::CommandLine) && !common.contains(&id)
    };
    let cli = Cli::command();
    let Some(argument) = cli.get_arguments().find(is_typed) else {
        return Ok(());
    };
    // The arguments of commands are only defined when they are built.
    let mut built = cli.clone();
    built.build();
    let has_it = |command: &clap::Command| {
        let mut arguments = command.get_arguments();
        arguments.any(|one| one.get_long() == argument.get_long())
    };
    let kind = if built.find_subcommand(command).is_some_and(has_it) {
        ErrorKind::ArgumentConflict
    } else {
        ErrorKind::UnknownArgument
    };
    let mut error = clap::Error::new(kind);
    let name = format!("--{}", argument.get_long().unwrap_or_default());
    error.insert(ContextKind::InvalidArg, ContextValue::String(name));
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_alone_is_the_version_of_the_command_line() {
        assert_eq!(Cli::command().render_version(), VERSION);
        let arguments = |list: &[&str]| list.iter().map(OsString::from).collect::<Vec<_>>();
        for (alone, printed) in [("--version", VERSION), ("-V", VERSION), ("version", BUILD)] {
            let alone = arguments(&["padlock", alone]);
            assert_eq!(Cli::version_alone(&alone), Some(printed));
        }
        for other in [
            &["padlock"][..],
            &["padlock", "--version", "-v"],
            &["padlock", "-v"],
        ] {
            assert_eq!(Cli::version_alone(&arguments(other)), None);
        }
    }

    #[test]
    fn the_definition_of_the_command_line_is_valid() {
        Cli::command().debug_assert();
        NamedCommand::command().debug_assert();
    }

    #[test]
    fn the_help_of_a_command_begins_with_its_line_in_the_list_of_commands() {
        for listed in Cli::command().get_subcommands() {
            let own = listed.clone().render_help().to_string();
            let about = listed.get_about().expect("a line").to_string();
            assert!(own.starts_with(&about), "{own}");
        }
    }

    #[test]
    fn a_password_may_begin_with_a_dash() {
        let cli = Cli::parse_from(["padlock", "--email", "a", "--password", "-x"]);
        let password = cli.login.password.expect("a password");
        assert_eq!(secrecy::ExposeSecret::expose_secret(&password), "-x");
    }
}
