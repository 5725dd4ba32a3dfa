//! Token test vectors: padlock must reach the verdict that each case expects.
//!
//! `attacks.jsonl` always runs. `PADLOCK_VECTORS` names a folder whose `external.jsonl` has more
//! cases. Without that variable, the file in `../shared/vectors` is used if there is one.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails without its file, and prints a table"
)]

mod cases;
mod program;
mod verdicts;
mod changed;
