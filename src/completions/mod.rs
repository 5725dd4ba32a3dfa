//! Completion scripts for shells, written from the definition of the command line.
//!
//! Not with `clap_complete`, which completes no profiles and no lists, but for the shells that few
//! people use.

mod flag;
mod command;
mod bash;
mod zsh;
mod fish;

use clap::Command;
use clap_complete::Generator;
use clap_complete::shells::{Elvish, PowerShell};

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
        Shell::Elvish => generated(&Elvish, &mut cli),
        Shell::Powershell => generated(&PowerShell, &mut cli),
    }
}

/// The script of a generator.
fn generated(generator: &impl Generator, cli: &mut Command) -> String {
    let mut script = Vec::new();
    let name = cli.get_name().to_owned();
    cli.set_bin_name(name);
    // Writing to memory does not fail, and what is written is text.
    generator.try_generate(cli, &mut script).ok();
    String::from_utf8(script).unwrap_or_default()
}
