//! The server side of the wire: listening, TLS, HTTP, scripted faults, and the record of requests.

mod body;
pub(super) mod connection;
pub(super) mod fault;
pub(super) mod request_log;
pub(super) mod response;
pub(super) mod routes;
pub(super) mod script;
pub(super) mod server;
pub(super) mod tls;
