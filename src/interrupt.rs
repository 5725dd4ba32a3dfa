//! Ctrl-C and its like: the terminal as it was found, then out.

use std::io;
#[cfg(unix)]
use std::sync::{Arc, OnceLock, atomic::AtomicBool};

#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The terminal's settings before any question.
#[cfg(unix)]
static FOUND: OnceLock<Termios> = OnceLock::new();

/// From here on a signal that ends the program first gives the terminal its echo back. The exit code is 128 and the
/// signal's number: 130 for Ctrl-C.
#[cfg(unix)]
pub(crate) fn end_cleanly() -> io::Result<()> {
    match tcgetattr(io::stdin()) {
        Ok(found) => {
            FOUND.get_or_init(|| found);
            restore_and_end()
        }
        Err(_) => end_at_once(),
    }
}

/// The terminal as it was found, where there is one.
#[cfg(unix)]
pub(crate) fn restore_terminal() {
    // In the background the terminal is another's; to touch it would stop the process.
    if let Some(found) = FOUND.get().filter(|_| is_in_front()) {
        leave_the_line();
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, found);
    }
}

/// Where no question can be asked there is no terminal to restore, and no thread to be waited for. A hang-up is left to
/// the system, which ends the program as well, unless `nohup` has told it not to.
#[cfg(unix)]
fn end_at_once() -> io::Result<()> {
    for signal in [SIGINT, SIGQUIT, SIGTERM] {
        let always = Arc::new(AtomicBool::new(true));
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, always)?;
    }
    Ok(())
}

#[cfg(unix)]
fn restore_and_end() -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let Some(signal) = signals.forever().next() else {
                return;
            };
            restore_terminal();
            #[expect(
                clippy::exit,
                reason = "the main thread may be waiting for the person or for the network"
            )]
            std::process::exit(128 + signal);
        })?;
    Ok(())
}

#[cfg(unix)]
fn is_in_front() -> bool {
    rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Where what is typed is shown, the cursor stands behind `^C`. (A prompt for a password has ended its line itself.)
#[cfg(unix)]
fn leave_the_line() {
    use std::io::{IsTerminal, Write};
    let echoes = tcgetattr(io::stdin()).is_ok_and(|settings| {
        settings
            .local_modes
            .contains(rustix::termios::LocalModes::ECHO)
    });
    if echoes && io::stderr().is_terminal() {
        writeln!(io::stderr()).ok();
    }
}

/// Elsewhere the system's own handling of Ctrl-C does.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
pub(crate) fn end_cleanly() -> io::Result<()> {
    Ok(())
}

/// There the prompt for a password restores it.
#[cfg(not(unix))]
pub(crate) fn restore_terminal() {}
