//! A command line that does not parse, worded without values: one of them may be a password.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use padlock::{Class, Cli, ErrorFormat, Failure};

/// What is wrong with the command line.
pub(crate) fn failure(error: &clap::Error) -> Failure {
    let flag = context(error, ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => match flag.as_deref().and_then(flag_name) {
            Some(flag) => format!("there is no flag {flag}"),
            None => "there is an argument too many".to_owned(),
        },
        ErrorKind::InvalidSubcommand => {
            format!("there is no such command; there are {}", commands())
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error, flag),
        ErrorKind::MissingRequiredArgument => format!("{} is missing", flag.unwrap_or_default()),
        ErrorKind::ArgumentConflict => conflict(error, flag),
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => {
            format!("{} takes one value", flag.unwrap_or_default())
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the command line does not parse".to_owned(),
    };
    Failure::new(Class::Usage, message).hint(hint(error))
}

/// `--error-format`, looked for by hand: the command line did not parse.
pub(crate) fn error_format(arguments: &[OsString]) -> ErrorFormat {
    let json = |pair: &[OsString]| pair[0] == "--error-format" && pair[1] == "json";
    let found = arguments.windows(2).any(json)
        || arguments
            .iter()
            .any(|argument| argument == "--error-format=json");
    if found {
        ErrorFormat::Json
    } else {
        ErrorFormat::Text
    }
}

fn invalid_value(error: &clap::Error, flag: Option<String>) -> String {
    let flag = flag.unwrap_or_default();
    let wanted = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => format!("one of {}", values.join(", ")),
        _ => std::error::Error::source(error)
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    let given = context(error, ContextKind::InvalidValue).unwrap_or_default();
    if given.is_empty() {
        return format!("{flag} wants a value");
    }
    if wanted.is_empty() {
        return format!("the value of {flag} is not valid");
    }
    format!("the value of {flag} is not valid: {wanted}")
}

fn conflict(error: &clap::Error, flag: Option<String>) -> String {
    let flag = flag.unwrap_or_default();
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(other)) if *other == flag => format!("{flag} stands there twice"),
        Some(ContextValue::String(other)) => format!("{flag} and {other} do not go together"),
        Some(ContextValue::Strings(others)) => {
            format!("{flag} and {} do not go together", others.join(", "))
        }
        _ => format!("{flag} stands before the command, and belongs behind it"),
    }
}

fn commands() -> String {
    let command = Cli::command();
    command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn hint(error: &clap::Error) -> String {
    let similar = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let similar = similar.into_iter().find_map(|kind| context(error, kind));
    similar.map_or_else(
        || "see padlock --help".to_owned(),
        |similar| format!("is {similar} meant? see padlock --help"),
    )
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}

/// The argument, if it looks like a flag that was mistyped and not like a password: its name alone.
fn flag_name(argument: &str) -> Option<&str> {
    let name = argument.split('=').next()?;
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    name.strip_prefix("--").is_some_and(plain).then_some(name)
}
