//! Auth0's refusals of a person: wrong, blocked, throttled, denied.

use super::client::error_response;
use crate::tenant::transport::response::Response;

pub(crate) fn wrong_password() -> Response {
    error_response(403, "invalid_grant", "Wrong email or password.")
}

/// The older form of the same, which some connections still give.
pub(crate) fn invalid_user_password() -> Response {
    error_response(401, "invalid_user_password", "Wrong email or password.")
}

/// An administrator blocked the user.
pub(crate) fn user_blocked() -> Response {
    error_response(403, "unauthorized", "user is blocked")
}

/// Brute-force protection: wrong passwords for one user.
pub(crate) fn too_many_attempts() -> Response {
    let description = "Your account has been blocked after multiple consecutive login attempts. \
                       We've sent you a notification via your preferred contact method with instructions on how to unblock it.";
    error_response(429, "too_many_attempts", description)
}

/// Suspicious-IP throttling: logins of many users from one address. The code is that of brute-force protection.
pub(crate) fn suspicious_ip() -> Response {
    let description = "We have detected suspicious login behavior and further attempts will be blocked. \
                       Please contact the administrator.";
    error_response(429, "too_many_attempts", description)
}

/// Ten logins of one user in a minute.
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

/// Bot detection wants a CAPTCHA, which this grant cannot show.
pub(crate) fn requires_verification() -> Response {
    error_response(
        401,
        "requires_verification",
        "Suspicious request requires verification",
    )
}

/// The same by the name that the list of standard errors gives it.
pub(crate) fn requires_validation() -> Response {
    error_response(
        401,
        "requires_validation",
        "Suspicious request requires verification",
    )
}

/// An Action said no; the text is the application's own.
pub(crate) fn denied(text: &str) -> Response {
    error_response(403, "access_denied", text)
}

/// A Rule said no with an `UnauthorizedError`; the text is the application's own.
pub(crate) fn denied_by_rule(text: &str) -> Response {
    error_response(403, "unauthorized", text)
}

/// What Auth0's own template of an Action says.
pub(crate) fn email_not_verified() -> Response {
    denied("Please verify your email before logging in.")
}

/// Clears the screen, sets the window's title, writes backwards and hides a letter, on a terminal that obeys.
pub(crate) fn denied_with_escapes() -> Response {
    denied(
        "\u{1b}[2J\u{1b}]0;owned\u{7}ask \u{202e}nimda\u{202c} for\u{200b} access\r\npadlock: all is well\u{9b}31m",
    )
}

/// Password expiry has no code of its own: the tenant's Action or database script words it.
pub(crate) fn password_expired() -> Response {
    denied("Your password has expired. Please reset it.")
}

/// The same for a password that an administrator wants changed.
pub(crate) fn password_change_required() -> Response {
    denied("Password change required")
}
