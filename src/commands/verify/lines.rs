//! Lines of standard input in chunks: never more than a little of it at a time, however long it or a line is.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use crate::verify::MAX_BYTES;

/// Bytes that are asked for at once.
const BLOCK: usize = 64 << 10;

/// Bytes of a line that are kept: enough to see that it is too long for a token.
const KEPT: usize = MAX_BYTES + 2;

/// Lines to be read.
pub(super) struct Lines<R> {
    input: R,
    /// Read, and not yet taken.
    ready: VecDeque<Chunk>,
    /// The beginning of a line.
    rest: Vec<u8>,
    /// The number of the next line.
    next: u64,
    ended: bool,
}

/// Whole lines.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The number of the first line, counted from 1.
    first: u64,
    text: Vec<u8>,
}

impl Chunk {
    /// The lines with their numbers, without their endings (`\n` or `\r\n`).
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let text = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        let mut start = 0;
        let lines = memchr_iter(b'\n', text)
            .chain(std::iter::once(text.len()))
            .map(move |end| {
                let line = &text[std::mem::replace(&mut start, end + 1)..end];
                line.strip_suffix(b"\r").unwrap_or(line)
            });
        (self.first..).zip(lines)
    }

    /// How many bytes were read for it.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            ready: VecDeque::new(),
            rest: Vec::new(),
            next: 1,
            ended: false,
        }
    }

    /// The only line, or the empty one where there is none; `None` where there are more. Waits for the end of the first
    /// line and for what comes behind it.
    pub(super) fn only(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(first) = self.take()? else {
            return Ok(Some(Vec::new()));
        };
        let second = if first.lines().nth(1).is_none() {
            self.take()?
        } else {
            None
        };
        if second.is_none() && first.lines().nth(1).is_none() {
            return Ok(first.lines().next().map(|(_, line)| line.to_vec()));
        }
        self.ready
            .extend([Some(first), second].into_iter().flatten());
        Ok(None)
    }

    /// The next lines: those that are there, once one of them is whole.
    pub(super) fn take(&mut self) -> io::Result<Option<Chunk>> {
        if let Some(chunk) = self.ready.pop_front() {
            return Ok(Some(chunk));
        }
        while !self.ended {
            let known = self.rest.len();
            let read = self.read()?;
            let end = memrchr(b'\n', &self.rest[known..]);
            self.ended = read == 0;
            if let Some(end) = end {
                let rest = self.rest.split_off(known + end + 1);
                return Ok(Some(self.chunk(rest)));
            }
            self.rest.truncate(KEPT);
        }
        Ok((!self.rest.is_empty()).then(|| self.chunk(Vec::new())))
    }

    /// Adds one block to what is there.
    fn read(&mut self) -> io::Result<usize> {
        let known = self.rest.len();
        self.rest.resize(known + BLOCK, 0);
        let read = loop {
            match self.input.read(&mut self.rest[known..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.rest
            .truncate(known + read.as_ref().map_or(0, |read| *read));
        read
    }

    fn chunk(&mut self, rest: Vec<u8>) -> Chunk {
        let chunk = Chunk {
            first: self.next,
            text: std::mem::replace(&mut self.rest, rest),
        };
        self.next += chunk.lines().count() as u64;
        chunk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn lines(text: &[u8], step: usize) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::new(Slow(text, step));
        let mut all = Vec::new();
        while let Some(chunk) = lines.take().unwrap() {
            all.extend(chunk.lines().map(|(number, line)| (number, line.to_vec())));
        }
        all
    }

    #[test]
    fn lines_are_whole_and_numbered_however_they_arrive() {
        let expected = [(1, &b"a"[..]), (2, b""), (3, b"bb\r"), (4, b" c ")]
            .map(|(n, line)| (n, line.to_vec()));
        for step in [1, 2, 3, 5, 100] {
            assert_eq!(
                lines(b"a\r\n\nbb\r\r\n c ", step),
                expected,
                "{step} at a time"
            );
            assert_eq!(
                lines(b"a\n\nbb\r\r\n c \n", step),
                expected,
                "{step} at a time"
            );
        }
        assert_eq!(lines(b"", 1), []);
        assert_eq!(lines(b"\n\n", 1), [(1, vec![]), (2, vec![])]);
    }

    #[test]
    fn a_line_too_long_for_a_token_is_kept_in_part_and_those_behind_it_whole() {
        let text = [&vec![b'a'; 3 * MAX_BYTES][..], b"\nb\n"].concat();
        for step in [1000, BLOCK, 10 * BLOCK] {
            let lines = lines(&text, step);
            assert!(
                lines[0].1.len() > MAX_BYTES && lines[0].1.len() <= KEPT + BLOCK,
                "{}",
                lines[0].1.len()
            );
            assert_eq!(lines[1..], [(2, b"b".to_vec())]);
        }
        let mut lines = Lines::new(Slow(&text[..3 * MAX_BYTES], BLOCK));
        lines.take().unwrap();
        assert!(lines.rest.capacity() < 2 * KEPT + 2 * BLOCK);
    }

    #[test]
    fn one_line_is_told_from_several() {
        let only = |text| Lines::new(Slow(text, 1)).only().unwrap();
        assert_eq!(only(b""), Some(vec![]));
        assert_eq!(only(b"\n"), Some(vec![]));
        assert_eq!(only(b"a"), Some(b"a".to_vec()));
        assert_eq!(only(b"a\r\n"), Some(b"a".to_vec()));
        assert_eq!(only(b"a\n\n"), None);
        assert_eq!(only(b"a\nb"), None);
        let mut lines = Lines::new(Slow(b"a\nb\nc", 100));
        assert_eq!(lines.only().unwrap(), None);
        assert_eq!(
            lines.take().unwrap().unwrap().lines().count(),
            2,
            "nothing is lost by looking"
        );
        assert_eq!(lines.take().unwrap().unwrap().lines().next().unwrap().0, 3);
    }
}
