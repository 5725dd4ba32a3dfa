//! How to reach the tenant.

use std::path::PathBuf;

use crate::deadline::Deadline;

/// How to reach the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// PEM certificates to trust in addition to the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// For the whole run.
    pub(crate) deadline: Deadline,
}

impl Network {
    pub(super) fn new(ca_file: Option<PathBuf>, deadline: Deadline) -> Self {
        Self { ca_file, deadline }
    }
}
