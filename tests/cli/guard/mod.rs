//! `padlock guard`: what a reverse proxy gets for each request, whatever a client puts into it.

mod connections;
mod credentials;
mod harness;
mod messages;
mod passed;
mod responses;
mod shared;
mod signals;
mod sockets;
mod story;
mod targets;
mod tokens;
mod usage;
