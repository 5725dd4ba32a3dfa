//! `padlock verify`: tokens that came from elsewhere, held to the same rules as a login's.

mod check;
mod checker;
mod keyring;
mod lines;
mod many;
mod progress;
mod trust;

use std::io;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::Surroundings;
use crate::args::{ClaimsOutput, VerifyArgs};
use crate::config::ConfigError;
use crate::error::Error;
use crate::failure::Class;
use crate::output;
use crate::verify::Claims;
use check::Check;
use checker::{Checker, Verdict};
use lines::Lines;

/// Runs the command.
pub(crate) fn verify(
    args: &VerifyArgs,
    surroundings: &Surroundings<'_>,
) -> Result<Zeroizing<String>, Error> {
    checked(args, surroundings).map_err(|error| match error.class() {
        class @ (Class::UntrustedToken | Class::ClaimMissing) if args.result.quiet => {
            Error::Silent(class)
        }
        _ => error,
    })
}

fn checked(args: &VerifyArgs, surroundings: &Surroundings<'_>) -> Result<Zeroizing<String>, Error> {
    stdin_is_read_once(args)?;
    let checker = Checker::load(args, surroundings)?;
    let mut lines = Lines::new(io::stdin());
    let token = match &args.token {
        Some(token) => Some(token.clone()),
        None => lines
            .only()
            .map_err(unreadable)?
            .map(|line| SecretString::from(String::from_utf8_lossy(&line).as_ref())),
    };
    if let Some(token) = token {
        return one(args, &checker, &token, surroundings);
    }
    several_have_one_form(args)?;
    many::many(checker, lines, args.result.quiet, surroundings)?;
    Ok(Zeroizing::default())
}

fn stdin_is_read_once(args: &VerifyArgs) -> Result<(), ConfigError> {
    let is_stdin = |file: &Option<std::path::PathBuf>| {
        file.as_ref().is_some_and(|path| path.as_os_str() == "-")
    };
    let wanted = [
        (args.token.is_none(), "the tokens"),
        (is_stdin(&args.keys.secret_file), "--secret-file -"),
        (
            is_stdin(&args.network.client_secret_file),
            "--client-secret-file -",
        ),
    ];
    let mut names = wanted
        .into_iter()
        .filter(|(wanted, _)| *wanted)
        .map(|(_, name)| name);
    match (names.next(), names.next()) {
        (Some(first), Some(second)) => Err(ConfigError::StdinTwice { first, second }),
        _ => Ok(()),
    }
}

fn unreadable(source: io::Error) -> Error {
    ConfigError::Unreadable {
        path: "standard input".into(),
        source,
    }
    .into()
}

/// Many tokens have their verdicts as JSON: a form that is for one token would be passed over without a word.
fn several_have_one_form(args: &VerifyArgs) -> Result<(), Error> {
    match (&args.result.claim, args.result.output) {
        (Some(_), _) => Err(Error::OneTokenOnly("--claim prints a claim")),
        (None, ClaimsOutput::Table) => Err(Error::OneTokenOnly("--output table shows the claims")),
        (None, ClaimsOutput::Json) => Ok(()),
    }
}

fn one(
    args: &VerifyArgs,
    checker: &Checker,
    token: &SecretString,
    surroundings: &Surroundings<'_>,
) -> Result<Zeroizing<String>, Error> {
    match Check::new(checker).verdict(token.expose_secret())? {
        Verdict::Trusted(claims) => {
            result(args, &claims, checker.now(), surroundings).map(Zeroizing::new)
        }
        Verdict::Untrusted(untrusted) => Err(Error::UntrustedToken(untrusted)),
        Verdict::Lacking(missing) => Err(Error::Lacks(missing)),
    }
}

fn result(
    args: &VerifyArgs,
    claims: &Claims,
    now: i64,
    surroundings: &Surroundings<'_>,
) -> Result<String, Error> {
    let screen = surroundings.stdout;
    if args.result.quiet {
        return Ok(String::new());
    }
    if let Some(name) = &args.result.claim {
        let hint = "see what there is with --output table";
        return output::claim(claims, name, screen).ok_or_else(|| Error::NoClaim {
            name: name.clone(),
            hint,
        });
    }
    Ok(match args.result.output {
        ClaimsOutput::Json => output::json(claims, screen),
        ClaimsOutput::Table => output::all_claims(claims, now, screen),
    })
}
