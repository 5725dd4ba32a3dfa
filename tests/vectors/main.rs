//! Token test vectors: each case says what a careful verifier answers, and padlock must answer the same.
//!
//! `attacks.jsonl` always runs. A folder with more (`external.jsonl`) is named by `PADLOCK_VECTORS`, or lies beside the
//! repository at `../shared/vectors`; where there is none, its cases are passed over with a message.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at a file it can't read, and prints a table"
)]

mod cases;
mod program;
mod verdicts;
mod changed;
