//! Time-based one-time passwords (RFC 6238): the secret, its codes, and which of them are used up.

mod base32;
mod secret;
mod steps;

pub(crate) use secret::TotpSecret;
pub(crate) use steps::{Reserved, UsedSteps};
