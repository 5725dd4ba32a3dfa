//! The HTTP server: connections, TLS, scripted faults, and the request log.

mod body;
pub(super) mod connection;
pub(super) mod fault;
pub(super) mod http2;
pub(super) mod request_log;
pub(super) mod response;
pub(super) mod routes;
pub(super) mod script;
pub(super) mod server;
pub(super) mod tls;
