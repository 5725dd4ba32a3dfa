//! The terminal's settings while a person is asked: no echo, every key as it is typed.
//!
//! The kernel still turns Ctrl-C and Ctrl-\ into signals. Ctrl-Z is read like any other key, since
//! the settings have to be restored before the process stops, and no handler can do both.

use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::job::{await_foreground, is_in_background};
use super::line::Keys;

/// A read that finds nothing returns after this many tenths of a second. Only where `poll` may not
/// know terminals: a shell that gets these settings from a program that was killed takes such a
/// read as the end of its input.
const READ_TIMEOUT: u8 = if cfg!(target_vendor = "apple") { 1 } else { 0 };

/// The terminal whose settings are changed. There is at most one.
static CHANGED: Mutex<Option<Changed>> = Mutex::new(None);

struct Changed {
    terminal: File,
    initial: Termios,
    /// Whether the cursor is after a question.
    is_asking: bool,
}

/// The settings for prompts, until this is dropped.
pub(super) struct PromptMode {
    terminal: File,
    /// The keys that the person's own settings name.
    pub(super) keys: Keys,
}

impl PromptMode {
    pub(super) fn begin(terminal: &File) -> io::Result<Self> {
        let mode = Self {
            terminal: terminal.try_clone()?,
            keys: keys(&tcgetattr(terminal)?),
        };
        mode.resume()?;
        Ok(mode)
    }

    /// Restores the person's own settings before the process stops.
    pub(super) fn suspend(&self) {
        if let Some(changed) = changed().take() {
            restore(&self.terminal, &changed.initial);
        }
    }

    /// Changes the settings, again after the process was stopped: a shell has its own.
    pub(super) fn resume(&self) -> io::Result<()> {
        await_foreground(&self.terminal)?;
        // Held while the settings change, so that a signal finds either all or nothing to restore.
        let mut changed = changed();
        let found = tcgetattr(&self.terminal)?;
        let initial = match changed.take() {
            Some(changed) if !found.local_modes.contains(LocalModes::ICANON) => changed.initial,
            _ => found,
        };
        set(&self.terminal, &for_prompts(&initial))?;
        *changed = Some(Changed {
            terminal: self.terminal.try_clone()?,
            initial,
            is_asking: true,
        });
        Ok(())
    }
}

impl Drop for PromptMode {
    fn drop(&mut self) {
        self.suspend();
    }
}

fn keys(settings: &Termios) -> Keys {
    let key = |index| settings.special_codes[index];
    Keys {
        erase: key(SpecialCodeIndex::VERASE),
        word_erase: key(SpecialCodeIndex::VWERASE),
        kill: key(SpecialCodeIndex::VKILL),
        end: key(SpecialCodeIndex::VEOF),
        suspend: key(SpecialCodeIndex::VSUSP),
    }
}

/// In the background the terminal belongs to another process; touching it would stop this one.
fn restore(terminal: &File, initial: &Termios) {
    if !is_in_background(terminal) {
        set(terminal, initial).ok();
    }
}

/// Notes whether the cursor is after a question.
pub(super) fn set_asking(is_asking: bool) {
    if let Some(changed) = changed().as_mut() {
        changed.is_asking = is_asking;
    }
}

/// Restores the terminal of a process that is about to end; it asks nothing any more.
pub fn restore_terminal() {
    use std::io::Write;
    // A thread that panics may hold the lock.
    for _ in 0..100 {
        let guard = match CHANGED.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
        };
        if let Some(changed) = &*guard {
            if changed.is_asking {
                (&changed.terminal).write_all(b"\n").ok();
            }
            restore(&changed.terminal, &changed.initial);
        }
        std::mem::forget(guard);
        return;
    }
}

fn for_prompts(initial: &Termios) -> Termios {
    let mut settings = initial.clone();
    let local = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN;
    settings.local_modes -= local;
    settings.input_modes -= InputModes::IXON;
    settings.special_codes[SpecialCodeIndex::VSUSP] = 0;
    settings.special_codes[SpecialCodeIndex::VMIN] = 1 - READ_TIMEOUT;
    settings.special_codes[SpecialCodeIndex::VTIME] = READ_TIMEOUT;
    settings
}

/// What was typed ahead is kept.
fn set(terminal: &File, settings: &Termios) -> io::Result<()> {
    loop {
        match tcsetattr(terminal, OptionalActions::Now, settings) {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

fn changed() -> MutexGuard<'static, Option<Changed>> {
    CHANGED.lock().unwrap_or_else(PoisonError::into_inner)
}
