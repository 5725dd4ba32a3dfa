//! The terminal itself, whatever standard input, output and error are connected to.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::termios::{tcgetattr, tcgetwinsize};

use super::job::{await_foreground, continued, stop};
use super::line::{Line, Typed, Typing};
use super::mode::{PromptMode, set_asking};

/// How long a key is waited for at a time.
const KEY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// A terminal, open for reading and writing.
pub(super) struct Device {
    input: File,
    output: File,
}

impl Device {
    /// The controlling terminal; without one, the terminal that standard input is.
    pub(super) fn open() -> io::Result<Self> {
        let terminal = File::options().read(true).write(true).open("/dev/tty");
        let (input, output) = match terminal {
            Ok(terminal) => (terminal.try_clone()?, terminal),
            Err(_) => (duplicate(io::stdin())?, writable()?),
        };
        Ok(Self { input, output })
    }

    /// Standard error, which is only written to.
    pub(super) fn stderr() -> io::Result<Self> {
        Ok(Self {
            input: duplicate(io::stdin())?,
            output: duplicate(io::stderr())?,
        })
    }

    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        (&self.output).write_all(text.as_bytes())
    }

    /// The width in columns, if known.
    pub(super) fn width(&self) -> Option<u16> {
        let size = tcgetwinsize(&self.output).ok();
        size.map(|size| size.ws_col).filter(|width| *width > 0)
    }

    pub(super) fn begin(&self) -> io::Result<PromptMode> {
        continued();
        PromptMode::begin(&self.input)
    }

    /// One line as it is typed after a question, which is asked again after the process was
    /// stopped.
    pub(super) fn read_line(
        &self,
        question: &str,
        is_echoed: bool,
        mode: &PromptMode,
        is_needless: &dyn Fn() -> bool,
    ) -> io::Result<Typing> {
        set_asking(true);
        let line = loop {
            self.write(question)?;
            match self.line(is_echoed, mode, is_needless)? {
                (_, Typed::Suspended) => mode.resume()?,
                (_, Typed::Ended) => break Typing::Ended,
                (_, Typed::Needless) => break Typing::Needless,
                (line, _) => break Typing::Line(line),
            }
        };
        set_asking(false);
        self.write("\n")?;
        Ok(line)
    }

    fn line(
        &self,
        is_echoed: bool,
        mode: &PromptMode,
        is_needless: &dyn Fn() -> bool,
    ) -> io::Result<(Line, Typed)> {
        let (keys, mut line) = (mode.keys, Line::new(is_echoed));
        loop {
            let Some(byte) = self.byte(is_needless)? else {
                return Ok((line, Typed::Ended));
            };
            let typed = match byte {
                Byte::Continued => Typed::Suspended,
                Byte::Needless => Typed::Needless,
                Byte::Typed(byte) => line.push(byte, keys),
            };
            match typed {
                Typed::More => self.write(&line.take_echo())?,
                Typed::Suspended if matches!(byte, Byte::Typed(_)) => {
                    mode.suspend();
                    stop(Signal::TSTP)?;
                    return Ok((line, typed));
                }
                typed => return Ok((line, typed)),
            }
        }
    }

    /// The next byte; `None` where the terminal is gone. One at a time, so that what was typed
    /// ahead is left to the next reader.
    fn byte(&self, is_needless: &dyn Fn() -> bool) -> io::Result<Option<Byte>> {
        let mut byte = zeroize::Zeroizing::new([0]);
        loop {
            if continued().swap(false, Ordering::Relaxed) {
                return Ok(Some(Byte::Continued));
            }
            if is_needless() {
                return Ok(Some(Byte::Needless));
            }
            if !self.has_key()? {
                continue;
            }
            match (&self.input).read(byte.as_mut()) {
                Ok(0) if tcgetattr(&self.input).is_err() => return Ok(None),
                Ok(0) => {}
                Ok(_) => return Ok(Some(Byte::Typed(byte[0]))),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for a key for a while. Not in the read itself, which the kernel would begin again in
    /// the background, and stop the process before another thread could end it.
    fn has_key(&self) -> io::Result<bool> {
        let mut terminal = [PollFd::new(&self.input, PollFlags::IN)];
        match poll(&mut terminal, Some(&KEY)) {
            Ok(_) if await_foreground(&self.input)? => {
                continued().store(true, Ordering::Relaxed);
                Ok(false)
            }
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[derive(Clone, Copy)]
enum Byte {
    Typed(u8),
    /// The process was stopped in between.
    Continued,
    /// The answer is not needed any more.
    Needless,
}

fn duplicate(file: impl AsFd) -> io::Result<File> {
    Ok(file.as_fd().try_clone_to_owned()?.into())
}

/// Where to write without a controlling terminal.
fn writable() -> io::Result<File> {
    if fcntl_getfl(io::stdin()).is_ok_and(|flags| flags.contains(OFlags::RDWR)) {
        duplicate(io::stdin())
    } else {
        duplicate(io::stderr())
    }
}
