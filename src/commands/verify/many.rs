//! Many tokens: chunks of lines go round to one thread for each core, and their verdicts come back in order.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::check::Check;
use super::checker::{Checker, Verdict};
use super::lines::{Chunk, Lines};
use super::progress::Progress;
use crate::Surroundings;
use crate::config::ConfigError;
use crate::error::Error;
use crate::failure::Class;
use crate::output::{self, Screen};

/// Chunks that wait before and behind each thread: enough that nobody idles, and no more memory.
const WAITING: usize = 2;

/// What came of one chunk.
#[derive(Default)]
struct Judged {
    lines: Vec<u8>,
    /// What counts once it is written, each with its end in `lines`: a token that is refused is the last of its part.
    parts: Vec<(usize, Tally)>,
    /// Behind the last of them.
    unwritten: Tally,
    bytes: usize,
    /// Keys or roles could not be had, so that nothing can be said from here on.
    failed: Option<Error>,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    tokens: u64,
    untrusted: u64,
    lacking: u64,
}

/// Judges every line and writes its verdict as soon as those before it are written.
pub(super) fn many(
    checker: Checker,
    lines: Lines<impl Read + Send + 'static>,
    quiet: bool,
    surroundings: &Surroundings<'_>,
) -> Result<(), Error> {
    let screen = surroundings.stdout;
    let (reader, judged) = start(checker, lines, quiet, screen)?;
    let mut progress = Progress::new(!quiet && !screen.terminal);
    let (mut total, mut chunks) = (Tally::default(), 0);
    // The first thread without another chunk had the last one.
    for judged in judged.iter().cycle().map_while(|judged| judged.recv().ok()) {
        chunks += 1;
        match judged.write(&mut total, surroundings) {
            // Nobody listens any more; what was said until here counts.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return total.verdict(),
            result => result.map_err(Error::Output)?,
        }
        if let Some(error) = judged.failed {
            return Err(error);
        }
        progress.advance(judged.bytes, total.tokens);
    }
    progress.end();
    let sent = reader.join().map_err(|_| Error::Thread)?;
    let sent = sent.map_err(|source| ConfigError::Unreadable {
        path: "standard input".into(),
        source,
    })?;
    // A thread that ended early must not pass for the end of the input.
    if chunks == sent {
        total.verdict()
    } else {
        Err(Error::Thread)
    }
}

impl Tally {
    fn add(&mut self, more: Self) {
        self.tokens += more.tokens;
        self.untrusted += more.untrusted;
        self.lacking += more.lacking;
    }

    fn verdict(self) -> Result<(), Error> {
        let Self {
            tokens,
            untrusted,
            lacking,
        } = self;
        match (untrusted, lacking) {
            (0, 0) => Ok(()),
            (0, _) => Err(Error::SomeLack { lacking, tokens }),
            _ => Err(Error::SomeUntrusted {
                untrusted,
                lacking,
                tokens,
            }),
        }
    }
}

/// The threads, which end with the input. They are not waited for where the run ends before it: one may be reading from a
/// pipe that nobody writes to.
type Threads = (JoinHandle<io::Result<usize>>, Vec<Receiver<Judged>>);

fn start(
    checker: Checker,
    lines: Lines<impl Read + Send + 'static>,
    quiet: bool,
    screen: Screen,
) -> Result<Threads, Error> {
    let checker = Arc::new(checker);
    let (mut chunks, mut judged) = (Vec::new(), Vec::new());
    for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
        let (to_thread, work) = sync_channel(WAITING);
        let (results, from_thread) = sync_channel(WAITING);
        let checker = Arc::clone(&checker);
        spawn("verify", move || {
            judge(&checker, &work, &results, quiet, screen)
        })?;
        chunks.push(to_thread);
        judged.push(from_thread);
    }
    Ok((spawn("read", move || read(lines, &chunks))?, judged))
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Error> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|_| Error::Thread)
}

/// Deals the chunks out in turn, and returns how many there were.
fn read(mut lines: Lines<impl Read>, threads: &[SyncSender<Chunk>]) -> io::Result<usize> {
    let mut sent = 0;
    while let Some(chunk) = lines.take()? {
        if threads[sent % threads.len()].send(chunk).is_err() {
            break;
        }
        sent += 1;
    }
    Ok(sent)
}

fn judge(
    checker: &Checker,
    work: &Receiver<Chunk>,
    results: &SyncSender<Judged>,
    quiet: bool,
    screen: Screen,
) {
    let mut check = Check::new(checker);
    for chunk in work {
        let mut judged = Judged {
            lines: Vec::with_capacity(chunk.len()),
            bytes: chunk.len(),
            ..Judged::default()
        };
        let tokens = chunk.lines().map(|(number, line)| (number, text(line)));
        judged.failed = check
            .each(tokens, |number, verdict| {
                judged.add(number, &verdict, quiet, screen)
            })
            .err();
        judged.end_part();
        let over = judged.failed.is_some();
        if results.send(judged).is_err() || over {
            return;
        }
    }
}

/// What is no text stays none: a character that no token has takes the place of what cannot be read.
fn text(line: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

impl Judged {
    fn add(&mut self, number: u64, verdict: &Verdict, quiet: bool, screen: Screen) {
        self.unwritten.tokens += 1;
        let (class, reasons) = match verdict {
            Verdict::Trusted(claims) => {
                if !quiet {
                    output::trusted_line(&mut self.lines, number, claims, screen);
                }
                return;
            }
            Verdict::Untrusted(untrusted) => {
                self.unwritten.untrusted += 1;
                (Class::UntrustedToken, untrusted.reasons())
            }
            Verdict::Lacking(missing) => {
                self.unwritten.lacking += 1;
                (Class::ClaimMissing, missing.reasons())
            }
        };
        if !quiet {
            output::refused_line(&mut self.lines, number, class, reasons, screen);
            self.end_part();
        }
    }

    fn end_part(&mut self) {
        self.parts
            .push((self.lines.len(), std::mem::take(&mut self.unwritten)));
    }

    /// Writes the verdicts, and counts those that could be written: a reader who has left saw no more than that, and every
    /// refusal among them.
    fn write(&self, total: &mut Tally, surroundings: &Surroundings<'_>) -> io::Result<()> {
        let mut start = 0;
        for (end, tally) in &self.parts {
            (surroundings.write)(&self.lines[start..*end])?;
            total.add(*tally);
            start = *end;
        }
        Ok(())
    }
}
