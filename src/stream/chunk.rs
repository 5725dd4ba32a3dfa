//! The verdicts on one chunk of lines, as they are written.

use std::io;

use super::tally::Tally;
use crate::failure::{Class, Failure};
use crate::output::{self, OutputTarget};
use crate::verdict::Verdict;

/// How verdicts are written.
#[derive(Clone, Copy)]
pub(super) struct VerdictFormat {
    pub(super) is_quiet: bool,
    pub(super) target: OutputTarget,
}

/// The verdicts on one chunk, as text.
#[derive(Default)]
pub(super) struct ChunkVerdicts {
    lines: Vec<u8>,
    /// The parts in which `lines` is written: where each ends, and its counts. A part ends after
    /// each token that is not accepted, so that it counts only if it was written.
    parts: Vec<(usize, Tally)>,
    /// The counts since the last part.
    open: Tally,
    /// Bytes of the chunk.
    pub(super) bytes: usize,
    /// Keys or roles are not available, so there are no more verdicts.
    pub(super) failure: Option<Failure>,
}

impl ChunkVerdicts {
    /// For a chunk of this many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            lines: Vec::with_capacity(bytes),
            bytes,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, number: u64, verdict: &Verdict, format: VerdictFormat) {
        let VerdictFormat { is_quiet, target } = format;
        self.open.tokens += 1;
        let (class, violations) = match verdict {
            Verdict::Valid(claims) => {
                if !is_quiet {
                    output::valid_line(&mut self.lines, number, claims, target);
                }
                return;
            }
            Verdict::Invalid(error) => {
                self.open.invalid += 1;
                (Class::UntrustedToken, error.violations())
            }
            Verdict::Unmet(unmet) => {
                self.open.unmet += 1;
                (Class::ClaimMissing, unmet.violations())
            }
        };
        if !is_quiet {
            output::invalid_line(&mut self.lines, number, class, violations, target);
            self.end_part();
        }
    }

    /// Ends the current part.
    pub(super) fn end_part(&mut self) {
        self.parts
            .push((self.lines.len(), std::mem::take(&mut self.open)));
    }

    /// Writes the verdicts, and adds those written to `total`: if the reader of stdout is gone, it
    /// saw no more than these.
    pub(super) fn write(
        &self,
        total: &mut Tally,
        write: &dyn Fn(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut start = 0;
        for (end, tally) in &self.parts {
            write(&self.lines[start..*end])?;
            total.add(*tally);
            start = *end;
        }
        Ok(())
    }
}
