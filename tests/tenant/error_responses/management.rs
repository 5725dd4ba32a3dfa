//! Errors of the Management API.

use serde_json::json;

use crate::tenant::resources::management::SCOPES;
use crate::tenant::transport::response::Response;

/// The Management API's own format.
fn management_error(status: u16, error: &str, message: &str, code: Option<&str>) -> Response {
    let mut body = json!({ "statusCode": status, "error": error, "message": message });
    if let Some(code) = code {
        body["errorCode"] = json!(code);
    }
    Response::json(status, &body)
}

pub(crate) fn missing_authentication() -> Response {
    management_error(401, "Unauthorized", "Missing authentication", None)
}

/// Not a token of this tenant, or one for another API.
pub(crate) fn invalid_token() -> Response {
    management_error(401, "Unauthorized", "Invalid token", None)
}

pub(crate) fn insufficient_scope() -> Response {
    let message = format!("Insufficient scope, expected any of: {}", SCOPES.join(","));
    management_error(403, "Forbidden", &message, Some("insufficient_scope"))
}

pub(crate) fn unknown_user() -> Response {
    management_error(
        404,
        "Not Found",
        "The user does not exist.",
        Some("inexistent_user"),
    )
}

pub(crate) fn invalid_query(name: &str) -> Response {
    let message = format!("Query validation error: 'Invalid value' on property {name}");
    management_error(400, "Bad Request", &message, Some("invalid_query_string"))
}

/// The Management API's own rate limit; `reset` is a Unix time.
pub(crate) fn management_rate_limit(reset: i64) -> Response {
    management_error(
        429,
        "Too Many Requests",
        "Global limit has been reached",
        Some("too_many_requests"),
    )
    .header("x-ratelimit-limit", "10")
    .header("x-ratelimit-remaining", "0")
    .header("x-ratelimit-reset", &reset.to_string())
}
