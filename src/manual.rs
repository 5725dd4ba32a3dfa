//! Manual pages, written from the definition of the command line.
//!
//! `clap_mangen` would make the program larger, and its pages have faults that mandoc reports.

#![expect(
    clippy::format_push_string,
    reason = "the texts are short and written once"
)]

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use crate::args::definition;
use crate::settings;

/// The day of this version's release, as in the changelog.
const RELEASED: &str = "2026-11-28";

/// A manual page.
pub(crate) struct Page {
    /// The name of its file, such as `padlock-token.1`.
    pub(crate) file: String,
    /// In the language of man(7).
    pub(crate) text: String,
}

/// All pages; the first is padlock's.
pub(crate) fn pages() -> Vec<Page> {
    let mut cli = definition();
    cli.build();
    let shown = |command: &&Command| !command.is_hide_set() && command.get_name() != "help";
    let commands: Vec<_> = cli.get_subcommands().filter(shown).collect();
    let mut pages = vec![page(&cli, "padlock", &commands)];
    for command in &commands {
        pages.push(page(command, &page_name(command), &[]));
    }
    pages
}

fn page_name(command: &Command) -> String {
    format!("padlock-{}", command.get_name())
}

/// The page of a command; only padlock's own has commands.
fn page(command: &Command, name: &str, commands: &[&Command]) -> Page {
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    let title = escape(&name.to_uppercase());
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        ".TH {title} 1 {RELEASED} \"padlock {version}\" \"User Commands\"\n.SH NAME\n{}",
        filled(&format!("{name} - {about}"))
    );
    text += &synopsis(command);
    text += &format!(".SH DESCRIPTION\n{}", filled(&format!("{about}.")));
    let aliases: Vec<_> = command.get_visible_aliases().collect();
    if !aliases.is_empty() {
        text += &format!("Another name of this command is {}.\n", aliases.join(", "));
    }
    text += &list_of_commands(commands);
    text += &options(command);
    let more = command.get_after_long_help().or(command.get_after_help());
    text += &sections(&more.map(ToString::to_string).unwrap_or_default());
    if commands.is_empty() {
        text += ".SH SEE ALSO\n.BR padlock (1)\n";
    } else {
        text += &environment();
        text += &see_also(commands);
    }
    let file = format!("{name}.1");
    Page { file, text }
}

fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let mut text = ".SH SYNOPSIS\n.nf\n".to_owned();
    for line in usage.trim_start_matches("Usage:").lines() {
        text += &line_of_text(line.trim());
    }
    text + ".fi\n"
}

fn list_of_commands(commands: &[&Command]) -> String {
    let mut text = String::new();
    for command in commands {
        if text.is_empty() {
            text += ".SH COMMANDS\n";
        }
        let about = command.get_about().map(ToString::to_string);
        let about = about.unwrap_or_default();
        let name = escape(&page_name(command));
        text += &format!(".TP\n.BR {name} (1)\n{}", filled(&about));
    }
    text
}

/// The arguments, then the flags below their headings, in the order of the help.
fn options(command: &Command) -> String {
    let shown = |argument: &&Arg| !argument.is_hide_set();
    let arguments: Vec<_> = command.get_arguments().filter(shown).collect();
    let mut headings = Vec::new();
    for argument in &arguments {
        let heading = argument.get_help_heading();
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // Those without a heading of their own come first.
    headings.sort_by_key(Option::is_some);
    let mut text = ".SH OPTIONS\n".to_owned();
    for heading in headings {
        if let Some(heading) = heading {
            text += &format!(".SS {}\n", escape(heading));
        }
        let below = arguments
            .iter()
            .filter(|one| one.get_help_heading() == heading);
        let (flags, others): (Vec<_>, Vec<_>) = below.partition(|one| one.get_long().is_some());
        text.extend(others.into_iter().chain(flags).map(option));
    }
    text
}

fn option(argument: &Arg) -> String {
    let short = argument
        .get_short()
        .map(|letter| format!("\\fB\\-{letter}\\fR, "));
    let long = argument
        .get_long()
        .map(|name| format!("\\fB\\-\\-{}\\fR", escape(name)));
    let names = argument.get_value_names().unwrap_or_default();
    let takes_values = argument.get_action().takes_values() || long.is_none();
    let names = names.iter().filter(|_| takes_values);
    let names: Vec<_> = names
        .map(|name| format!("\\fI{}\\fR", escape(name)))
        .collect();
    let title = [long.unwrap_or_default(), names.join(" ")];
    let title = title.join(" ");
    let help = argument.get_long_help().or(argument.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut text = format!(
        ".TP\n{}{}\n{}",
        short.unwrap_or_default(),
        title.trim(),
        filled(&help)
    );
    text += &values(argument);
    text
}

/// The values that there are, with their help, and the default.
fn values(argument: &Arg) -> String {
    let mut text = String::new();
    if argument.get_action().takes_values() {
        let values = argument.get_possible_values();
        let describes = values.iter().any(|value| value.get_help().is_some());
        for value in values.iter().filter(|_| describes) {
            let help = value
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let start = if text.is_empty() { ".RS\n" } else { "" };
            let name = escape(value.get_name());
            text += &format!("{start}.TP\n\\fB{name}\\fR\n{}", filled(&help));
        }
        if !text.is_empty() {
            text += ".RE\n";
        } else if !values.is_empty() {
            let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
            text = filled(&format!("[values: {}]", names.join(", ")));
        }
        let defaults = argument.get_default_values().iter();
        let default: Vec<_> = defaults.filter_map(|value| value.to_str()).collect();
        if !default.is_empty() && !argument.is_hide_default_value_set() {
            let paragraph = if text.starts_with(".RS") { ".IP\n" } else { "" };
            text += &format!(
                "{paragraph}{}",
                filled(&format!("[default: {}]", default.join(" ")))
            );
        }
    }
    text
}

/// The text after the help: a line that ends with a colon begins a section, and lines that are
/// indented are shown as they are.
fn sections(help: &str) -> String {
    let (mut text, mut is_verbatim, mut is_new) = (String::new(), false, true);
    for line in help.lines() {
        let is_indented = line.starts_with(' ');
        if is_verbatim && !is_indented && !line.is_empty() {
            text += ".fi\n";
            is_verbatim = false;
        }
        match line.strip_suffix(':').filter(|_| !is_indented) {
            Some(heading) => text += &format!(".SH {}\n", escape(&heading.to_uppercase())),
            None if line.is_empty() => {}
            None => {
                text += match (is_new, text.is_empty()) {
                    (true, true) => ".SH NOTES\n",
                    (true, false) => ".PP\n",
                    (false, _) => "",
                };
                if is_indented && !is_verbatim {
                    text += ".nf\n";
                    is_verbatim = true;
                }
                text += &if is_indented {
                    line_of_text(line)
                } else {
                    filled(line)
                };
            }
        }
        is_new = line.is_empty();
    }
    text + if is_verbatim { ".fi\n" } else { "" }
}

fn environment() -> String {
    let mut text = ".SH ENVIRONMENT\n".to_owned();
    for setting in settings::ALL {
        let meaning = format!("{}; the same as {}", setting.what, setting.all_flags());
        text += &format!(".TP\n.B {}\n{}", setting.variable, filled(&meaning));
    }
    text
}

fn see_also(commands: &[&Command]) -> String {
    let names: Vec<_> = commands.iter().map(|command| page_name(command)).collect();
    let references: Vec<_> = names
        .iter()
        .map(|name| format!(".BR {} (1)", escape(name)))
        .collect();
    format!(".SH SEE ALSO\n{}\n", references.join(",\n"))
}

/// Text in lines of at most 78 bytes, which troff fills.
fn filled(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in escape(text).split_whitespace() {
        if !line.is_empty() && line.len() + 1 + word.len() > 76 {
            lines += &no_request(&line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &no_request(&line)
}

/// A line that is shown as it is.
fn line_of_text(line: &str) -> String {
    no_request(&escape(line))
}

/// A line that troff does not take for a request.
fn no_request(line: &str) -> String {
    let start = if line.starts_with(['.', '\'', ' ']) {
        "\\&"
    } else {
        ""
    };
    format!("{start}{line}\n")
}

/// Text with the characters escaped that mean something to troff, or that it may lack.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\n' => escaped.push(' '),
            char if char.is_ascii() => escaped.push(char),
            char => escaped += &format!("\\[u{:04X}]", u32::from(char)),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_release_is_that_in_the_changelog() {
        let changelog = include_str!("../CHANGELOG.md");
        let heading = format!("## [{}] - {RELEASED}", env!("CARGO_PKG_VERSION"));
        assert!(changelog.lines().any(|line| line == heading), "{heading}");
    }
}
