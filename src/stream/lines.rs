//! Standard input in chunks of whole lines. Memory is bounded, however long it or a line is.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};
use secrecy::SecretString;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::verify::MAX_BYTES;

/// Bytes of one read: as much as a pipe holds, and more where a read brings that much, so that the
/// threads wait for each other less often.
const READ_SIZE: usize = 64 << 10;
const MAX_READ_SIZE: usize = 256 << 10;

/// Bytes of a line that are kept: enough to see that it is too long for a token.
const MAX_LINE: usize = MAX_BYTES + 2;

/// Reads lines in chunks.
pub(crate) struct LineReader<R> {
    input: R,
    /// Chunks that were read ahead.
    ready: VecDeque<Chunk>,
    /// The beginning of the next line.
    rest: Vec<u8>,
    /// The number of the next line.
    next_number: u64,
    is_ended: bool,
    /// Bytes of the next read.
    read_size: usize,
}

/// Whole lines.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The number of the first line; the input's first is 1.
    first_number: u64,
    text: Vec<u8>,
}

impl Chunk {
    /// A chunk for each line.
    pub(super) fn split(&self) -> Vec<Self> {
        let lines = self.lines().map(|(first_number, line)| Self {
            first_number,
            // Whatever its ending was, it is taken off again.
            text: [line, b"\r\n"].concat(),
        });
        lines.collect()
    }

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
        (self.first_number..).zip(lines)
    }

    /// How many lines there are.
    fn count(&self) -> usize {
        let text = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        memchr_iter(b'\n', text).count() + 1
    }

    /// Bytes read.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

impl<R: Read> LineReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            ready: VecDeque::new(),
            rest: Vec::new(),
            next_number: 1,
            is_ended: false,
            read_size: READ_SIZE,
        }
    }

    /// The line, if there is at most one: empty if there is none. Waits for what follows the first
    /// line, which is not lost.
    pub(crate) fn single_line(&mut self) -> io::Result<Option<SecretString>> {
        let Some(first) = self.next_chunk()? else {
            return Ok(Some(SecretString::default()));
        };
        let is_single = first.lines().nth(1).is_none();
        let second = if is_single { self.next_chunk()? } else { None };
        if is_single && second.is_none() {
            let line = first.lines().next().map(|(_, line)| line);
            let text = line.map(String::from_utf8_lossy);
            return Ok(text.map(|text| SecretString::from(text.as_ref())));
        }
        self.ready
            .extend([Some(first), second].into_iter().flatten());
        Ok(None)
    }

    /// The beginning of the input, if that is JSON of several lines: its first line begins an
    /// object or an array, and ends before that does. It is read until the value ends or is too
    /// long for a token; otherwise nothing is lost.
    pub(crate) fn json_of_several_lines(&mut self) -> io::Result<Option<SecretString>> {
        let Some(first) = self.next_chunk()? else {
            return Ok(None);
        };
        let is_json = begins_json(&first);
        self.ready.push_front(first);
        if !is_json {
            return Ok(None);
        }
        let mut text = Zeroizing::new(Vec::new());
        while text.len() < MAX_BYTES && is_unfinished_json(&text) {
            let Some(chunk) = self.next_chunk()? else {
                break;
            };
            text.extend(&chunk.text);
        }
        text.truncate(MAX_BYTES);
        Ok(Some(SecretString::from(
            String::from_utf8_lossy(&text).as_ref(),
        )))
    }

    /// The next lines, as soon as one is complete.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        if let Some(chunk) = self.ready.pop_front() {
            return Ok(Some(chunk));
        }
        while !self.is_ended {
            let searched = self.rest.len();
            self.is_ended = self.read()? == 0;
            let end = memrchr(b'\n', &self.rest[searched..]);
            if let Some(end) = end {
                let rest = self.rest.split_off(searched + end + 1);
                return Ok(Some(self.chunk(rest)));
            }
            self.rest.truncate(MAX_LINE);
        }
        Ok((!self.rest.is_empty()).then(|| self.chunk(Vec::new())))
    }

    /// Appends one read to `rest`.
    fn read(&mut self) -> io::Result<usize> {
        let length = self.rest.len();
        let size = if length < READ_SIZE {
            self.read_size
        } else {
            // A long line takes no more room than with reads of the usual size.
            READ_SIZE
        };
        self.rest.resize(length + size, 0);
        let read = loop {
            match self.input.read(&mut self.rest[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let bytes = read.as_ref().map_or(0, |read| *read);
        self.rest.truncate(length + bytes);
        self.read_size = if bytes == size {
            MAX_READ_SIZE.min(bytes * 2)
        } else {
            READ_SIZE
        };
        read
    }

    fn chunk(&mut self, rest: Vec<u8>) -> Chunk {
        let chunk = Chunk {
            first_number: self.next_number,
            text: std::mem::replace(&mut self.rest, rest),
        };
        self.next_number += chunk.count() as u64;
        chunk
    }
}

/// Whether the first line that is not blank begins an object or an array, and ends before that.
fn begins_json(chunk: &Chunk) -> bool {
    let mut lines = chunk.lines().map(|(_, line)| line.trim_ascii());
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    matches!(without_mark(first), [b'{' | b'[', ..]) && is_unfinished_json(first)
}

/// The text without a byte order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether the text is the beginning of JSON, and its end is missing.
fn is_unfinished_json(text: &[u8]) -> bool {
    let parsed = serde_json::from_slice::<IgnoredAny>(without_mark(text));
    parsed.is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// Returns at most this many bytes per read.
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
        let mut lines = LineReader::new(Slow(text, step));
        let mut all = Vec::new();
        while let Some(chunk) = lines.next_chunk().unwrap() {
            all.extend(chunk.lines().map(|(number, line)| (number, line.to_vec())));
        }
        all
    }

    #[test]
    fn lines_are_complete_and_numbered_however_they_arrive() {
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

    /// Every other read is interrupted by a signal.
    struct Interrupted<'t>(Slow<'t>, bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            self.0.read(buffer)
        }
    }

    #[test]
    fn a_signal_while_reading_loses_nothing() {
        let mut lines = LineReader::new(Interrupted(Slow(b"a\nb", 1), false));
        let mut all = Vec::new();
        while let Some(chunk) = lines.next_chunk().unwrap() {
            all.extend(chunk.lines().map(|(_, line)| line.to_vec()));
        }
        assert_eq!(all, [b"a", b"b"]);
    }

    #[test]
    fn a_line_too_long_for_a_token_is_cut_and_those_after_it_are_not() {
        let text = [&vec![b'a'; 3 * MAX_BYTES][..], b"\nb\n"].concat();
        for step in [1000, READ_SIZE, 10 * READ_SIZE] {
            let lines = lines(&text, step);
            assert!(
                lines[0].1.len() > MAX_BYTES && lines[0].1.len() <= MAX_LINE + READ_SIZE,
                "{}",
                lines[0].1.len()
            );
            assert_eq!(lines[1..], [(2, b"b".to_vec())]);
        }
        let text = [&b"short\n".repeat(MAX_BYTES)[..], &text].concat();
        let all = lines(&text, 10 * READ_SIZE);
        let long = &all[all.len() - 2].1;
        assert!(long.len() > MAX_BYTES && long.len() <= MAX_LINE + READ_SIZE);
        let text = vec![b'a'; 3 * MAX_BYTES];
        let mut lines = LineReader::new(Slow(&text, READ_SIZE));
        lines.next_chunk().unwrap();
        assert!(lines.rest.capacity() < 2 * MAX_LINE + 2 * READ_SIZE);
    }

    #[test]
    fn a_single_line_is_distinguished_from_several() {
        let single = |text| {
            let line = LineReader::new(Slow(text, 1)).single_line().unwrap();
            line.map(|line| line.expose_secret().to_owned())
        };
        assert_eq!(single(b""), Some(String::new()));
        assert_eq!(single(b"\n"), Some(String::new()));
        assert_eq!(single(b"a"), Some("a".into()));
        assert_eq!(single(b"a\r\n"), Some("a".into()));
        assert_eq!(single(b"a\n\n"), None);
        assert_eq!(single(b"a\nb"), None);
        let mut lines = LineReader::new(Slow(b"a\nb\nc", 100));
        assert!(lines.single_line().unwrap().is_none());
        assert_eq!(
            lines.next_chunk().unwrap().unwrap().lines().count(),
            2,
            "the first lines are not lost"
        );
        assert_eq!(
            lines
                .next_chunk()
                .unwrap()
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .0,
            3
        );
    }

    #[test]
    fn json_of_several_lines_is_one_text_and_other_input_is_not_lost() {
        for (text, step, json) in [
            ("{\n \"a\": 1\n}\n", 3, "{\n \"a\": 1\n}\n"),
            ("\n\r\n[\r\n1]", 100, "\n\r\n[\r\n1]"),
            ("\u{feff}{\n}", 3, "\u{feff}{\n}"),
            ("{\"a\":\n1}\nb\nc\nd", 3, "{\"a\":\n1}\n"),
            ("{", 3, "{"),
            ("{\nno JSON\nbb\ncc", 3, "{\nno JSON\n"),
        ] {
            let mut lines = LineReader::new(Slow(text.as_bytes(), step));
            let found = lines.json_of_several_lines().unwrap();
            let found = found.map(|found| found.expose_secret().to_owned());
            assert_eq!(found.as_deref(), Some(json));
        }
        for text in [
            "",
            "\n\n",
            "a\nb",
            "{\"a\":1}\n{\"b\":2}\n",
            "{a\nb",
            "\"a\nb",
        ] {
            let mut reader = LineReader::new(Slow(text.as_bytes(), 3));
            assert!(reader.json_of_several_lines().unwrap().is_none(), "{text}");
            let mut rest = Vec::new();
            while let Some(chunk) = reader.next_chunk().unwrap() {
                rest.extend(chunk.text);
            }
            assert_eq!(rest, text.as_bytes());
        }
    }

    #[test]
    fn json_too_long_for_a_token_is_cut() {
        let long = format!("[\n{}", "1,\n".repeat(MAX_BYTES));
        let mut lines = LineReader::new(long.as_bytes());
        let found = lines.json_of_several_lines().unwrap().unwrap();
        assert_eq!(found.expose_secret(), &long[..MAX_BYTES]);
    }
}
