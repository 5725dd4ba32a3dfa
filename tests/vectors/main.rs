//! Token test vectors: padlock must reach the verdict that each case expects.
//!
//! `attacks.jsonl` always runs. More cases are in `external.jsonl`, in the folder `PADLOCK_VECTORS` or
//! in `../shared/vectors`; without that file they are skipped with a message.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails without its file, and prints a table"
)]

mod cases;
mod program;
mod verdicts;
mod changed;
