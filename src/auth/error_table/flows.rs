//! Errors about refresh tokens, authorization codes and device codes.

use super::row::{ErrorRow, NextStep, codes};
use crate::auth::step::Step;
use crate::failure::Class::{NoSession, TenantRefused, Usage, WrongCredentials};
use NextStep::{PollAgain, PollSlower};
use Step::{AuthorizationCode, Device, Refresh};

/// By the server's words.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_WORDS: &[ErrorRow] = &[
    codes(&["invalid_grant", "access_denied"])
        .says(&["unknown or invalid refresh token", "user who doesn't exist anymore"])
        .during(&[Refresh])
        .means(NoSession, "the session has ended at the {server}")
        .hint("sign in again with padlock --save"),
    codes(&["invalid_grant"])
        .says(&["invalid authorization code", "failed to verify code verifier"])
        .during(&[AuthorizationCode])
        .means(TenantRefused, "the {server} does not accept the authorization code").quoted()
        .hint("sign in again: a code is accepted once and expires soon"),
    codes(&["access_denied"])
        .says(&["user cancelled", "user canceled", "end-user aborted", "user did not authorize",
                "resource owner denied", "user denied", "denied by the user"])
        .during(&[AuthorizationCode, Device])
        .means(WrongCredentials, "the user cancelled the sign-in")
        .hint("sign in again, and confirm it in the browser"),
    codes(&["invalid_request"]).says(&["online_access and offline_access"])
        .means(Usage, "the scope asks for both online_access and offline_access")
        .hint("remove one of them from --scope"),
];

/// By the code alone.
#[rustfmt::skip]
pub(super) static BY_CODE: &[ErrorRow] = &[
    codes(&["invalid_grant"]).during(&[Refresh])
        .means(NoSession, "the {server} does not accept the refresh token any more").quoted()
        .hint("sign in again with padlock --save"),
    codes(&["authorization_pending"]).during(&[Device])
        .means(TenantRefused, "the sign-in has not been confirmed yet").then(PollAgain)
        .hint("confirm it in the browser"),
    codes(&["slow_down"]).during(&[Device])
        .means(TenantRefused, "the {server} was polled too often").then(PollSlower)
        .hint("sign in again"),
    codes(&["expired_token"]).during(&[Device])
        .means(TenantRefused, DEVICE_EXPIRED).hint(IN_TIME),
    codes(&["invalid_grant"]).during(&[Device])
        .means(TenantRefused, "the {server} no longer accepts the code").quoted().hint(IN_TIME),
    codes(&["invalid_grant"]).during(&[AuthorizationCode])
        .means(TenantRefused, "the {server} does not accept the authorization code").quoted()
        .hint("sign in again: a code is accepted once and expires soon"),
    codes(&["access_denied"]).during(&[AuthorizationCode, Device])
        .means(TenantRefused, "the sign-in was cancelled or refused").quoted()
        .hint("sign in again and confirm it in the browser, or ask an administrator of {host} why \
               it is refused"),
    codes(&["login_required", "interaction_required", "account_selection_required"])
        .during(&[AuthorizationCode])
        .means(TenantRefused, "the {server} has something to ask, which --prompt none forbids")
        .quoted().hint("sign in without --prompt none"),
];

pub(in crate::auth) const DEVICE_EXPIRED: &str =
    "the code expired before the sign-in was confirmed";
pub(in crate::auth) const IN_TIME: &str =
    "sign in again, and confirm it in the browser before the code expires";
