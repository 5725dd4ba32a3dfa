//! Completion scripts for shells, written from the definition of the command line.
//!
//! `clap_complete` would make the program larger, and completes no profiles.

mod flag;
mod command;
mod bash;
mod zsh;
mod fish;

use crate::args::{Shell, definition};
use command::all;

/// The script for a shell.
pub(crate) fn script(shell: Shell) -> String {
    let mut cli = definition();
    cli.build();
    let commands = all(&cli);
    match shell {
        Shell::Bash => bash::script(&commands),
        Shell::Zsh => zsh::script(&commands),
        Shell::Fish => fish::script(&commands),
    }
}
