//! What only a process does: signals, panics, and a command line that does not parse.

pub(crate) mod signals;
pub(crate) mod panics;
pub(crate) mod stdout;
pub(crate) mod usage;
