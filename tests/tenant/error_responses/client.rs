//! Errors about applications and requests.

use serde_json::{Value, json};

use crate::tenant::transport::response::Response;

/// The common format (RFC 6749 §5.2; Auth0 chooses other statuses).
pub(crate) fn error_response(status: u16, error: &str, description: &str) -> Response {
    Response::json(
        status,
        &json!({ "error": error, "error_description": description }),
    )
}

/// Unknown application or wrong secret; Auth0 does not distinguish them.
pub(crate) fn unauthorized() -> Response {
    error_response(401, "access_denied", "Unauthorized")
}

pub(crate) fn grant_not_allowed(grant: &str) -> Response {
    error_response(
        403,
        "unauthorized_client",
        &format!("Grant type '{grant}' not allowed for the client."),
    )
}

pub(crate) fn unsupported_grant(grant: &str) -> Response {
    error_response(
        501,
        "unsupported_grant_type",
        &format!("Unsupported grant type: {grant}"),
    )
}

pub(crate) fn unknown_audience(audience: &str) -> Response {
    error_response(
        403,
        "access_denied",
        &format!("Service not found: {audience}"),
    )
}

/// Client credentials for an audience that is not an API.
pub(crate) fn service_not_enabled(audience: &str) -> Response {
    error_response(
        403,
        "access_denied",
        &format!("Service not enabled within domain: {audience}"),
    )
}

pub(crate) fn api_not_authorized(audience: &str) -> Response {
    let advice = "You need to create a \"client-grant\" associated to this API. \
                  See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants";
    error_response(
        403,
        "access_denied",
        &format!("Client is not authorized to access \"{audience}\". {advice}"),
    )
}

pub(crate) fn no_audience() -> Response {
    let description =
        "No audience parameter was provided, and no default audience has been configured";
    error_response(403, "access_denied", description)
}

pub(crate) fn no_default_directory() -> Response {
    error_response(
        500,
        "server_error",
        "Authorization server not configured with default connection.",
    )
}

pub(crate) fn unknown_realm() -> Response {
    error_response(400, "invalid_request", "the connection was not found")
}

pub(crate) fn missing_parameter(name: &str) -> Response {
    error_response(
        400,
        "invalid_request",
        &format!("Missing required parameter: {name}"),
    )
}

pub(crate) fn malformed_body() -> Response {
    error_response(400, "invalid_request", "Malformed JSON in the request body")
}

/// The tenant's rate limit; `reset` is a Unix time.
pub(crate) fn too_many_requests(reset: i64) -> Response {
    error_response(429, "too_many_requests", "Global limit has been reached")
        .header("x-ratelimit-limit", "30")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", &reset.to_string())
}

pub(crate) fn mfa_required(mfa_token: &str) -> Response {
    let body = json!({
        "error": "mfa_required",
        "error_description": "Multifactor authentication required",
        "mfa_token": mfa_token,
    });
    Response::json(403, &body)
}

/// RFC 6749 §5.2; Auth0 uses it for clients that authenticate with a key.
pub(crate) fn invalid_client(description: &str) -> Response {
    error_response(401, "invalid_client", description)
}

/// A secret from an application that has none.
pub(crate) fn public_client_with_secret() -> Response {
    unauthorized()
}

pub(crate) fn scopes_not_granted(scopes: &str) -> Response {
    error_response(
        403,
        "access_denied",
        &format!("Client has not been granted scopes: {scopes}"),
    )
}

pub(crate) fn invalid_scope() -> Response {
    error_response(400, "invalid_scope", "Scope must be an array or a string")
}

/// The connection exists but is not enabled for the application.
pub(crate) fn connection_disabled() -> Response {
    error_response(400, "invalid_request", "the connection was disabled")
}

/// Unknown, revoked, used, or issued to another client; Auth0 does not distinguish them.
pub(crate) fn unknown_refresh_token() -> Response {
    error_response(403, "invalid_grant", "Unknown or invalid refresh token.")
}

pub(crate) fn temporarily_unavailable() -> Response {
    error_response(
        503,
        "temporarily_unavailable",
        "Service temporarily unavailable",
    )
}

/// `/userinfo` reports the error in a header only (RFC 6750 §3).
pub(crate) fn invalid_bearer() -> Response {
    Response::new(401, "Unauthorized")
        .header("content-type", "text/plain; charset=utf-8")
        .header(
            "www-authenticate",
            "Bearer realm=\"Users\", error=\"invalid_token\"",
        )
}

pub(crate) fn not_found() -> Response {
    let body: Value = json!({ "statusCode": 404, "error": "Not Found", "message": "Not Found" });
    Response::json(404, &body)
}
