//! Ctrl-C and the like: restores the terminal, then dies of the signal, as if nothing had caught it.

use std::io;

/// From here on a file that is longer than the user's limit allows is an error of the write, which
/// is reported, and not the end of the process. A handler, unlike an ignored signal, is not
/// inherited by other programs.
#[cfg(unix)]
pub(crate) fn survive_file_size_limit() {
    let flag = signal_hook::consts::SIGXFSZ;
    signal_hook::flag::register(flag, std::sync::Arc::default()).ok();
}

#[cfg(not(unix))]
pub(crate) fn survive_file_size_limit() {}

/// From here on a signal that ends the program first restores the terminal.
#[cfg(unix)]
pub(crate) fn install_handlers() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::low_level::emulate_default_handler;
    let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    let thread = std::thread::Builder::new().name("signals".into());
    thread.spawn(move || {
        if let Some(signal) = signals.forever().next() {
            padlock::restore_terminal();
            // Not an exit code: a shell's loop goes on after that.
            emulate_default_handler(signal).ok();
        }
    })?;
    Ok(())
}

/// Elsewhere the system's own handling of Ctrl-C is enough.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
pub(crate) fn install_handlers() -> io::Result<()> {
    Ok(())
}
