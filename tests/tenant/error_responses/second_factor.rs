//! Errors about second factors.

use super::client::error_response;
use crate::tenant::now;
use crate::tenant::transport::response::Response;

pub(crate) fn wrong_otp() -> Response {
    error_response(403, "invalid_grant", "Invalid otp_code.")
}

pub(crate) fn wrong_binding_code() -> Response {
    error_response(403, "invalid_grant", "Invalid binding_code.")
}

pub(crate) fn wrong_recovery_code() -> Response {
    error_response(403, "invalid_grant", "MFA Authorization rejected.")
}

/// The user declined a push, according to Auth0's documentation.
pub(crate) fn push_declined() -> Response {
    error_response(403, "invalid_grant", "MFA Authorization rejected.")
}

/// The user declined a push, as observed with real tenants.
pub(crate) fn push_access_denied() -> Response {
    error_response(400, "access_denied", "MFA Authorization rejected.")
}

/// The user has not responded to the push yet (RFC 8628 §3.5).
pub(crate) fn authorization_pending() -> Response {
    let description = "Authorization pending: please repeat the request in a few seconds.";
    error_response(400, "authorization_pending", description)
}

/// Polled too often (RFC 8628 §3.5); `seconds` grow with each time. The `x-ratelimit` headers are
/// about all requests to the tenant.
pub(crate) fn slow_down(seconds: u64) -> Response {
    let description =
        format!("You are polling faster than allowed. Try again in {seconds} seconds.");
    error_response(429, "slow_down", &description)
        .retry_after(&seconds.to_string())
        .header("x-ratelimit-limit", "30")
        .header("x-ratelimit-remaining", "29")
        .header("x-ratelimit-reset", &now().to_string())
}

/// The person has not confirmed a device code yet (RFC 8628 §3.5).
pub(crate) fn device_pending() -> Response {
    let description = "User has yet to authorize device code.";
    error_response(403, "authorization_pending", description)
}

/// The person pressed Cancel.
pub(crate) fn device_cancelled() -> Response {
    error_response(
        403,
        "access_denied",
        "User cancelled the confirmation prompt",
    )
}

/// Said once; after that, Auth0 does not know the code any more.
pub(crate) fn expired_device_code() -> Response {
    error_response(403, "expired_token", "The provided device code has expired")
}

pub(crate) fn unknown_device_code() -> Response {
    error_response(403, "invalid_grant", "Invalid or expired device code.")
}

pub(crate) fn expired_mfa_token() -> Response {
    error_response(401, "expired_token", "mfa_token is expired")
}

/// The message or push that the code belongs to is too old.
pub(crate) fn expired_oob_code() -> Response {
    error_response(403, "expired_token", "oob_code is expired")
}

pub(crate) fn malformed_mfa_token() -> Response {
    error_response(403, "invalid_grant", "Malformed mfa_token")
}

pub(crate) fn malformed_oob_code() -> Response {
    error_response(403, "invalid_grant", "Malformed oob_code")
}

pub(crate) fn oob_code_of_other_login() -> Response {
    error_response(
        400,
        "invalid_request",
        "The oob_code doesn't match the mfa_token",
    )
}

pub(crate) fn mfa_token_of_other_client() -> Response {
    error_response(
        400,
        "invalid_request",
        "mfa_token not issued to this client",
    )
}

/// No bearer token in `Authorization`.
pub(crate) fn missing_mfa_token() -> Response {
    error_response(401, "invalid_request", "Missing mfa_token")
}

/// No factor is enrolled, although the list has an active e-mail entry.
pub(crate) fn not_enrolled() -> Response {
    let advice = "You can use /mfa/associate endpoint to enroll the first authenticator.";
    let description = format!("User is not enrolled. {advice}");
    error_response(401, "unsupported_challenge_type", &description)
}

/// The same as older documentation has it.
pub(crate) fn association_required() -> Response {
    let advice = "You can use /mfa/associate endpoint to enroll the first authenticator.";
    error_response(
        401,
        "association_required",
        &format!("User is not enrolled. {advice}"),
    )
}

pub(crate) fn unknown_authenticator() -> Response {
    error_response(400, "invalid_request", "Invalid authenticator_id")
}

/// The user has no factor of the requested types.
pub(crate) fn unsupported_challenge_type(requested: &str) -> Response {
    let description =
        format!("The user does not support any of the requested challenge types ({requested}).");
    error_response(401, "unsupported_challenge_type", &description)
}

/// None of the user's factors can be challenged.
pub(crate) fn no_supported_challenge() -> Response {
    let description = "No supported challenge available for this user";
    error_response(401, "unsupported_challenge_type", description)
}

/// A factor that Auth0 leaves to another company's page.
pub(crate) fn unsupported_mfa_provider() -> Response {
    error_response(400, "invalid_request", "Unsupported multifactor provider")
}

/// A channel that the schema of the endpoint does not allow.
pub(crate) fn invalid_oob_channel() -> Response {
    let description = "oob_channel must be one of sms, voice, auth0";
    error_response(400, "invalid_request", description)
}

pub(crate) fn max_attempts() -> Response {
    let description = "You have reached the maximum number of attempts. Please try again later.";
    error_response(403, "invalid_grant", description)
}

pub(crate) fn too_many_failed_codes() -> Response {
    error_response(
        403,
        "invalid_request",
        "Too many failed codes. Wait for some minutes before retrying.",
    )
}

pub(crate) fn too_many_messages() -> Response {
    error_response(
        403,
        "invalid_request",
        "Too many SMS sent by the user. Wait for some minutes before retrying.",
    )
}
