//! A command, as completions need it.

use clap::Command;

use super::flag::Flag;

/// A command, as completions need it.
pub(super) struct Completed {
    /// Its name and its aliases; one empty name for the login without a command.
    pub(super) names: Vec<String>,
    pub(super) about: String,
    pub(super) flags: Vec<Flag>,
    pub(super) argument: Argument,
}

/// What may follow a command besides flags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    /// Nothing that could be completed.
    Nothing,
    /// The name of a command.
    Command,
    /// The name of a shell.
    Shell,
    Folder,
    /// Another program's command line, after `--`.
    CommandLine,
}

/// All commands; the first is the login without a command.
pub(super) fn all(cli: &Command) -> Vec<Completed> {
    let mut commands = vec![completed(cli, vec![String::new()])];
    for command in cli.get_subcommands().filter(|one| !one.is_hide_set()) {
        let aliases = command.get_visible_aliases().map(str::to_owned);
        let names = std::iter::once(command.get_name().to_owned()).chain(aliases);
        commands.push(completed(command, names.collect()));
    }
    commands
}

fn completed(command: &Command, names: Vec<String>) -> Completed {
    let argument = match names.first().map(String::as_str) {
        Some("" | "help") => Argument::Command,
        Some("completions") => Argument::Shell,
        Some("man") => Argument::Folder,
        Some("run") => Argument::CommandLine,
        _ => Argument::Nothing,
    };
    let about = command.get_about();
    Completed {
        names,
        about: about.map(ToString::to_string).unwrap_or_default(),
        flags: command.get_arguments().filter_map(Flag::of).collect(),
        argument,
    }
}

/// The names of all commands but the one without a name.
pub(super) fn names(commands: &[Completed]) -> impl Iterator<Item = &str> {
    let names = commands.iter().skip(1).flat_map(|command| &command.names);
    names.map(String::as_str)
}

/// Every spelling of the flags that take a value; none takes one in some commands only.
pub(super) fn valued(commands: &[Completed]) -> Vec<String> {
    let flags = commands.iter().flat_map(|command| &command.flags);
    let valued = flags.filter(|flag| flag.takes_value());
    let mut spellings: Vec<_> = valued.flat_map(Flag::spellings).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// The shells that there are scripts for, by name.
pub(super) const SHELLS: &str = "bash zsh fish elvish powershell";
