//! What settings are loaded with, besides the flags.

use std::ffi::OsString;

use super::report::Report;
use crate::input::Interactivity;

/// Looks up one variable of the environment.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What settings are loaded with, besides the flags.
#[derive(Clone, Copy)]
pub(crate) struct LoadContext<'a> {
    pub(crate) variables: Variables<'a>,
    pub(crate) interactivity: Interactivity,
    pub(crate) report: &'a Report,
}
