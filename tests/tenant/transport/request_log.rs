//! What the tenant received, kept for the test to look at.

use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use serde_json::{Map, Value};

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The TCP connection that it came by; the first is 1.
    pub(crate) connection: usize,
    /// When its last byte was there.
    pub(crate) at: Instant,
}

impl RecordedRequest {
    pub(crate) fn new(parts: &Parts, body: &Bytes, connection: usize) -> Self {
        Self {
            method: parts.method.to_string(),
            path: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            version: parts.version,
            headers: parts.headers.clone(),
            body: body.to_vec(),
            connection,
            at: Instant::now(),
        }
    }

    /// The path without its query.
    pub(crate) fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// A header's value, or nothing.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body's fields, sent as JSON or as a form; none where it is neither.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        parse_fields(&self.headers, &self.body).unwrap_or_default()
    }

    /// One field that is a string.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.fields()
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    }

    /// Whether a password is among its fields.
    pub(crate) fn carries_password(&self) -> bool {
        self.fields().contains_key("password")
    }
}

/// Reads a body by its content type; None where it cannot be read.
pub(crate) fn parse_fields(headers: &HeaderMap, body: &[u8]) -> Option<Map<String, Value>> {
    let kind = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).ok();
    }
    let pairs = url::form_urlencoded::parse(body);
    kind.starts_with("application/x-www-form-urlencoded")
        .then(|| {
            pairs
                .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
                .collect()
        })
}

/// The requests and the number of connections so far.
#[derive(Default)]
pub(crate) struct RequestLog {
    requests: Mutex<Vec<RecordedRequest>>,
    connections: Mutex<usize>,
}

impl RequestLog {
    /// Counts a connection and gives its number.
    pub(crate) fn add_connection(&self) -> usize {
        let mut connections = lock(&self.connections);
        *connections += 1;
        *connections
    }

    pub(crate) fn add(&self, received: RecordedRequest) {
        lock(&self.requests).push(received);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *lock(&self.connections)
    }

    pub(crate) fn clear(&self) {
        lock(&self.requests).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .expect("no test panicked while it held the record")
}
