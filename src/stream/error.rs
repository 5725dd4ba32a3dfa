//! Why a stream of tokens ends without success.

use std::io;

use super::tally::Tally;
use crate::failure::{Class, Diagnose, Failure};
use crate::threads::NoThread;

/// Why a stream of tokens ends without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("{0}")]
    Failed(Tally),
    /// With the first failure to fetch keys or roles.
    #[error("{tally}: {}", .first.message)]
    Unavailable { tally: Tally, first: Box<Failure> },
    #[error("{0} of one token, but standard input has several")]
    OneTokenOnly(&'static str),
    #[error("standard input could not be read")]
    Input(#[source] io::Error),
    #[error("the result could not be written")]
    Output(#[source] io::Error),
    #[error("a worker thread ended early")]
    Thread,
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

impl Diagnose for StreamError {
    fn class(&self) -> Class {
        match self {
            Self::Failed(tally) | Self::Unavailable { tally, .. } => tally.class(),
            Self::OneTokenOnly(_) | Self::Input(_) => Class::Usage,
            Self::Output(_) | Self::Thread => Class::Internal,
            Self::NoThread(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unavailable { first, .. } => first.hint.clone(),
            Self::OneTokenOnly(_) => {
                Some("remove the flag: each line gets its verdict as JSON".to_owned())
            }
            Self::NoThread(error) => error.hint(),
            Self::Failed(_) | Self::Input(_) | Self::Output(_) | Self::Thread => None,
        }
    }
}
