//! `padlock verify`: tokens issued elsewhere, held to the same rules as a login's.

use std::io::{self, Stdin};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::args::VerifyArgs;
use crate::config::{ClaimsOutput, ConfigError, Verify};
use crate::context::Context;
use crate::failure::{Class, Failure};
use crate::input::print_on_terminal;
use crate::management::{RoleCache, RolesClient};
use crate::output::{self, Prints, VerifiedClaims};
use crate::provider::JwksSource;
use crate::redact::remember;
use crate::stream::{LineReader, StreamError, verify_lines};
use crate::verdict::{Criteria, TokenVerifier, TrustedIssuer, Verdict};
use crate::verify::Claims;

/// For a person who did not know, and would wait for an answer.
const READING: &str = "Reading tokens from standard input, one per line; Ctrl-D ends them.";

/// Runs the command.
pub(crate) fn verify(
    args: VerifyArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let mut settings = context.load(|context| Verify::load(args, context))?;
    let (token, output) = (settings.token.take(), settings.output.clone());
    let is_stream = settings.is_stream;
    let criteria = criteria(settings, context)?;
    let is_quiet = matches!(output, ClaimsOutput::Nothing);
    let result = verify_input(token, is_stream, criteria, &output, context);
    result.map_err(|failure| match failure.class {
        Class::UntrustedToken | Class::ClaimMissing if is_quiet => failure.silent(),
        _ => failure,
    })
}

fn verify_input(
    token: Option<SecretString>,
    is_stream: bool,
    criteria: Criteria,
    output: &ClaimsOutput,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    if token.is_none() && context.interactivity.is_interactive() {
        print_on_terminal(READING);
    }
    let mut lines = LineReader::new(io::stdin());
    let token = match token {
        Some(token) => Some(token),
        None => only_text(&mut lines, is_stream).map_err(StreamError::Input)?,
    };
    if let Some(token) = token {
        return verify_one(&token, &criteria, output, context);
    }
    let is_quiet = allow_many(output)?;
    verify_lines(criteria, lines, is_quiet, context)?;
    Ok(Zeroizing::default())
}

/// The text on standard input, if there is only one.
fn only_text(lines: &mut LineReader<Stdin>, is_stream: bool) -> io::Result<Option<SecretString>> {
    // It holds no token in any line, and one error says what it is.
    match lines.json_of_several_lines()? {
        None if !is_stream => lines.single_line(),
        json => Ok(json),
    }
}

fn verify_one(
    token: &SecretString,
    criteria: &Criteria,
    output: &ClaimsOutput,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    remember(token.expose_secret());
    match TokenVerifier::new(criteria, 1).verdict(token.expose_secret(), &mut || ()) {
        Verdict::Valid(claims) => render(output, &claims, criteria.now(), context),
        Verdict::Invalid(error) => Err(error.into()),
        Verdict::Unmet(unmet) => Err(unmet.into()),
        Verdict::Unavailable(failure) => Err(failure),
    }
}

fn render(
    output: &ClaimsOutput,
    claims: &Claims,
    now: i64,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    Ok(match output {
        ClaimsOutput::Nothing => Zeroizing::default(),
        ClaimsOutput::Claims(names) => output::claims(claims, names, context.stdout)?,
        ClaimsOutput::Form(form) => {
            let claims = VerifiedClaims { claims, now };
            (form.render)(&claims, context.stdout)?
        }
    })
}

/// Many tokens get their verdicts as JSON: a form for one token would be ignored silently. Returns
/// whether nothing is printed.
fn allow_many(output: &ClaimsOutput) -> Result<bool, StreamError> {
    match output {
        ClaimsOutput::Nothing => Ok(true),
        ClaimsOutput::Claims(_) => Err(StreamError::OneTokenOnly("--claim prints a claim")),
        ClaimsOutput::Form(form) if form.prints == Prints::ClaimsTable => {
            Err(StreamError::OneTokenOnly("--output table shows the claims"))
        }
        ClaimsOutput::Form(_) => Ok(false),
    }
}

/// What the settings hold tokens to. Nothing is fetched yet.
fn criteria(settings: Verify, context: &Context<'_>) -> Result<Criteria, Failure> {
    let network = settings.network.as_ref();
    let http = network.map(|network| context.http(network)).transpose()?;
    let (http, clock) = (http.as_ref(), context.clock);
    let roles = http.zip(settings.roles).map(|(http, roles)| {
        let client = RolesClient::new(http.clone(), roles, clock);
        RoleCache::new(client)
    });
    Ok(Criteria {
        issuers: TrustedIssuer::all(settings.keys, &settings.policy, |place| {
            let http = http.ok_or(ConfigError::NoKeys)?.clone();
            Ok::<_, ConfigError>(JwksSource::remote(http, place, settings.no_cache, clock))
        })?,
        reads_claims: !settings.requirements.is_empty(),
        requirements: settings.requirements,
        roles,
        access_token: settings.access_token,
        at: settings.at,
        clock,
    })
}
