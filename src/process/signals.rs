//! Ctrl-C and the like: restores the terminal, then exits.

use std::io;
#[cfg(unix)]
use std::sync::{Arc, OnceLock, atomic::AtomicBool};

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The terminal's settings before any prompt.
#[cfg(unix)]
static INITIAL: OnceLock<Termios> = OnceLock::new();

/// From here on a signal that ends the program first turns the terminal's echo back on. The exit
/// code is 128 plus the signal's number: 130 for Ctrl-C.
#[cfg(unix)]
pub(crate) fn install_handlers() -> io::Result<()> {
    match tcgetattr(io::stdin()) {
        Ok(initial) => {
            INITIAL.get_or_init(|| initial);
            restore_and_exit()
        }
        Err(_) => exit_at_once(),
    }
}

/// Restores the terminal, where there is one.
#[cfg(unix)]
pub(crate) fn restore_terminal() {
    // In the background the terminal belongs to another process; touching it would stop this one.
    if let Some(initial) = INITIAL.get().filter(|_| is_in_foreground()) {
        end_line();
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, initial);
    }
}

/// Without a terminal there is nothing to restore, and no thread to start. A hangup is left to the
/// system, which ends the program unless `nohup` made it ignore the signal.
#[cfg(unix)]
fn exit_at_once() -> io::Result<()> {
    for signal in [SIGINT, SIGQUIT, SIGTERM] {
        let always = Arc::new(AtomicBool::new(true));
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, always)?;
    }
    Ok(())
}

#[cfg(unix)]
fn restore_and_exit() -> io::Result<()> {
    let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    let thread = std::thread::Builder::new().name("signals".into());
    thread.spawn(move || {
        let Some(signal) = signals.forever().next() else {
            return;
        };
        restore_terminal();
        #[expect(
            clippy::exit,
            reason = "the main thread may be waiting for input or for the network"
        )]
        std::process::exit(128 + signal);
    })?;
    Ok(())
}

#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Where typing is echoed, the cursor is after `^C`. (A password prompt has ended its line itself.)
#[cfg(unix)]
fn end_line() {
    use std::io::{IsTerminal, Write};
    let echoes = tcgetattr(io::stdin())
        .is_ok_and(|settings| settings.local_modes.contains(LocalModes::ECHO));
    if echoes && io::stderr().is_terminal() {
        writeln!(io::stderr()).ok();
    }
}

/// Elsewhere the system's own handling of Ctrl-C is enough.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
pub(crate) fn install_handlers() -> io::Result<()> {
    Ok(())
}

/// Elsewhere the password prompt restores it.
#[cfg(not(unix))]
pub(crate) fn restore_terminal() {}
