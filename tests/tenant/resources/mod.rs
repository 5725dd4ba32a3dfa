//! Resources that clients read: discovery, keys, `UserInfo`, the Management API, and an API of its
//! own.

pub(super) mod api;
pub(super) mod management;
pub(super) mod userinfo;
pub(super) mod well_known;

use axum::http::HeaderMap;

/// The bearer token in `Authorization` (RFC 6750 §2.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("authorization")?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
        .filter(|token| !token.is_empty())
}
