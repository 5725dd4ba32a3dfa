//! The process around a run.

use std::ffi::OsString;

use crate::config::{ConfigError, LoadContext, Network, Report};
use crate::failure::Failure;
use crate::http::{Detail, Http, HttpError, Log};
use crate::input::Interactivity;
use crate::output::{Destination, Handover, OutputTarget, SignInAddress};

/// What a run knows of the process around it.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Reads an environment variable.
    pub variables: &'a dyn Fn(&str) -> Option<OsString>,
    /// Whether there is a person to ask.
    pub interactivity: Interactivity,
    /// Where the result goes.
    pub stdout: OutputTarget,
    /// Writes part of a result that may be too long for memory; other results are returned.
    pub write: &'a dyn Fn(&[u8]) -> std::io::Result<()>,
    /// This machine's clock, in seconds since 1970.
    pub clock: fn() -> i64,
    /// The log of requests.
    pub log: Log,
    /// Prints a note for the user at once.
    pub note: &'a dyn Fn(&str),
    /// Prints, where there is no terminal, at which address a person has to sign in.
    pub show_sign_in: &'a dyn Fn(&SignInAddress<'_>),
    /// Prints a new recovery code at once, so that no later failure can lose it.
    pub show_recovery_code: &'a dyn Fn(&str),
}

impl Context<'_> {
    /// Loads settings. The notes about them are printed even where they are invalid, and with `-v`
    /// where each came from.
    pub(crate) fn load<T>(
        &self,
        load: impl FnOnce(&LoadContext<'_>) -> Result<T, ConfigError>,
    ) -> Result<T, Failure> {
        self.load_with(&Report::default(), load)
    }

    /// The same for a command that loads its settings in several steps: what an earlier step has
    /// noted is not printed again.
    pub(crate) fn load_with<'r, T>(
        &'r self,
        report: &'r Report,
        load: impl FnOnce(&LoadContext<'r>) -> Result<T, ConfigError>,
    ) -> Result<T, Failure> {
        let settings = load(&LoadContext {
            variables: self.variables,
            interactivity: self.interactivity,
            report,
        });
        if self.log.detail >= Detail::Requests {
            for line in report.new_origins() {
                (self.log.write)(&line);
            }
        }
        for note in report.new_notes() {
            (self.note)(&note);
        }
        Ok(settings?)
    }

    /// Where the result goes.
    pub(crate) fn destination<'h>(&self, handover: &'h Handover) -> Destination<'h> {
        Destination {
            target: self.stdout,
            handover,
            now: (self.clock)(),
        }
    }

    /// An HTTP client for this run, whose deadline starts now.
    pub(crate) fn http(&self, network: &Network) -> Result<Http, HttpError> {
        Http::new(network, self.variables, self.clock, self.log)
    }
}
