//! Where a result goes, and in what form tokens are handed over there.

use std::path::PathBuf;

use super::exec_credential::ExecApi;
use super::shell::Syntax;
use super::target::OutputTarget;

/// Where a result goes, and what a form needs to know of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) target: OutputTarget,
    pub(crate) handover: &'a Handover,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// How programs take over tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handover {
    pub(crate) variables: Variables,
    pub(crate) exec_api: ExecApi,
}

/// What reads variables.
#[derive(Clone, Debug)]
pub(crate) enum Variables {
    Shell(Syntax),
    /// The runner of GitHub Actions, from this file.
    Github(PathBuf),
}

impl Default for Variables {
    fn default() -> Self {
        Self::Shell(Syntax::default())
    }
}
