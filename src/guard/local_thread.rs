//! A thread with a runtime of its own, whose tasks stay in it.

use std::io;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use crate::threads::spawn;

/// Starts a thread that makes a future by `begin`, within its runtime, and runs it to its end. Fails
/// if the thread, the runtime or the future cannot be had.
pub(super) fn start<F: Future<Output = ()>>(
    name: &str,
    begin: impl FnOnce() -> io::Result<F> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let (report, reported) = sync_channel(1);
    let thread = spawn(name, move || match begun(begin) {
        Ok((runtime, work)) => {
            report.send(Ok(())).ok();
            runtime.block_on(work);
        }
        Err(error) => drop(report.send(Err(error))),
    })?;
    let ended = |_| Err(io::Error::other("the thread has ended"));
    reported.recv().unwrap_or_else(ended)?;
    Ok(thread)
}

fn begun<F>(begin: impl FnOnce() -> io::Result<F>) -> io::Result<(LocalRuntime, F)> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())?;
    let entered = runtime.enter();
    let work = begin()?;
    drop(entered);
    Ok((runtime, work))
}
