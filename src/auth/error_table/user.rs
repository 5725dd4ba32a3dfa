//! Errors about the user: wrong password, blocked, throttled, refused by a policy.

use super::row::{AUTH0, ELSEWHERE, ErrorRow, KEYCLOAK, NOT_KEYCLOAK, codes, says};
use crate::auth::step::{LOGIN, Step};
use crate::failure::Class::{TenantRefused, Throttled, WrongCredentials};
use Step::Password;

/// By the server's words.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_WORDS: &[ErrorRow] = &[
    codes(&["too_many_attempts"]).says(&["suspicious"])
        .means(Throttled, "this network address is blocked after too many attempts")
        .hint("wait, or ask an administrator of {host} to allow the address")
        .auth0("wait, or allow the address under Security → Attack Protection → Suspicious IP \
                Throttling → IP AllowList; a back-end that signs users in passes theirs with \
                --forwarded-for"),
    says(&["user is blocked"]).means(TenantRefused, "the user is blocked")
        .hint("ask an administrator of {host} to unblock the user")
        .auth0("ask an administrator to unblock the user under User Management → Users → … → \
                Unblock"),
    says(LOCKED).means(Throttled, "the account is locked after too many attempts").quoted()
        .hint("wait, or ask an administrator of {host} to unlock the account"),
    says(&[
        "account disabled", "account is disabled", "account has been disabled",
        "user disabled", "user is disabled", "user has been disabled",
        "account is deactivated", "user is deactivated", "account is inactive", "user is inactive",
    ]).means(TenantRefused, "the account is disabled").quoted()
        .hint("ask an administrator of {host} to enable the account"),
    says(&["account is not fully set up", "account not fully set up"])
        .means(TenantRefused, "the account's set-up is not complete").quoted()
        .hint("sign in to {host} once with {ways} and complete the steps there, such as a new password, a \
               verified e-mail address or a second factor"),
    says(&[
        "password change required", "password has expired", "password is expired",
        "password expired", "expired password", "change your password", "must change password",
        "password must be changed",
    ]).means(TenantRefused, EXPIRED_PASSWORD).quoted().hint(CHANGE_PASSWORD)
        .auth0(CHANGE_PASSWORD_AT_AUTH0),
    says(&["verify your email", "email is not verified", "email not verified"])
        .means(TenantRefused, "the e-mail address is not verified").quoted()
        .hint("follow the link in the verification e-mail")
        .auth0("follow the link in the verification e-mail; an administrator can resend it (User \
                Management → Users → … → Actions)"),
    says(&["denied by sign on policy", "policy evaluation failed"])
        .means(TenantRefused, "a sign-on policy refuses this login").quoted()
        .hint("ask an administrator of {host} whether the policy requires a second factor or \
               forbids the password grant; sign in with {ways} where it does"),
    says(&["not assigned to the client application"])
        .means(TenantRefused, "the user is not assigned to the application")
        .hint("ask an administrator of {host} to assign the user"),
    codes(&["access_denied"]).says(&["owner or authorization server denied"]).during(&[Password])
        .at(ELSEWHERE).means(WrongCredentials, WRONG_PASSWORD).quoted().hint(CHECK_BOTH),
    codes(&["invalid_grant"]).says(&["invalid user credentials"]).during(&[Password]).at(KEYCLOAK)
        .means(WrongCredentials, "the user name, the password or the one-time code is wrong")
        .hint("check them; an account with a one-time code needs --otp"),
    codes(&["invalid_grant"]).says(&["invalid user credentials"]).during(&[Password])
        .at(NOT_KEYCLOAK).means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    codes(&["invalid_grant"]).says(WRONG_CREDENTIALS).during(&[Password])
        .means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    codes(&["unauthorized", "access_denied"]).says(WRONG_CREDENTIALS).during(&[Password])
        .at(ELSEWHERE).means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    codes(&["invalid_grant"])
        .says(&["the provided authorization grant", "the provided access grant",
                "grant request is invalid"])
        .during(&[Password]).means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
];

/// By the code alone.
#[rustfmt::skip]
pub(super) static BY_CODE: &[ErrorRow] = &[
    codes(&["too_many_attempts"])
        .means(Throttled, "the account is blocked after too many attempts")
        .hint("wait, or ask an administrator of {host} to unblock the user")
        .auth0("follow the link in the e-mail that Auth0 sent to the user, or unblock the user \
                under User Management → Users"),
    codes(&["too_many_logins"])
        .means(Throttled, "the user signed in too often within a minute"),
    codes(&["password_leaked"])
        .means(TenantRefused, "the password appeared in a data breach and is blocked")
        .hint("change the password at {host}")
        .auth0("reset it with the link in the e-mail that Auth0 sent to the user, or on the login \
                page; the setting is Security → Attack Protection → Breached Password Detection"),
    codes(&["requires_verification", "requires_validation"])
        .means(TenantRefused, "bot detection requires a CAPTCHA, which this grant cannot show")
        .hint("sign in with {ways}")
        .auth0("sign in with {ways}, or change Security → Attack Protection → Bot Detection \
                (its response for the password flow, or its IP AllowList)"),
    codes(&["password_change_required", "password_expired"])
        .means(TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD)
        .auth0(CHANGE_PASSWORD_AT_AUTH0),
    codes(&["invalid_user_password", "invalid_credentials", "E0000004"])
        .means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    codes(&["invalid_grant"]).wordless().during(&[Password])
        .means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    codes(&["access_denied"]).status(403).during(LOGIN).at(AUTH0)
        .means(TenantRefused, "an Action of the tenant refused the login").quoted().hint(ACTION),
    codes(&["unauthorized"]).during(LOGIN).at(AUTH0)
        .means(TenantRefused, "a Rule of the tenant refused the login").quoted().hint(ACTION),
];

const LOCKED: &[&str] = &[
    "account is locked",
    "account locked",
    "account has been locked",
    "account is temporarily locked",
    "account temporarily locked",
    "account is temporarily disabled",
    "account temporarily disabled",
    "user temporarily disabled",
    "user is temporarily disabled",
    "user is locked",
    "user locked",
    "locked out",
];

/// How servers word a wrong user name or password.
const WRONG_CREDENTIALS: &[&str] = &[
    "wrong email or password",
    "credentials provided were invalid",
    "user credentials are invalid",
    "user credentials were incorrect",
    "resource owner credentials",
    "bad credentials",
    "invalid credentials",
    "invalid_username_or_password",
    "invalid username or password",
    "invalid user name or password",
    "invalid 'username' or 'password'",
    "incorrect username or password",
    "username or password is incorrect",
    "username or password was incorrect",
    "username or password is invalid",
    "username and password is invalid",
    "username/password couple is invalid",
    "wrong username or password",
    "authentication failure",
];
const EXPIRED_PASSWORD: &str = "the password has expired and must be changed first";
const CHANGE_PASSWORD: &str =
    "change it on the login page of {host}, or ask an administrator to do so";
const CHANGE_PASSWORD_AT_AUTH0: &str = "change it on the login page of {host}, or ask an \
                                        administrator to do so (User Management → Users → … → \
                                        Actions)";
const WRONG_PASSWORD: &str = "the e-mail address or the password is wrong";
const CHECK_BOTH: &str = "check both; too many failed attempts block the account";
const ACTION: &str = "check Actions → Triggers → post-login, and Auth Pipeline → Rules: the \
                      refusal is theirs";
