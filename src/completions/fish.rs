//! Completions for fish.

#![expect(
    clippy::format_push_string,
    reason = "the texts are short and written once"
)]

use super::command::{Argument, Completed, SHELLS, names, valued};
use super::flag::{Flag, Value, quoted};

const SCRIPT: &str = include_str!("padlock.fish");

/// The script.
pub(super) fn script(commands: &[Completed]) -> String {
    let mut lines = String::new();
    for command in commands.iter().skip(1) {
        for name in &command.names {
            let about = quote(&command.about);
            lines += &format!("complete -c padlock -n \"__padlock_is ''\" -a {name} -d {about}\n");
        }
    }
    for command in commands {
        let condition = condition(command);
        lines.extend(command.flags.iter().map(|flag| line(&condition, flag)));
        lines += &argument(&condition, command.argument, commands);
    }
    SCRIPT
        .replace("@valued@", &valued(commands).join(" "))
        .replace("@completions@\n", &lines)
}

/// The condition that a command is on the command line.
fn condition(command: &Completed) -> String {
    match command.names.as_slice() {
        [name] if name.is_empty() => "\"__padlock_is ''\"".to_owned(),
        names => format!("'__padlock_is {}'", names.join(" ")),
    }
}

fn line(condition: &str, flag: &Flag) -> String {
    let short = flag.short.map(|letter| format!(" -s {letter}"));
    let value = match &flag.value {
        Value::None => String::new(),
        Value::Any(_) => " -x".to_owned(),
        Value::File(_) => " -r -F".to_owned(),
        Value::Profile => " -x -a '(__padlock_profiles)'".to_owned(),
        Value::Choice(_, values) => {
            let values: Vec<_> = values.iter().map(choice).collect();
            format!(" -x -a {}", quote(&values.join(" ")))
        }
        Value::List(_, values) => {
            let names: Vec<_> = values.iter().map(|(name, _)| name.as_str()).collect();
            format!(" -x -a '(__fish_append , {})'", names.join(" "))
        }
    };
    format!(
        "complete -c padlock -n {condition} -l {}{}{value} -d {}\n",
        flag.long,
        short.unwrap_or_default(),
        quote(&flag.help)
    )
}

/// A value with its help. fish reads this once more, as code.
fn choice((name, help): &(String, String)) -> String {
    let mut text = format!("{name}\\t\"");
    for char in help.chars() {
        if matches!(char, '"' | '$' | '\\') {
            text.push('\\');
        }
        text.push(char);
    }
    text + "\""
}

fn argument(condition: &str, argument: Argument, commands: &[Completed]) -> String {
    let values = match argument {
        Argument::Command if condition.contains("help") => {
            names(commands).collect::<Vec<_>>().join(" ")
        }
        Argument::Shell => SHELLS.to_owned(),
        Argument::Folder => "(__fish_complete_directories)".to_owned(),
        Argument::Command | Argument::CommandLine | Argument::Nothing => return String::new(),
    };
    format!("complete -c padlock -n {condition} -a '{values}'\n")
}

fn quote(text: &str) -> String {
    quoted(&text.replace('\\', "\\\\"), "\\'")
}
