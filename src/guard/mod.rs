//! The server of `padlock guard`: a reverse proxy asks for each request whether its bearer token is
//! valid and sufficient.
//!
//! Nothing that a client sends changes what is required: the one header that is read is
//! `Authorization`, and the path only selects one of the checks, byte for byte.

mod credentials;
mod passed;
mod decision;
mod line;
mod log;
mod socket;
mod systemd;
mod bind;
mod local_thread;
mod listener;
mod connections;
mod http1;
mod worker;
mod health;
mod server;

pub(crate) use log::report_keys;
pub(crate) use server::serve;
