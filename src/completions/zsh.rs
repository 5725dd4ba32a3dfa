//! Completions for zsh.

#![expect(
    clippy::format_push_string,
    reason = "the texts are short and written once"
)]

use super::command::{Argument, Completed, SHELLS};
use super::flag::{Flag, Value, quoted};

const SCRIPT: &str = include_str!("padlock.zsh");

/// The script.
pub(super) fn script(commands: &[Completed]) -> String {
    let mut names = String::new();
    let mut cases = String::new();
    let mut login = String::new();
    for command in commands {
        let specs: String = command.flags.iter().map(spec).collect();
        if command.names.iter().any(String::is_empty) {
            login = specs;
            continue;
        }
        for name in &command.names {
            let described = format!("{name}:{}", command.about);
            names += &format!("        {}\n", quote(&described));
        }
        let specs = specs + &argument(command.argument);
        let (pattern, specs) = (command.names.join("|"), specs.trim_end_matches(" \\\n"));
        cases += &format!("    {pattern})\n        _arguments -s -S \\\n{specs} ;;\n");
    }
    SCRIPT
        .replace("@names@\n", &names)
        .replace("@login@\n", &login)
        .replace("@cases@\n", &cases)
}

/// The line for a flag. What one spelling excludes is every spelling of it.
fn spec(flag: &Flag) -> String {
    let spellings = flag.spellings();
    let (before, is_repeatable) = (spellings.join(" "), flag.is_repeatable);
    let exclusion = if is_repeatable {
        "*".to_owned()
    } else {
        format!("({before})")
    };
    let help = escape(&flag.help, "\\[]:");
    let value = action(&flag.value);
    let mut lines = String::new();
    for spelling in spellings {
        let attached = match (flag.takes_value(), spelling.starts_with("--")) {
            (false, _) => "",
            (true, true) => "=",
            (true, false) => "+",
        };
        let spec = format!("{exclusion}{spelling}{attached}[{help}]{value}");
        lines += &format!("            {} \\\n", quote(&spec));
    }
    lines
}

fn action(value: &Value) -> String {
    match value {
        Value::None => String::new(),
        Value::Any(name) => format!(":{}: ", escape(name, ":")),
        Value::File(name) => format!(":{}:_files", escape(name, ":")),
        Value::Profile => ":NAME:_padlock_profiles".to_owned(),
        Value::List(name, values) => {
            let names: Vec<_> = values.iter().map(|(name, _)| name.as_str()).collect();
            format!(":{name}:_values -s , {name} {}", names.join(" "))
        }
        Value::Choice(name, values) => {
            let described = |(value, help): &(String, String)| {
                let help = escape(help, "\\\"$`():");
                format!("{value}\\:\"{help}\"")
            };
            let values: Vec<_> = values.iter().map(described).collect();
            format!(":{name}:(({}))", values.join(" "))
        }
    }
}

fn argument(argument: Argument) -> String {
    let spec = match argument {
        Argument::Command => "1:command:_padlock_commands".to_owned(),
        Argument::Shell => format!("1:shell:({SHELLS})"),
        Argument::Folder => "1:folder:_files -/".to_owned(),
        Argument::CommandLine => "*::command:_normal".to_owned(),
        Argument::Nothing => return String::new(),
    };
    format!("            '{spec}'")
}

/// A backslash before each of these characters.
fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if special.contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

fn quote(text: &str) -> String {
    quoted(text, "'\\''")
}
