//! Errors about refresh tokens, authorization codes and device codes.

use super::row::{ErrorRow, codes};
use crate::auth::step::Step;
use crate::failure::Class::{NoSession, TenantRefused, Usage, WrongCredentials};
use Step::{AuthorizationCode, Device, Refresh};

/// By the server's words.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_WORDS: &[ErrorRow] = &[
    codes(&["invalid_grant", "access_denied"])
        .says(&["unknown or invalid refresh token", "user who doesn't exist anymore"])
        .during(&[Refresh])
        .means(NoSession, "the session has ended at the {server}").hint("sign in again"),
    codes(&["invalid_grant"])
        .says(&["invalid authorization code", "failed to verify code verifier"])
        .during(&[AuthorizationCode])
        .means(TenantRefused, "the {server} does not accept the authorization code").quoted()
        .hint("sign in again: a code is accepted once and expires soon"),
    codes(&["access_denied"]).says(&["user cancelled the confirmation prompt"])
        .during(&[AuthorizationCode, Device])
        .means(WrongCredentials, "the user cancelled the sign-in")
        .hint("sign in again, and confirm it in the browser"),
    codes(&["invalid_request"]).says(&["online_access and offline_access"])
        .means(Usage, "the scope asks for both online_access and offline_access")
        .hint("remove one of them from --scope"),
];
