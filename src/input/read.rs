//! Files, pipes and standard input, read within a limit and a deadline.

use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
#[cfg(unix)]
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc;

use zeroize::Zeroizing;

use crate::deadline::Deadline;
use crate::threads;

/// What is wrong with input that is still open at the deadline.
pub(crate) const LATE: &str = "it did not end in time";

/// A file that is open for reading, or what was read of a pipe.
pub(crate) enum Source {
    File(File),
    Bytes(Cursor<Zeroizing<Vec<u8>>>),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => {
                let length = (&bytes.get_ref()[position(bytes)..]).read(buffer)?;
                bytes.set_position(bytes.position() + length as u64);
                Ok(length)
            }
        }
    }
}

fn position(bytes: &Cursor<Zeroizing<Vec<u8>>>) -> usize {
    let end = bytes.get_ref().len();
    usize::try_from(bytes.position()).map_or(end, |position| position.min(end))
}

/// Opens a file. Anything else, such as a named pipe or the shell's `<(…)`, is read to its end, or
/// to one byte beyond the limit, before the deadline.
pub(crate) fn open(path: &Path, limit: usize, deadline: Deadline) -> io::Result<Source> {
    if std::fs::metadata(path)?.is_file() {
        return File::open(path).map(Source::File);
    }
    let path = path.to_owned();
    let bytes = within(deadline, move || bounded(File::open(path)?, limit))?;
    Ok(Source::Bytes(Cursor::new(bytes)))
}

/// Standard input to its end, or to one byte beyond the limit. What a person types there has no
/// deadline.
pub(super) fn stdin_to_end(limit: usize, deadline: Deadline) -> io::Result<Zeroizing<Vec<u8>>> {
    if io::IsTerminal::is_terminal(&io::stdin()) {
        return bounded(stdin()?, limit);
    }
    within(deadline, move || bounded(stdin()?, limit))
}

/// Does work that may block until the deadline; its thread is then abandoned.
pub(super) fn within<T: Send + 'static>(
    deadline: Deadline,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = mpsc::channel();
    let work = move || drop(sender.send(work()));
    threads::spawn("reader", work)?;
    let late = |_| io::Error::new(ErrorKind::TimedOut, LATE);
    receiver.recv_timeout(deadline.remaining()).map_err(late)?
}

/// Reads to the end, or to one byte beyond the limit. A vector that grows by itself would leave
/// copies of what it held.
pub(crate) fn bounded(mut source: impl Read, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let mut part = Zeroizing::new([0; 4096]);
    while bytes.len() <= limit {
        let length = match source.read(part.as_mut()) {
            Ok(0) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            length => length?.min(limit + 1 - bytes.len()),
        };
        if bytes.len() + length > bytes.capacity() {
            let mut larger = Vec::with_capacity(bytes.capacity() * 2);
            larger.extend_from_slice(&bytes);
            bytes = Zeroizing::new(larger);
        }
        bytes.extend_from_slice(&part[..length]);
    }
    Ok(bytes)
}

/// Standard input without the library's buffer, which is never wiped.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
fn stdin() -> io::Result<io::StdinLock<'static>> {
    Ok(io::stdin().lock())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn long_input_is_read_whole_and_endless_input_ends_at_the_limit() {
        for length in [0, 1, 4095, 4096, 4097, 100_000] {
            let all: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            assert_eq!(*bounded(all.as_slice(), 100_000).unwrap(), all);
        }
        assert_eq!(bounded(io::repeat(b'a'), 10_000).unwrap().len(), 10_001);
    }

    #[test]
    fn work_that_does_not_end_is_left_behind_at_the_deadline() {
        let started = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        let endless = || {
            std::thread::sleep(Duration::from_secs(5));
            Ok(())
        };
        let error = within(deadline, endless).unwrap_err();
        assert_eq!(error.to_string(), "it did not end in time");
        assert!(started.elapsed() < Duration::from_secs(4));
        assert_eq!(within(deadline.restarted(), || Ok(1)).unwrap(), 1);
    }

    #[test]
    fn what_was_read_of_a_pipe_can_be_read_in_parts() {
        let mut source = Source::Bytes(Cursor::new(Zeroizing::new(b"abc".to_vec())));
        let mut two = [0; 2];
        assert_eq!((source.read(&mut two).unwrap(), &two), (2, b"ab"));
        assert_eq!(*bounded(source, 10).unwrap(), b"c");
    }
}
