//! Completions for bash.

#![expect(
    clippy::format_push_string,
    reason = "the texts are short and written once"
)]

use super::command::{Argument, Completed, SHELLS, names, valued};
use super::flag::{Flag, Value};

const SCRIPT: &str = include_str!("padlock.bash");

/// The script.
pub(super) fn script(commands: &[Completed]) -> String {
    let flags: String = commands.iter().map(flags).collect();
    let values: String = commands.iter().map(values).collect();
    let names: Vec<_> = names(commands).collect();
    SCRIPT
        .replace("@commands@", &names.join(" "))
        .replace("@shells@", SHELLS)
        .replace("@valued@", &valued(commands).join(" "))
        .replace("@flags@\n", &flags)
        .replace("@values@\n", &values)
}

/// The line with all flags of a command.
fn flags(command: &Completed) -> String {
    let pattern = pattern(command, "");
    let flags: Vec<_> = command.flags.iter().flat_map(Flag::spellings).collect();
    let argument = match command.argument {
        Argument::Folder => " argument=folder",
        Argument::Shell => " argument=shell",
        Argument::Command => " argument=command",
        Argument::CommandLine | Argument::Nothing => "",
    };
    format!(
        "        {pattern}) flags='{}'{argument} ;;\n",
        flags.join(" ")
    )
}

/// A line for each flag of a command whose values can be completed.
fn values(command: &Completed) -> String {
    let mut lines = String::new();
    for flag in &command.flags {
        let choices = |values: &[(String, String)]| {
            let names: Vec<_> = values.iter().map(|(name, _)| name.as_str()).collect();
            format!("choices='{}'", names.join(" "))
        };
        let action = match &flag.value {
            Value::None | Value::Any(_) => continue,
            Value::File(_) => "kind=file".to_owned(),
            Value::Profile => "kind=profile".to_owned(),
            Value::Choice(_, values) => choices(values),
            Value::List(_, values) => format!("kind=list {}", choices(values)),
        };
        let patterns = flag.spellings();
        let patterns: Vec<_> = patterns.iter().map(|one| pattern(command, one)).collect();
        lines += &format!("        {}) {action} ;;\n", patterns.join(" | "));
    }
    lines
}

/// A pattern for a command and a flag, which one space separates.
fn pattern(command: &Completed, flag: &str) -> String {
    let space = if flag.is_empty() { "" } else { " " };
    let names = command.names.iter();
    let patterns: Vec<_> = names.map(|name| format!("'{name}{space}{flag}'")).collect();
    patterns.join(" | ")
}
