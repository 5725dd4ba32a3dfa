//! The process: arguments and environment in, text and exit code out.

fn main() {}
