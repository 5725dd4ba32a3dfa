//! URLs in messages.

use url::{Position, Url};

use crate::escape::excerpt;
use crate::redact::{note_foreign, redact};

/// The host, and the port unless it is the default.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A URL for a message: without user, password, query and fragment, which may contain a secret.
pub(crate) fn public(url: &Url) -> String {
    let path = without_query(&url[Position::BeforePath..]);
    let text = format!("{}://{}{path}", url.scheme(), host(url));
    excerpt(&text, 300)
}

/// A URL or a part of one, up to its query, which may contain a secret in any encoding.
pub(super) fn without_query(url: &str) -> String {
    // A secret that contains a question mark must not be cut there.
    let url = redact(url);
    let end = url.find(['?', '#']).unwrap_or(url.len());
    note_foreign(&url[..end]);
    url[..end].to_owned()
}
