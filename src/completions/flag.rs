//! A flag, as completions need it.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ValueHint};

/// A flag, as completions need it.
pub(super) struct Flag {
    pub(super) long: String,
    pub(super) short: Option<char>,
    /// The first sentence of its help, or its first line.
    pub(super) help: String,
    pub(super) is_repeatable: bool,
    pub(super) value: Value,
}

/// What follows a flag.
pub(super) enum Value {
    None,
    /// A text, of which only its name is known.
    Any(String),
    File(String),
    /// The name of a settings file in the configuration folder.
    Profile,
    Choice(String, Vec<(String, String)>),
    /// Values from a list, with commas between them.
    List(String, Vec<(String, String)>),
}

impl Flag {
    /// None of an argument without a name, and of a hidden flag.
    pub(super) fn of(argument: &Arg) -> Option<Self> {
        let long = argument.get_long().filter(|_| !argument.is_hide_set())?;
        let action = argument.get_action();
        let help = argument.get_help().map(ToString::to_string);
        Some(Self {
            long: long.to_owned(),
            short: argument.get_short(),
            help: first_sentence(&help.unwrap_or_default()).to_owned(),
            is_repeatable: matches!(action, ArgAction::Append | ArgAction::Count),
            value: if action.takes_values() {
                value(argument)
            } else {
                Value::None
            },
        })
    }

    pub(super) fn takes_value(&self) -> bool {
        !matches!(self.value, Value::None)
    }

    /// `--output` and `-o`.
    pub(super) fn spellings(&self) -> Vec<String> {
        let long = format!("--{}", self.long);
        let short = self.short.map(|letter| format!("-{letter}"));
        std::iter::once(long).chain(short).collect()
    }
}

fn value(argument: &Arg) -> Value {
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map(ToString::to_string).unwrap_or_default();
    let described = |value: &PossibleValue| {
        let help = value.get_help().map(ToString::to_string);
        (value.get_name().to_owned(), help.unwrap_or_default())
    };
    let values: Vec<_> = argument
        .get_possible_values()
        .iter()
        .map(described)
        .collect();
    let is_file = argument.get_value_hint() != ValueHint::Unknown || name == "URL|FILE";
    match (argument.get_long(), argument.get_value_delimiter()) {
        (Some("profile"), _) => Value::Profile,
        _ if is_file => Value::File(name),
        _ if values.is_empty() => Value::Any(name),
        (_, Some(_)) => Value::List(name, values),
        _ => Value::Choice(name, values),
    }
}

/// Help up to its first full stop, semicolon or name of a variable.
fn first_sentence(help: &str) -> &str {
    let ends = ["; ", ". ", " ["].map(|end| help.find(end));
    let end = ends.into_iter().flatten().min();
    help.get(..end.unwrap_or(help.len())).unwrap_or(help)
}

/// A text in single quotes, with `quote` in place of each that it contains.
pub(super) fn quoted(text: &str, quote: &str) -> String {
    format!("'{}'", text.replace('\'', quote))
}
