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

/// An audience that is not an API, in a password grant. The response does not name it.
pub(crate) fn unknown_audience() -> Response {
    let description = "Invalid audience specified for password grant exchange.";
    error_response(400, "invalid_request", description)
}

/// The API exists, and does not allow this application to act for its users.
pub(crate) fn resource_server_not_authorized(code: &str, audience: &str) -> Response {
    let description = format!(
        "Client \"padlock-cli\" is not authorized to access resource server \"{audience}\"."
    );
    error_response(403, code, &description)
}

pub(crate) fn unknown_client(id: &str) -> Response {
    error_response(403, "unauthorized_client", &format!("Unknown client: {id}"))
}

pub(crate) fn organization_required() -> Response {
    let description = "parameter organization is required for this client";
    error_response(400, "invalid_request", description)
}

pub(crate) fn organization_invalid() -> Response {
    error_response(400, "invalid_request", "parameter organization is invalid")
}

/// The connection is enterprise or social, which take no passwords.
pub(crate) fn strategy_not_supported() -> Response {
    let description = "specified strategy does not support requested operation";
    error_response(400, "invalid_request", description)
}

/// A custom database without its scripts.
pub(crate) fn connection_not_configured() -> Response {
    let description = "the connection is not yet configured";
    error_response(400, "invalid_request", description)
}

/// The API or the application requires sender-constrained tokens (RFC 9449 §5, §8).
pub(crate) fn dpop_required(code: &str) -> Response {
    error_response(400, code, "DPoP proof is required")
}

/// The application's own quota of machine tokens, not the tenant's rate limit.
pub(crate) fn client_quota_exceeded() -> Response {
    error_response(429, "too_many_requests", "Client quota exceeded")
}

/// An Action at the client-credentials trigger failed, or Auth0 itself did.
pub(crate) fn server_error() -> Response {
    error_response(500, "server_error", "An internal error occurred")
}

pub(crate) fn endpoint_disabled() -> Response {
    error_response(404, "endpoint_disabled", "This endpoint is disabled")
}

pub(crate) fn method_not_allowed() -> Response {
    error_response(405, "method_not_allowed", "Method Not Allowed")
}

/// A firewall in front of the tenant, which has not seen the request.
pub(crate) fn firewall() -> Response {
    Response::new(403, "error code: 1010").header("content-type", "text/plain; charset=UTF-8")
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
    mfa_required_of(mfa_token, &Value::Null)
}

/// `requirements` are Auth0's `mfa_requirements`, or null.
pub(crate) fn mfa_required_of(mfa_token: &str, requirements: &Value) -> Response {
    let mut body = json!({
        "error": "mfa_required",
        "error_description": "Multifactor authentication required",
        "mfa_token": mfa_token,
    });
    if !requirements.is_null() {
        body["mfa_requirements"] = requirements.clone();
    }
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

pub(crate) fn refresh_token_of_deleted_user() -> Response {
    let description = "The refresh_token was generated for a user who doesn't exist anymore.";
    error_response(403, "invalid_grant", description)
}

/// Unknown, used, or issued for another redirect.
pub(crate) fn invalid_authorization_code() -> Response {
    error_response(403, "invalid_grant", "Invalid authorization code")
}

pub(crate) fn wrong_code_verifier() -> Response {
    error_response(403, "invalid_grant", "Failed to verify code verifier")
}

/// A page for the person's browser.
pub(crate) fn page(status: u16, text: &str) -> Response {
    let page = format!("<!DOCTYPE html>\n<html><body><p>{text}</p></body></html>\n");
    Response::new(status, page).header("content-type", "text/html; charset=utf-8")
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
