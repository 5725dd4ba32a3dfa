//! padlock: login to Auth0 or another OpenID provider, and verification of tokens.
//!
//! The modules are in reading order; each imports only from those above it.

mod memory;
mod redact;
mod escape;
mod wrap;
mod strict_json;
mod duration;
mod deadline;
mod moment;
mod failure;
mod threads;
mod folders;
mod state;
mod keyring;
pub mod keys;
pub mod verify;
mod totp;
mod settings;
mod fields;
mod response;
mod output;
mod args;
mod completions;
mod manual;
mod input;
mod config;
mod token_cache;
mod session;
mod http;
mod provider;
mod browser;
mod auth;
mod management;
mod context;
mod doctor;
mod verdict;
mod stream;
#[cfg(unix)]
mod guard;
mod commands;

use zeroize::Zeroizing;

use args::Command;
pub use args::{Cli, CommonArgs, Invocation};
pub use context::Context;
pub use failure::{Class, Failure};
pub use http::{Detail, Log};
pub use input::{Interactivity, print_on_terminal, restore_terminal};
pub use memory::protect as protect_memory;
pub use output::{
    ErrorFormat, OutputTarget, SignInAddress, failure as failure_text,
    recovery_code as recovery_code_text, sign_in_address as sign_in_text,
};
pub use redact::{forget as forget_secrets, redact as redact_secrets};

/// A note for a person at a terminal of this width, wrapped at words.
#[must_use]
pub fn wrapped(note: &str, width: Option<u16>) -> String {
    wrap::wrap(note, width, 2)
}

/// Reads an issuer's discovery document, or says what is wrong with it: for the fuzzer.
///
/// # Errors
/// The message that a person would see.
#[cfg(fuzzing)]
pub fn read_discovery_document(issuer: &str, document: &[u8]) -> Result<(), String> {
    provider::problem_of(issuer, document).map_or(Ok(()), Err)
}

/// Runs a command: arguments and context in, the text for stdout out, which may be a secret.
///
/// # Errors
/// Every failure has its class, message and hint, ready to be shown.
pub fn run(invocation: Invocation, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    match invocation.command {
        Command::Login(args) => commands::login(*args, context),
        Command::ClientCredentials(args) => commands::client_credentials(*args, context),
        Command::Token(args) => commands::token(&args, context),
        Command::Run(args) => commands::run(*args, context),
        Command::Status(args) => commands::status(&args, context),
        Command::Logout(args) => commands::logout(&args, context),
        Command::Verify(args) => commands::verify(*args, context),
        #[cfg(unix)]
        Command::Guard(args) => commands::guard(*args, context),
        #[cfg(not(unix))]
        Command::Guard(_) => Err(Failure::new(
            Class::Usage,
            "padlock guard is for Unix systems",
        )),
        Command::Completions(args) => Ok(Zeroizing::new(completions::script(args.shell))),
        Command::Man(args) => commands::man(&args),
        Command::Setup(args) => commands::setup(&args, context),
        Command::Profiles(args) => commands::profiles(&args, context),
        Command::Doctor(args) => commands::doctor(*args, context),
        Command::Version => Ok(Zeroizing::new(args::BUILD.to_owned())),
    }
}
