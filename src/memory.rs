//! Keeps this process's memory, which holds the password, off the disk and from other processes.

#[cfg(unix)]
use std::sync::OnceLock;

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit on core dumps that padlock was started with.
#[cfg(unix)]
static ORIGINAL: OnceLock<Rlimit> = OnceLock::new();

/// No core dump and, on Linux, no debugger and no `/proc/PID/mem` for other processes of the user.
pub fn protect() {
    #[cfg(unix)]
    {
        let original = ORIGINAL.get_or_init(|| getrlimit(Resource::Core));
        // The hard limit, once lowered, could not be restored for a child.
        let none = Rlimit {
            current: Some(0),
            maximum: original.maximum,
        };
        let _ = setrlimit(Resource::Core, none);
    }
    // Also covers systems that pipe core dumps to a program, whatever the limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Starts another program, which inherits the limit on core dumps that padlock was started with.
#[cfg(unix)]
pub(crate) fn with_original_limit<T>(start: impl FnOnce() -> T) -> T {
    let lowered = getrlimit(Resource::Core);
    if let Some(original) = ORIGINAL.get() {
        let _ = setrlimit(Resource::Core, *original);
    }
    let started = start();
    let _ = setrlimit(Resource::Core, lowered);
    started
}

#[cfg(not(unix))]
pub(crate) fn with_original_limit<T>(start: impl FnOnce() -> T) -> T {
    start()
}
