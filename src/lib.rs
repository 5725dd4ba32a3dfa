//! padlock: password login to Auth0, and verification of what comes back.
//!
//! The modules stand in reading order; each imports only from those above it.

mod text;
mod json;
pub mod keys;
pub mod verify;
mod time;
mod failure;
mod args;
mod config;
mod input;
mod http;
mod cache;
mod provider;
mod auth;
mod management;
mod error;
mod output;
mod commands;

use std::ffi::OsString;

pub use args::{
    ApplicationArgs, Cli, ClientAuthMethod, Command, CommonArgs, ErrorFormat, Factor,
    SecondFactorArgs,
};
pub use failure::{Class, Failure};
pub use http::{Detail, Log};
pub use output::{Screen, failure as failure_text, recovery_code as recovery_code_text};

use zeroize::Zeroizing;

/// What a run may know of the process around it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Looks up one variable of the environment.
    pub variables: &'a dyn Fn(&str) -> Option<OsString>,
    /// Whether somebody can be asked.
    pub may_ask: bool,
    /// Where the result goes.
    pub stdout: Screen,
    /// Writes a part of a result that is longer than memory; everything else is returned.
    pub write: &'a dyn Fn(&[u8]) -> std::io::Result<()>,
    /// This machine's clock, in seconds since 1970.
    pub clock: fn() -> i64,
    /// What a person is told on the way.
    pub log: Log,
    /// Tells a person what they would not expect, in whole sentences without a prefix, whatever becomes of the run.
    pub note: &'a dyn Fn(&str),
    /// Shows the person a new recovery code, at once: whatever fails later, it must not be lost.
    pub keep_recovery_code: &'a dyn Fn(&str),
}

impl Surroundings<'_> {
    fn tell(&self, notes: &[String]) {
        for note in notes {
            (self.note)(note);
        }
    }
}

/// Reads an issuer's discovery document, or says what is wrong with it: for the fuzzer.
///
/// # Errors
/// The message that a person would see.
#[cfg(fuzzing)]
pub fn read_discovery_document(issuer: &str, document: &[u8]) -> Result<(), String> {
    provider::problem_of(issuer, document).map_or(Ok(()), Err)
}

/// Runs a command: arguments and surroundings in, the text for stdout out, which may be a secret.
///
/// # Errors
/// Every failure comes with its class, message and hint, ready to be shown.
pub fn run(cli: &Cli, surroundings: &Surroundings<'_>) -> Result<Zeroizing<String>, Failure> {
    let result = match &cli.command {
        None => commands::login(&cli.login, surroundings),
        Some(Command::Login(args)) => commands::login(args, surroundings),
        Some(Command::ClientCredentials(args)) => commands::client_credentials(args, surroundings),
        Some(Command::Verify(args)) => commands::verify(args, surroundings),
    };
    Ok(result?)
}
