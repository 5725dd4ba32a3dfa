//! Threads, which a machine may refuse to start.

use std::io;
use std::thread::{Builder, JoinHandle};

use crate::failure::{Class, Diagnose};

/// Why no thread could be started.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no thread could be started: {problem}")]
pub(crate) struct NoThread {
    problem: String,
}

impl NoThread {
    /// The one that is the cause of an I/O error.
    pub(crate) fn in_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<NoThread> for io::Error {
    fn from(error: NoThread) -> Self {
        Self::other(error)
    }
}

impl Diagnose for NoThread {
    fn class(&self) -> Class {
        Class::Internal
    }

    fn hint(&self) -> Option<String> {
        Some("raise the limits on processes and memory (ulimit -u, ulimit -v)".to_owned())
    }
}

/// Starts a thread with this name.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, NoThread> {
    let thread = Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(|error| NoThread {
        problem: error.to_string(),
    })
}
