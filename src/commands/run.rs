//! `padlock run`: a command with a token in its environment, never on an argument list.

use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind};
use std::process::Command;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::client_credentials::application_token;
use super::session_token::{SessionToken, session_token};
use crate::args::{ClientCredentialsArgs, RunArgs};
use crate::config::ClientCredentials;
use crate::context::Context;
use crate::escape;
use crate::failure::{Class, Failure};
use crate::memory;
use crate::output::{OutputTarget, claims};
use crate::response::TokenResponseError;
use crate::session::{StoredIdToken, WantedToken};
use crate::settings;

/// Runs the command; on Unix this process becomes the command.
pub(crate) fn run(args: RunArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    if args.command.first().is_none_or(|name| name.is_empty()) {
        let failure = Failure::new(Class::CommandNotFound, "the command's name is empty");
        return Err(failure.hint("check the variable that should supply it"));
    }
    let variables = variables(&args, context)?;
    let mut words = args.command.into_iter();
    let name = words.next().unwrap_or_default();
    let mut command = Command::new(&name);
    command.args(words);
    if !args.keep_env {
        for setting in settings::ALL.iter().filter(|setting| setting.is_secret()) {
            command.env_remove(setting.variable);
        }
    }
    for (variable, value) in &variables {
        command.env(variable, value.expose_secret());
    }
    Err(not_started(&name, &start(&mut command)))
}

/// The variables that the command gets.
fn variables(
    args: &RunArgs,
    context: &Context<'_>,
) -> Result<Vec<(String, SecretString)>, Failure> {
    if args.with.is_some() {
        let session = &args.session;
        let flags = ClientCredentialsArgs::new(
            session.min_ttl,
            session.application.clone(),
            session.tenant.clone(),
        );
        let settings = context.load(|context| ClientCredentials::load(flags, context))?;
        let response = application_token(&settings, context)?;
        let token = response.bearer()?.clone();
        return Ok(vec![(args.token_env.clone(), token)]);
    }
    let token = session_token(&args.session, WantedToken::Access, context)?;
    let mut variables = Vec::new();
    {
        let tokens = token.tokens();
        let access_token = tokens
            .access_token
            .ok_or(TokenResponseError::NoAccessToken)?;
        variables.push((args.token_env.clone(), access_token.clone()));
    }
    for (variable, claim) in &args.claim_env {
        variables.push((variable.clone(), claim_text(&token, claim)?.into()));
    }
    match token.lost {
        None => Ok(variables),
        Some(lost) => Err(lost),
    }
}

/// A claim of the `id_token`, which was verified when it came.
fn claim_text(token: &SessionToken, name: &str) -> Result<String, Failure> {
    let missing = |problem: &str| {
        let name = escape::excerpt(name, 80);
        Failure::new(
            Class::ClaimMissing,
            format!("the id_token {problem} \"{name}\""),
        )
    };
    let stored = token.session.id_token.as_ref();
    let verified = stored.and_then(StoredIdToken::claims);
    let verified = verified.ok_or_else(|| missing("is missing, and with it the claim"))?;
    let target = OutputTarget {
        is_terminal: false,
        width: None,
    };
    let text = claims(&verified, std::slice::from_ref(&name.to_owned()), target)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if text.contains('\0') {
        return Err(missing(
            "has a NUL character, which no variable can hold, in the claim",
        ));
    }
    Ok(text.to_owned())
}

/// Becomes the command; returns only if that fails. The system closes padlock's files, resets its
/// signal handlers, and lets the new process be debugged again.
#[cfg(unix)]
fn start(command: &mut Command) -> Error {
    use std::os::unix::process::CommandExt;
    memory::with_original_limit(|| command.exec())
}

/// Runs the command and passes its exit code through.
#[cfg(not(unix))]
fn start(command: &mut Command) -> Error {
    match memory::with_original_limit(|| command.status()) {
        #[expect(clippy::exit, reason = "the exit code is the command's")]
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

fn not_started(name: &OsStr, error: &Error) -> Failure {
    let shown = escape::excerpt(&OsString::from(name).to_string_lossy(), 200);
    let class = match error.kind() {
        ErrorKind::NotFound => Class::CommandNotFound,
        _ => Class::CommandNotExecutable,
    };
    let failure = Failure::new(class, format!("{shown} could not be run: {error}"));
    match class {
        Class::CommandNotFound => failure.hint("check the command's name and PATH"),
        _ => failure.hint("check that the command is an executable file"),
    }
}
