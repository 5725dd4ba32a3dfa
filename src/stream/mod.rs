//! Many tokens, one per line of standard input: read in chunks, verified on all cores, with
//! verdicts in order.

mod lines;
mod tally;
mod error;
mod chunk;
mod progress;
mod pool;

pub(crate) use error::StreamError;
pub(crate) use lines::LineReader;
pub(crate) use pool::verify_lines;
