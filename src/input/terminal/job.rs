//! The process as a job of a shell: stopped, continued, in the background.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, kill_current_process_group};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::SIGCONT;

/// How long the process may take to stop after it was asked to, and to end after a signal.
const PAUSE: Duration = Duration::from_millis(100);

/// Set when the process goes on after it was stopped.
static CONTINUED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Stops the process and those in its pipeline, and says whether it did: without a shell that
/// could continue it, the kernel ignores the signal. Returns when the process goes on.
pub(super) fn stop(signal: Signal) -> io::Result<bool> {
    continued().store(false, Ordering::Relaxed);
    kill_current_process_group(signal)?;
    let mut waited = Duration::ZERO;
    while !continued().load(Ordering::Relaxed) && waited < PAUSE {
        thread::sleep(PAUSE / 20);
        waited += PAUSE / 20;
    }
    Ok(continued().swap(false, Ordering::Relaxed))
}

/// Stops the process as long as it is in the background, as the kernel would at a use of the
/// terminal, and says whether it was. But the kernel does it at once, again and again, so that a
/// signal that ends the program is not acted on; here it has time for that.
pub(super) fn await_foreground(terminal: &File) -> io::Result<bool> {
    let mut was_stopped = false;
    while is_in_background(terminal) {
        thread::sleep(PAUSE);
        // Without a shell that could continue it, the use of the terminal is an error.
        if !is_in_background(terminal) || !stop(Signal::TTIN)? {
            break;
        }
        was_stopped = true;
    }
    Ok(was_stopped)
}

/// A terminal that is not this session's own has no owner, and no background.
pub(super) fn is_in_background(terminal: &File) -> bool {
    tcgetpgrp(terminal).is_ok_and(|owner| owner != getpgrp())
}

pub(super) fn continued() -> &'static AtomicBool {
    CONTINUED.get_or_init(|| {
        let continued = Arc::new(AtomicBool::new(false));
        // Without the handler, only the question is not asked again.
        signal_hook::flag::register(SIGCONT, Arc::clone(&continued)).ok();
        continued
    })
}
