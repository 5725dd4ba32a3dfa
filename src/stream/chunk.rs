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

/// The verdicts on one chunk, or on a part of it, as text.
#[derive(Default)]
pub(super) struct ChunkVerdicts {
    lines: Vec<u8>,
    /// The parts in which `lines` is written: where each ends, and its counts. A part ends after
    /// each token that is not accepted, so that it counts only if it was written.
    parts: Vec<(usize, Tally)>,
    /// The counts since the last part.
    open: Tally,
    /// Bytes of the chunk, counted with its end.
    pub(super) bytes: usize,
    /// The first failure to fetch keys or roles.
    pub(super) unavailable: Option<Failure>,
    /// Whether the chunk ends here.
    pub(super) is_end: bool,
}

impl ChunkVerdicts {
    /// For a chunk of this many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            lines: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, number: u64, verdict: &Verdict, format: VerdictFormat) {
        self.open.tokens += 1;
        let (class, violations) = match verdict {
            Verdict::Valid(claims) => {
                if !format.is_quiet {
                    output::valid_line(&mut self.lines, number, claims, format.target);
                }
                return;
            }
            Verdict::Unavailable(failure) => {
                self.open.unavailable += 1;
                self.refuse(number, failure.class, &[&failure.message], format);
                self.unavailable.get_or_insert_with(|| failure.clone());
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
        let messages = violations
            .iter()
            .map(|violation| violation.message.as_str());
        self.refuse(number, class, &messages.collect::<Vec<_>>(), format);
    }

    fn refuse(&mut self, number: u64, class: Class, reasons: &[&str], format: VerdictFormat) {
        if !format.is_quiet {
            output::invalid_line(&mut self.lines, number, class, reasons, format.target);
            self.end_part();
        }
    }

    /// What is known so far; `None` if that is nothing.
    pub(super) fn take_known(&mut self) -> Option<Self> {
        if self.open.tokens > 0 {
            self.end_part();
        }
        (!self.parts.is_empty()).then(|| std::mem::take(self))
    }

    /// The rest of a chunk of this many bytes.
    pub(super) fn end(mut self, bytes: usize) -> Self {
        self.end_part();
        Self {
            bytes,
            is_end: true,
            ..self
        }
    }

    fn end_part(&mut self) {
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
