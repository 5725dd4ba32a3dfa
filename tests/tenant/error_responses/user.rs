//! Errors about users: wrong password, blocked, throttled, denied.

use super::client::error_response;
use crate::tenant::transport::response::Response;

pub(crate) fn wrong_password() -> Response {
    error_response(403, "invalid_grant", "Wrong email or password.")
}

/// The older form, which some connections still return.
pub(crate) fn invalid_user_password() -> Response {
    error_response(401, "invalid_user_password", "Wrong email or password.")
}

/// Keycloak's words for a wrong user name, password or one-time code.
pub(crate) fn invalid_user_credentials() -> Response {
    error_response(401, "invalid_grant", "Invalid user credentials")
}

/// Blocked by an administrator.
pub(crate) fn user_blocked() -> Response {
    error_response(403, "unauthorized", "user is blocked")
}

/// Brute-force protection: too many wrong passwords for one user.
pub(crate) fn too_many_attempts() -> Response {
    let description = "Your account has been blocked after multiple consecutive login attempts. \
                       We've sent you a notification via your preferred contact method with instructions on how to unblock it.";
    error_response(429, "too_many_attempts", description)
}

/// Suspicious-IP throttling: logins of many users from one address. Shares its code with
/// brute-force protection.
pub(crate) fn suspicious_ip() -> Response {
    let description = "We have detected suspicious login behavior and further attempts will be blocked. \
                       Please contact the administrator.";
    error_response(429, "too_many_attempts", description)
}

/// More than ten logins of one user in a minute.
pub(crate) fn too_many_logins() -> Response {
    error_response(
        429,
        "too_many_logins",
        "Too many logins. Please try again later.",
    )
}

/// Breached-password detection.
pub(crate) fn password_leaked() -> Response {
    let description = "This login has been blocked because your password has been leaked in another website. \
                       We\u{2019}ve sent you an email with instructions on how to unblock it.";
    error_response(401, "password_leaked", description)
}

/// Bot detection requires a CAPTCHA, which this grant cannot show.
pub(crate) fn requires_verification() -> Response {
    error_response(
        401,
        "requires_verification",
        "Suspicious request requires verification",
    )
}

/// The same under the name in Auth0's list of standard errors.
pub(crate) fn requires_validation() -> Response {
    error_response(
        401,
        "requires_validation",
        "Suspicious request requires verification",
    )
}

/// Denied by an Action; the text is the application's own.
pub(crate) fn denied(text: &str) -> Response {
    error_response(403, "access_denied", text)
}

/// Denied by a Rule with an `UnauthorizedError`; the text is the application's own.
pub(crate) fn denied_by_rule(text: &str) -> Response {
    error_response(403, "unauthorized", text)
}

/// The text in Auth0's own Action template.
pub(crate) fn email_not_verified() -> Response {
    denied("Please verify your email before logging in.")
}

/// Would clear the screen, set the window title, reverse text and hide a letter on a terminal that
/// interprets it.
pub(crate) fn denied_with_escapes() -> Response {
    denied(
        "\u{1b}[2J\u{1b}]0;owned\u{7}ask \u{202e}nimda\u{202c} for\u{200b} access\r\npadlock: all is well\u{9b}31m",
    )
}

/// A custom database script may use this code.
pub(crate) fn password_expired_code() -> Response {
    error_response(401, "password_expired", "")
}

/// Otherwise the tenant's Action or database script words it.
pub(crate) fn password_expired() -> Response {
    denied("Your password has expired. Please reset it.")
}

/// The same when an administrator requires a new password.
pub(crate) fn password_change_required() -> Response {
    denied("Password change required")
}
