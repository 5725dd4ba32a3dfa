//! How tokens are handed over to other programs.

use clap::Args;

use crate::output::Shell;

/// How tokens are handed over to other programs.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct HandoverArgs {
    /// What reads the variables of --output env [default: bash]
    #[arg(long, value_enum, value_name = "SHELL")]
    #[arg(help_heading = "Output")]
    pub(crate) shell: Option<Shell>,
}
