//! Why a result cannot be printed.

use crate::failure::{Class, Diagnose};
use crate::response::TokenResponseError;

/// Why a result cannot be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error(transparent)]
    Response(#[from] TokenResponseError),
    /// The names, quoted.
    #[error("the token has no claim {}", .0.join(" and no claim "))]
    NoClaim(Vec<String>),
    #[error("the variables could not be written to the file that GITHUB_ENV names")]
    Github(#[from] std::io::Error),
}

impl Diagnose for OutputError {
    fn class(&self) -> Class {
        match self {
            Self::Response(error) => error.class(),
            Self::NoClaim(_) => Class::ClaimMissing,
            Self::Github(_) => Class::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Response(error) => error.hint(),
            Self::Github(_) => None,
            Self::NoClaim(_) => Some("list the token's claims with --output json".to_owned()),
        }
    }
}
