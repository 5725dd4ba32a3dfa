//! Secrets that this run has read, received or made, and the one pass that removes them from every
//! text for stderr or the terminal. Results on stdout do not go through it.

mod view;
mod needle;
mod foreign;
mod search;
mod known;

pub(crate) use foreign::note_foreign;
pub use known::{forget, redact};
pub(crate) use known::{known, remember};

#[cfg(test)]
mod tests;
