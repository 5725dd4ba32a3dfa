//! Recorded requests, for tests to inspect.

use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use serde_json::{Map, Value};

/// One request, as received.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The number of the TCP connection; the first is 1.
    pub(crate) connection: usize,
    /// When the last byte arrived.
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

    /// The path without the query.
    pub(crate) fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The parameters of a JSON or form body; empty for any other body.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        parse_fields(&self.headers, &self.body).unwrap_or_default()
    }

    /// A string parameter.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.fields()
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    }

    pub(crate) fn carries_password(&self) -> bool {
        self.fields().contains_key("password")
    }
}

/// Parses a body according to its content type.
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

#[derive(Default)]
pub(crate) struct RequestLog {
    requests: Mutex<Vec<RecordedRequest>>,
    connections: Mutex<usize>,
}

impl RequestLog {
    /// Counts a connection and returns its number.
    pub(crate) fn add_connection(&self) -> usize {
        let mut connections = lock(&self.connections);
        *connections += 1;
        *connections
    }

    pub(crate) fn add(&self, request: RecordedRequest) {
        lock(&self.requests).push(request);
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
    mutex.lock().expect("no thread panicked with the lock")
}
