//! How many tokens of a stream were not accepted, and why.

use std::fmt;

use crate::failure::Class;

/// The counts of a stream, or of a part of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(super) tokens: u64,
    pub(super) invalid: u64,
    /// Valid, but does not meet the requirements.
    pub(super) unmet: u64,
    /// Without a verdict, because keys or roles could not be fetched.
    pub(super) unavailable: u64,
}

impl Tally {
    pub(super) fn add(&mut self, more: Self) {
        self.tokens += more.tokens;
        self.invalid += more.invalid;
        self.unmet += more.unmet;
        self.unavailable += more.unavailable;
    }

    /// Whether every token is valid and meets the requirements.
    pub(super) fn is_success(self) -> bool {
        self.invalid == 0 && self.unmet == 0 && self.unavailable == 0
    }

    /// The class of a stream that is not a success: what is unknown ranks first.
    pub(super) fn class(self) -> Class {
        if self.unavailable > 0 {
            Class::Unreachable
        } else if self.invalid > 0 {
            Class::UntrustedToken
        } else {
            Class::ClaimMissing
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (
                self.unavailable,
                "could not be verified",
                "could not be verified",
            ),
            (self.invalid, "failed verification", "failed verification"),
            (
                self.unmet,
                "is valid, but does not meet the requirements",
                "are valid, but do not meet the requirements",
            ),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        for (index, (count, one, several)) in counts.enumerate() {
            let what = if count == 1 { one } else { several };
            match index {
                0 => write!(formatter, "{count} of {} tokens {what}", self.tokens)?,
                _ => write!(formatter, "; {count} {what}")?,
            }
        }
        Ok(())
    }
}
