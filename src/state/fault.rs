//! Points at which tests end the process, to prove that nothing is lost there.

/// A step of a change is complete. In a build with debug assertions the variable `PADLOCK_KILL_AT`
/// names the step, by its number in the run, after which the process kills itself; a release has no
/// trace of this.
#[cfg(all(unix, debug_assertions))]
pub(crate) fn reached(step: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static REACHED: AtomicUsize = AtomicUsize::new(1);
    let number = REACHED.fetch_add(1, Ordering::Relaxed);
    #[expect(clippy::disallowed_methods, reason = "only in builds for tests")]
    let (kill_at, log) = (
        std::env::var("PADLOCK_KILL_AT").ok(),
        std::env::var_os("PADLOCK_STEPS"),
    );
    if let Some(log) = log {
        use std::io::Write;
        let file = std::fs::File::options().append(true).create(true).open(log);
        drop(file.and_then(|mut file| writeln!(file, "{number} {step}")));
    }
    if kill_at.and_then(|text| text.parse().ok()) == Some(number) {
        let (this, signal) = (rustix::process::getpid(), rustix::process::Signal::KILL);
        let _ = rustix::process::kill_process(this, signal);
    }
}

#[cfg(not(all(unix, debug_assertions)))]
pub(crate) fn reached(_step: &str) {}
