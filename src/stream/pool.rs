//! Deals chunks of lines to one thread per core, and collects their verdicts in order.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::chunk::{ChunkVerdicts, VerdictFormat};
use super::error::StreamError;
use super::lines::{Chunk, LineReader};
use super::progress::Progress;
use super::tally::Tally;
use crate::context::Context;
use crate::failure::Failure;
use crate::threads::spawn;
use crate::verdict::{Criteria, TokenVerifier};

/// Chunks queued before and after each thread: enough to keep it busy, and to bound memory.
const QUEUE_LENGTH: usize = 2;

/// Threads, and so requests under way, if the tenant is asked for roles: they wait for the network.
const ROLES_THREADS: usize = 8;

/// Verifies every line, and writes its verdict once those before it are written.
pub(crate) fn verify_lines(
    criteria: Criteria,
    lines: LineReader<impl Read + Send + 'static>,
    is_quiet: bool,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let target = context.stdout;
    let format = VerdictFormat { is_quiet, target };
    let threads = start(criteria, lines, format)?;
    let progress = Progress::new(!is_quiet && !target.is_terminal);
    Ok(write_all(threads, progress, context.write)?)
}

/// Writes the verdicts of all threads until the input ends.
fn write_all(
    (reader, results): Threads,
    mut progress: Progress,
    write: &dyn Fn(&[u8]) -> io::Result<()>,
) -> Result<(), StreamError> {
    let (mut total, mut unavailable, mut chunks) = (Tally::default(), None, 0);
    for verdicts in in_order(results) {
        match verdicts.write(&mut total, write) {
            // The reader of stdout is gone, such as `head`; the verdicts that it read count.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                return outcome(total, unavailable);
            }
            result => result.map_err(StreamError::Output)?,
        }
        progress.advance(verdicts.bytes, total.tokens);
        chunks += usize::from(verdicts.is_end);
        unavailable = unavailable.or(verdicts.unavailable);
    }
    progress.end();
    let sent = reader.join().map_err(|_| StreamError::Thread)?;
    let sent = sent.map_err(StreamError::Input)?;
    // A thread that ended early looks like the end of the input.
    if chunks == sent {
        outcome(total, unavailable)
    } else {
        Err(StreamError::Thread)
    }
}

/// The verdicts in the order of the lines: threads take turns, a chunk each, and the first one
/// without a chunk marks the end.
fn in_order(results: Vec<Receiver<ChunkVerdicts>>) -> impl Iterator<Item = ChunkVerdicts> {
    let mut turn = 0;
    std::iter::from_fn(move || {
        let verdicts = results[turn].recv().ok()?;
        if verdicts.is_end {
            turn = (turn + 1) % results.len();
        }
        Some(verdicts)
    })
}

fn outcome(total: Tally, unavailable: Option<Failure>) -> Result<(), StreamError> {
    match unavailable {
        Some(first) => Err(StreamError::Unavailable {
            tally: total,
            first: Box::new(first),
        }),
        None if total.is_success() => Ok(()),
        None => Err(StreamError::Failed(total)),
    }
}

/// The reading thread, which returns the number of chunks, and the results of the others. A run
/// that ends early does not join them: the reader may wait for input forever.
type Threads = (JoinHandle<io::Result<usize>>, Vec<Receiver<ChunkVerdicts>>);

fn start(
    criteria: Criteria,
    lines: LineReader<impl Read + Send + 'static>,
    format: VerdictFormat,
) -> Result<Threads, StreamError> {
    let criteria = Arc::new(criteria);
    let asks_for_roles = criteria.roles.is_some();
    let threads = if asks_for_roles {
        ROLES_THREADS
    } else {
        thread::available_parallelism().map_or(1, usize::from)
    };
    let (mut chunks, mut results) = (Vec::new(), Vec::new());
    for _ in 0..threads {
        let (chunk_sender, work) = sync_channel(QUEUE_LENGTH);
        let (verdicts, result) = sync_channel(QUEUE_LENGTH);
        let criteria = Arc::clone(&criteria);
        spawn("verify", move || {
            verify((&criteria, threads), &work, &verdicts, format);
        })?;
        chunks.push(chunk_sender);
        results.push(result);
    }
    Ok((
        spawn("read", move || read(lines, &chunks, asks_for_roles))?,
        results,
    ))
}

/// Deals the chunks to the threads in turn, line by line if `is_split`, and returns how many there
/// were.
fn read(
    mut lines: LineReader<impl Read>,
    threads: &[SyncSender<Chunk>],
    is_split: bool,
) -> io::Result<usize> {
    let mut sent = 0;
    while let Some(chunk) = lines.next_chunk()? {
        let chunks = if is_split { chunk.split() } else { vec![chunk] };
        for chunk in chunks {
            if threads[sent % threads.len()].send(chunk).is_err() {
                return Ok(sent);
            }
            sent += 1;
        }
    }
    Ok(sent)
}

fn verify(
    (criteria, threads): (&Criteria, usize),
    work: &Receiver<Chunk>,
    results: &SyncSender<ChunkVerdicts>,
    format: VerdictFormat,
) {
    let mut verifier = TokenVerifier::new(criteria, threads);
    for chunk in work {
        let mut verdicts = ChunkVerdicts::new(chunk.len());
        for (number, line) in chunk.lines() {
            let verdict = verifier.verdict_on_line(line, &mut || {
                if let Some(known) = verdicts.take_known() {
                    results.send(known).ok();
                }
            });
            verdicts.add(number, &verdict, format);
        }
        if results.send(verdicts.end(chunk.len())).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outcome where `sent` chunks were dealt to two threads, and `judged` came back.
    fn outcome_of(sent: usize, judged: usize) -> Result<(), StreamError> {
        let reader = spawn("read", move || Ok(sent)).unwrap();
        let (senders, results): (Vec<_>, Vec<_>) = (0..2).map(|_| sync_channel(9)).unzip();
        for chunk in 0..judged {
            let verdicts = ChunkVerdicts::new(0).end(1);
            senders[chunk % 2].send(verdicts).unwrap();
        }
        drop(senders);
        write_all((reader, results), Progress::new(false), &|_| Ok(()))
    }

    #[test]
    fn a_thread_that_ends_early_is_no_end_of_the_input() {
        for (sent, judged) in [(0, 0), (1, 1), (5, 5)] {
            assert!(outcome_of(sent, judged).is_ok(), "{judged} of {sent}");
        }
        for (sent, judged) in [(1, 0), (2, 1), (5, 4)] {
            let outcome = outcome_of(sent, judged);
            assert!(
                matches!(outcome, Err(StreamError::Thread)),
                "{judged} of {sent}"
            );
        }
    }
}
