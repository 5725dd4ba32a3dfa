//! What reading a one-time code depends on.

use super::interactivity::Interactivity;
use crate::deadline::Deadline;

/// What reading a code depends on.
pub(crate) struct CodeRequest<'a> {
    /// The prompt.
    pub(crate) question: &'a str,
    pub(crate) deadline: Deadline,
    pub(crate) interactivity: Interactivity,
    /// This machine's clock, in seconds since 1970.
    pub(crate) clock: fn() -> i64,
    /// Prints a note for the user at once.
    pub(crate) note: &'a dyn Fn(&str),
}
