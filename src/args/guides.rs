//! `padlock completions` and `padlock man`: the arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Print the completion script for a shell
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to print it for
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Print the manual page of padlock, or write the page of every command into a folder
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages, which is created if needed
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

/// A shell that completions are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// bash 3.2 or later
    Bash,
    /// zsh 5.0 or later
    Zsh,
    /// fish 3.1 or later
    Fish,
    /// elvish 0.18 or later; commands and flags alone
    Elvish,
    /// PowerShell 5.1 or later; commands and flags alone
    Powershell,
}
