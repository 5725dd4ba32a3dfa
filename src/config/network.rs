//! How to reach the tenant.

use std::path::PathBuf;
use std::time::Duration;

/// How to reach the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// PEM certificates to trust in addition to the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// For the whole run.
    pub(crate) timeout: Duration,
}

impl Network {
    /// `timeout` in seconds.
    pub(super) fn new(ca_file: Option<PathBuf>, timeout: f64) -> Self {
        Self {
            ca_file,
            timeout: Duration::from_secs_f64(timeout),
        }
    }
}
