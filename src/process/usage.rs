//! Explains a command line that does not parse, without its values: one may be a password.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use padlock::{Class, Cli, ErrorFormat, Failure};

/// What is wrong with the command line.
pub(crate) fn failure(error: &clap::Error, arguments: &[OsString]) -> Failure {
    let message = match error.kind() {
        ErrorKind::UnknownArgument => unknown(error),
        ErrorKind::InvalidSubcommand => {
            format!("unknown command; the commands are {}", list(&commands()))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error),
        ErrorKind::MissingRequiredArgument => {
            match names(error, ContextKind::InvalidArg).as_slice() {
                [name] => format!("{name} is missing"),
                names => format!("{} are missing", list(names)),
            }
        }
        ErrorKind::ArgumentConflict => conflict(error, arguments),
        ErrorKind::TooManyValues => format!("{} takes no value", name(error)),
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the command line is not valid".to_owned(),
    };
    Failure::new(Class::Usage, message).hint(hint(error, arguments))
}

/// `--error-format`, found by hand since the command line did not parse.
pub(crate) fn error_format(arguments: &[OsString]) -> ErrorFormat {
    let pair = |pair: &[OsString]| pair[0] == "--error-format" && pair[1] == "json";
    let is_json =
        arguments.windows(2).any(pair) || arguments.iter().any(|one| one == "--error-format=json");
    if is_json {
        ErrorFormat::Json
    } else {
        ErrorFormat::Text
    }
}

fn unknown(error: &clap::Error) -> String {
    match text(error, ContextKind::InvalidArg).and_then(mistyped_flag) {
        Some(flag) => format!("unknown flag {flag}"),
        None => "unexpected argument".to_owned(),
    }
}

fn invalid_value(error: &clap::Error) -> String {
    let flag = name(error);
    if text(error, ContextKind::InvalidValue).is_none_or(str::is_empty) {
        return format!("{flag} requires a value");
    }
    let problem = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => {
            format!("expected one of {}", values.join(", "))
        }
        _ => std::error::Error::source(error).map_or_else(String::new, ToString::to_string),
    };
    match problem.as_str() {
        "" => format!("invalid value for {flag}"),
        problem => format!("invalid value for {flag}: {problem}"),
    }
}

fn conflict(error: &clap::Error, arguments: &[OsString]) -> String {
    let flag = name(error);
    let others = names(error, ContextKind::PriorArg);
    // In place of a group, clap names all of its flags.
    let (given, unseen): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|other| is_given(other, arguments));
    let others = if given.is_empty() { unseen } else { given };
    match others.as_slice() {
        [] => format!("{flag} belongs after the command, not before it"),
        [other] if *other == flag => format!("{flag} is given twice"),
        others => {
            let all: Vec<_> = [&[flag], others].concat();
            format!("{} cannot be combined", list(&all))
        }
    }
}

/// Whether a flag is on the command line by its long name; an argument without a name counts.
fn is_given(name: &str, arguments: &[OsString]) -> bool {
    let is_name = |argument: &OsString| {
        let argument = argument.to_str().unwrap_or_default();
        argument.split('=').next() == Some(name)
    };
    !name.starts_with("--") || arguments.iter().any(is_name)
}

/// The first flag or argument that the error is about.
fn name(error: &clap::Error) -> String {
    names(error, ContextKind::InvalidArg)
        .into_iter()
        .next()
        .unwrap_or_default()
}

/// Arguments as they are typed, without the names of their values: `--email <EMAIL>` is `--email`.
fn names(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    let arguments = match error.get(kind) {
        Some(ContextValue::String(argument)) => std::slice::from_ref(argument),
        Some(ContextValue::Strings(arguments)) => arguments,
        _ => &[],
    };
    let name = |argument: &String| {
        let name = argument.split([' ', '=']).next().unwrap_or_default();
        name.trim_matches(['<', '>', '[', ']', '.']).to_owned()
    };
    arguments.iter().map(name).collect()
}

/// The first text that the error has of a kind.
fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        // clap lists the most similar one last.
        ContextValue::Strings(texts) => texts.last().map(String::as_str),
        _ => None,
    }
}

fn commands() -> Vec<String> {
    let mut cli = Cli::command();
    cli.build();
    let commands = cli.get_subcommands();
    commands.map(|one| one.get_name().to_owned()).collect()
}

/// `a, b and c`.
fn list(names: &[String]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        names => names.concat(),
    }
}

fn hint(error: &clap::Error, arguments: &[OsString]) -> String {
    let mut cli = Cli::command();
    cli.build();
    let command = command_in(arguments, &cli);
    let kinds = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let similar = kinds.into_iter().find_map(|kind| text(error, kind));
    let similar = similar.filter(|similar| *similar != "login" || !is_opposite_of_login(error));
    let long_form = || text(error, ContextKind::InvalidArg).and_then(long_form);
    let exists = |long: &&str| find_flag(command, long).is_some();
    let help = match command.get_name() {
        "help" => "see padlock help".to_owned(),
        _ => format!("see {} --help", command.get_bin_name().unwrap_or("padlock")),
    };
    match similar.or_else(|| long_form().filter(exists)) {
        Some(similar) => format!("did you mean {similar}? {help}"),
        None if command.get_name() == "run" && lacks_dashes(error, arguments) => {
            format!("put -- before the command to run; {help}")
        }
        None => help,
    }
}

/// Whether the command line has a word too many that no `--` precedes.
fn lacks_dashes(error: &clap::Error, arguments: &[OsString]) -> bool {
    let is_flag = |argument: &str| argument.starts_with('-');
    error.kind() == ErrorKind::UnknownArgument
        && !text(error, ContextKind::InvalidArg).is_some_and(is_flag)
        && !arguments.iter().any(|argument| argument == "--")
}

/// Whether an unknown command looks like `login` and means the opposite: `logout`, `logoff`.
fn is_opposite_of_login(error: &clap::Error) -> bool {
    let command = text(error, ContextKind::InvalidSubcommand);
    command.is_some_and(|command| command.contains("out") || command.contains("off"))
}

/// The command that is called, found by hand since the command line did not parse.
fn command_in<'c>(arguments: &[OsString], cli: &'c clap::Command) -> &'c clap::Command {
    let is_value_of = |before: &OsString| {
        let flag = before.to_str().and_then(|text| find_flag(cli, text));
        flag.is_some_and(|flag| flag.get_action().takes_values())
    };
    let mut pairs = arguments.windows(2).filter(|pair| !is_value_of(&pair[0]));
    let command = pairs.find_map(|pair| cli.find_subcommand(&pair[1]));
    command.unwrap_or(cli)
}

/// A command's flag, by its name or its letter with the dashes.
fn find_flag<'c>(command: &'c clap::Command, name: &str) -> Option<&'c clap::Arg> {
    let mut flags = command.get_arguments();
    if let Some(long) = name.strip_prefix("--") {
        return flags.find(|flag| flag.get_long() == Some(long));
    }
    let mut letters = name.strip_prefix('-')?.chars();
    let (letter, rest) = (letters.next()?, letters.next());
    flags.find(|flag| flag.get_short() == Some(letter) && rest.is_none())
}

/// The long flag for a letter that other programs use, since padlock has no short form of it.
fn long_form(argument: &str) -> Option<&'static str> {
    match argument.strip_prefix('-')?.chars().next()? {
        'u' => Some("--email"),
        _ => None,
    }
}

/// The name of the argument, if it looks like a mistyped flag and not like a password. Of a short
/// flag that is one letter, since a value may be attached to it.
fn mistyped_flag(argument: &str) -> Option<String> {
    let is_plain = |name: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_allowed)
    };
    if let Some(long) = argument.strip_prefix("--") {
        let name = long.split('=').next()?;
        return is_plain(name).then(|| format!("--{name}"));
    }
    let letter = argument.strip_prefix('-')?.chars().next()?;
    letter.is_ascii_alphabetic().then(|| format!("-{letter}"))
}
