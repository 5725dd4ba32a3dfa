//! Errors about second factors.

use super::row::{AUTH0, ErrorRow, NextStep, codes, says};
use crate::auth::step::{FACTORS, Step};
use crate::failure::Class::{MfaRequired, TenantRefused, Throttled, WrongCredentials};
use NextStep::{PollAgain, PollSlower, StartOver, TryAnotherCode};
use Step::{MessageCode, Otp, Password, Push, RecoveryCode};

/// By the server's words.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_WORDS: &[ErrorRow] = &[
    codes(&["expired_token", "invalid_grant"]).says(&["mfa_token"])
        .means(MfaRequired, TOO_LONG).then(StartOver).hint(START_AGAIN),
    codes(&["invalid_grant", "invalid_request"]).says(&["malformed oob_code"]).during(FACTORS)
        .means(MfaRequired, TOO_LONG).then(StartOver).hint(START_AGAIN),
    codes(&["unsupported_challenge_type", "association_required"]).says(&["not enrolled"])
        .means(MfaRequired, NOT_ENROLLED).hint(ENROLL_ANYWHERE).auth0(ENROLL),
    codes(&["unsupported_challenge_type"]).says(&["no supported challenge available"])
        .means(MfaRequired, "none of the user's second factors can be used now")
        .hint("use a recovery code: --factor recovery-code"),
    says(&["unsupported multifactor provider"])
        .means(MfaRequired, "this second factor only works in a browser")
        .hint("sign in with {ways}, or choose another factor with --factor"),
    says(&["maximum number of attempts", "too many failed codes"])
        .means(Throttled, "too many wrong codes").hint("wait a few minutes"),
    says(&["too many sms"]).means(Throttled, "too many codes were sent")
        .hint("wait a few minutes, or use another --factor"),
    codes(&["access_denied", "invalid_grant"]).says(&["mfa authorization rejected"])
        .during(&[Push]).means(WrongCredentials, "the push was declined").hint(DECLINED),
    codes(&["invalid_grant"]).says(&["invalid otp"]).during(&[Otp])
        .means(WrongCredentials, WRONG_OTP).then(TryAnotherCode).hint(NEXT_OTP),
    codes(&["invalid_grant"]).says(&["invalid binding_code"]).during(&[MessageCode])
        .means(WrongCredentials, WRONG_CODE).then(TryAnotherCode).hint(LATEST_CODE),
    codes(&["invalid_grant"]).says(&["mfa authorization rejected"]).during(&[RecoveryCode])
        .means(WrongCredentials, WRONG_RECOVERY_CODE).then(TryAnotherCode)
        .hint(ANOTHER_RECOVERY_CODE),
    codes(&["unauthorized_client"]).says(&["grant type"]).during(FACTORS)
        .means(TenantRefused, "the application may not use second factors")
        .hint("ask an administrator of {host} to allow the MFA grant for the application")
        .auth0("enable Applications → … → Settings → Advanced Settings → Grant Types → MFA"),
    codes(&["invalid_grant", "interaction_required"])
        .says(&["multi-factor", "multifactor", "mfa required", "mfa is required", "two-factor"])
        .during(&[Password]).means(MfaRequired, "a second factor is required").quoted()
        .hint(NO_FACTOR_HERE),
];

/// By the code alone.
#[rustfmt::skip]
pub(super) static BY_CODE: &[ErrorRow] = &[
    codes(&["mfa_required"]).means(MfaRequired, "a second factor is required")
        .hint(NO_FACTOR_HERE),
    codes(&["association_required", "mfa_registration_required"])
        .means(MfaRequired, NOT_ENROLLED).hint(ENROLL_ANYWHERE).auth0(ENROLL),
    codes(&["expired_token"]).during(FACTORS)
        .means(MfaRequired, TOO_LONG).then(StartOver).hint(START_AGAIN),
    codes(&["authorization_pending"]).during(&[Push])
        .means(MfaRequired, "the push has not been answered yet").then(PollAgain)
        .hint("accept the push on the phone"),
    codes(&["slow_down"]).during(&[Push])
        .means(MfaRequired, "the push was polled too often").then(PollSlower)
        .hint("sign in again"),
    codes(&["unsupported_challenge_type"])
        .means(MfaRequired, "the {server} does not accept this second factor")
        .hint("choose another with --factor")
        .auth0("choose another with --factor; Security → Multi-factor Auth lists the tenant's"),
    codes(&["invalid_grant"]).during(&[Otp])
        .means(WrongCredentials, WRONG_OTP).then(TryAnotherCode).quoted().hint(NEXT_OTP),
    codes(&["invalid_grant"]).during(&[MessageCode])
        .means(WrongCredentials, WRONG_CODE).then(TryAnotherCode).quoted().hint(LATEST_CODE),
    codes(&["invalid_grant"]).during(&[RecoveryCode])
        .means(WrongCredentials, WRONG_RECOVERY_CODE).then(TryAnotherCode).quoted()
        .hint(ANOTHER_RECOVERY_CODE),
    codes(&["invalid_grant"]).during(&[Push]).at(AUTH0)
        .means(TenantRefused, "the tenant ended the wait for the push").quoted()
        .hint("sign in again; Monitoring → Logs has the details"),
];

const NOT_ENROLLED: &str = "a second factor is required, and no second factor is enrolled";
const ENROLL_ANYWHERE: &str = "sign in to {host} once with {ways} and follow the steps there";
pub(in crate::auth) const ENROLL: &str = "sign in to {host} once with {ways} and follow the steps there, or \
                                          ask an administrator to send an enrollment invitation \
                                          (User Management → Users → … → Multi-Factor \
                                          Authentication)";
const TOO_LONG: &str = "the login took too long: the time for the second factor has expired";
const START_AGAIN: &str = "sign in again, and enter the code promptly";
const DECLINED: &str = "change the password if you did not start this login: someone else knows it";
const WRONG_OTP: &str = "the one-time code is wrong";
const NEXT_OTP: &str = "use the next code: each is valid for 30 s and accepted once; also check \
                        the device's clock";
const WRONG_CODE: &str = "the code is wrong";
const LATEST_CODE: &str = "use the code from the latest message";
const WRONG_RECOVERY_CODE: &str = "the recovery code is wrong";
const ANOTHER_RECOVERY_CODE: &str = "use another one: each is accepted once; an administrator can \
                                     reset the user's multi-factor authentication";
pub(super) const NO_FACTOR_HERE: &str =
    "sign in with {ways}, or with an account without multi-factor authentication";
