//! How many tokens of a stream were invalid, or did not meet the requirements.

use std::fmt;

use crate::failure::Class;

/// The counts of a stream, or of a part of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(super) tokens: u64,
    pub(super) invalid: u64,
    /// Valid, but does not meet the requirements.
    pub(super) unmet: u64,
}

impl Tally {
    pub(super) fn add(&mut self, more: Self) {
        self.tokens += more.tokens;
        self.invalid += more.invalid;
        self.unmet += more.unmet;
    }

    /// Whether every token is valid and meets the requirements.
    pub(super) fn is_success(self) -> bool {
        self.invalid == 0 && self.unmet == 0
    }

    /// The class of a stream that is not a success.
    pub(super) fn class(self) -> Class {
        if self.invalid > 0 {
            Class::UntrustedToken
        } else {
            Class::ClaimMissing
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tokens,
            invalid,
            unmet,
        } = self;
        let does = if *unmet == 1 { "does" } else { "do" };
        match (invalid, unmet) {
            (0, 1) => write!(
                formatter,
                "1 of {tokens} tokens is valid, but does not meet the requirements"
            ),
            (0, _) => write!(
                formatter,
                "{unmet} of {tokens} tokens are valid, but do not meet the requirements"
            ),
            (_, 0) => write!(
                formatter,
                "{invalid} of {tokens} tokens failed verification"
            ),
            _ => write!(
                formatter,
                "{invalid} of {tokens} tokens failed verification, and {unmet} {does} not meet the \
                 requirements"
            ),
        }
    }
}
