//! How the values of flags are read.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use secrecy::SecretString;

use crate::keys::Algorithm;
use crate::redact::known;

/// A secret, wrapped from here on.
#[expect(clippy::unnecessary_wraps, reason = "the signature that clap expects")]
pub(super) fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(known(text.into()))
}

/// A name or identifier, which no one writes with control characters.
///
/// # Errors
/// Says that it has one.
pub(crate) fn without_control_characters(text: &str) -> Result<String, &'static str> {
    if text.chars().any(char::is_control) {
        Err("it contains a control character")
    } else {
        Ok(text.to_owned())
    }
}

/// A name or identifier that decides what is trusted: an empty one would be no rule at all.
pub(super) fn identifier(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("it is empty"),
        text => without_control_characters(text),
    }
}

/// A file, or an empty value for none.
pub(super) fn optional_file() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// One of the algorithms that padlock can verify, by its registered name in any letter case.
///
/// # Errors
/// Names the algorithms that there are.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm, String> {
    let is_named = |one: &Algorithm| one.name().eq_ignore_ascii_case(name);
    Algorithm::ALL.into_iter().find(is_named).ok_or_else(|| {
        let names = Algorithm::ALL.map(Algorithm::name);
        format!("expected one of {}", names.join(", "))
    })
}

/// Reads a flag's value with [`algorithm`], and knows for completions what it can be.
#[derive(Clone)]
pub(super) struct AlgorithmParser;

impl TypedValueParser for AlgorithmParser {
    type Value = Algorithm;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Algorithm, clap::Error> {
        let by_name = StringValueParser::new().try_map(|name| algorithm(&name));
        by_name.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let named = |one: Algorithm| PossibleValue::new(one.name());
        Some(Box::new(Algorithm::ALL.into_iter().map(named)))
    }
}

/// An IPv4 or IPv6 address.
///
/// # Errors
/// Says what is expected.
pub(crate) fn address(text: &str) -> Result<IpAddr, &'static str> {
    text.parse().map_err(|_| "expected an IPv4 or IPv6 address")
}

/// Seconds that a run may take.
pub(super) fn timeout(text: &str) -> Result<f64, String> {
    let range = 0.001..=86_400.0;
    let seconds = text.parse().ok().filter(|seconds| range.contains(seconds));
    seconds.ok_or_else(|| "expected a number of seconds from 0.001 to 86400".to_owned())
}

/// Seconds by which clocks may differ.
pub(super) fn leeway(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= 300);
    seconds.ok_or_else(|| "expected a whole number of seconds from 0 to 300".to_owned())
}

/// Seconds for which a token must still be valid: a day at most, which few tokens last.
pub(super) fn min_ttl(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= 86_400);
    seconds.ok_or_else(|| "expected a whole number of seconds from 0 to 86400".to_owned())
}

/// The name of an environment variable.
pub(super) fn environment_name(text: &str) -> Result<String, &'static str> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if text.is_empty()
        || !text.chars().all(is_allowed)
        || text.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err("expected the name of an environment variable");
    }
    Ok(text.to_owned())
}

/// The name of an environment variable, and that of a claim.
pub(super) fn claim_variable(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').filter(|(_, claim)| !claim.is_empty());
    let (name, claim) = pair.ok_or("expected NAME=CLAIM")?;
    Ok((environment_name(name)?, claim.to_owned()))
}

/// A whole number of seconds.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "expected a whole number of seconds".to_owned())
}
