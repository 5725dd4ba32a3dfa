//! Logins at third-party OAuth servers.
//!
//! `PADLOCK_SERVERS` is a folder with a script `NAME/start.sh SCRATCH PORT` for each server, which
//! installs and starts the server and prints `READY ISSUER`. Without the variable, these tests are
//! skipped: the servers are not part of padlock.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods
)]
#![allow(clippy::panic, reason = "a server that does not start fails the test")]

mod server;
mod session;
mod logins;
mod matrix;
mod between;
