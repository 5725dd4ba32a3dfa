//! Errors about the application, its grants and the APIs.

use super::row::{AUTH0, ELSEWHERE, ErrorRow, NextStep, codes, says};
use crate::auth::step::{CLIENT, LOGIN, NO_LOGIN, Step, USER_FLOWS};
use crate::failure::Class::{TenantRefused, Throttled, Unreachable};
use NextStep::{AllowGrant, CorrectClient};
use Step::{AuthorizationCode, ClientCredentials, Device, Password};

/// By the server's words.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_WORDS: &[ErrorRow] = &[
    says(&["not authorized to access"]).during(&[ClientCredentials])
        .means(TenantRefused, "the application is not authorized for this API").quoted()
        .hint("ask an administrator of {host} to authorize it")
        .auth0("authorize it under Applications → APIs → … → Machine to Machine Applications"),
    says(&["not authorized to access"]).during(USER_FLOWS)
        .means(TenantRefused, "the application is not authorized for this API").quoted()
        .hint("ask an administrator of {host} to authorize it")
        .auth0("authorize it under Applications → APIs → … → Application Access → User-Delegated \
                Access"),
    says(&["not been granted scopes"])
        .means(TenantRefused, "the application was not granted these scopes").quoted()
        .hint("ask for less with --scope, or have an administrator of {host} grant them")
        .auth0("grant them under Applications → APIs → … → Machine to Machine Applications, or ask \
                for less with --scope"),
    says(&["not configured with default connection"])
        .means(TenantRefused, "the tenant has no default directory")
        .hint("give a database connection with --realm")
        .auth0("give a database connection with --realm, or set Settings → General → API \
                Authorization Settings → Default Directory"),
    says(&["connection was not found"])
        .means(TenantRefused, "the tenant has no database connection of that name")
        .hint("compare --realm with the connection's name")
        .auth0("compare --realm with the exact names under Authentication → Database"),
    says(&["connection was disabled"])
        .means(TenantRefused, "the database connection is not enabled for the application")
        .hint("ask an administrator of {host} to enable it")
        .auth0("enable it under Authentication → Database → … → Applications"),
    codes(&["invalid_request"]).says(&["connection is not yet configured"])
        .means(TenantRefused, "the database connection is not configured completely")
        .hint("ask an administrator of {host} to complete it")
        .auth0("complete its scripts under Authentication → Database → … → Custom Database"),
    codes(&["invalid_request"]).says(&["strategy does not support requested operation"])
        .means(TenantRefused, "the connection does not accept passwords")
        .hint("choose another connection with --realm, or sign in with {browser}"),
    codes(&["invalid_request"]).says(ORGANIZATION).during(&[ClientCredentials])
        .means(TenantRefused, "the application requires an organization").quoted()
        .hint("give one that the application belongs to with --organization"),
    codes(&["invalid_request"]).says(ORGANIZATION).during(USER_FLOWS)
        .means(TenantRefused, "the application requires an organization").quoted()
        .hint("sign in with {browser} and --organization: the password grant cannot name an \
               organization"),
    codes(&["invalid_request"]).says(&["invalid audience specified for password grant exchange"])
        .means(TenantRefused, UNKNOWN_API).hint(COMPARE_AUDIENCE).auth0(COMPARE_IDENTIFIER),
    says(&["service not found", "service not enabled within domain"])
        .means(TenantRefused, UNKNOWN_API).quoted().hint(COMPARE_AUDIENCE)
        .auth0(COMPARE_IDENTIFIER),
    says(&["no audience parameter"]).means(TenantRefused, "the {server} requires an audience")
        .hint("give it with --audience")
        .auth0("give it with --audience, or set Settings → General → API Authorization Settings → \
                Default Audience"),
    codes(&["unauthorized_client"]).says(GRANT_NOT_ALLOWED).during(&[Password])
        .means(TenantRefused, "the application may not use the password grant").quoted().then(AllowGrant)
        .hint("sign in with {ways}, or ask an administrator of {host} to allow the grant for the \
               application (Keycloak: Direct access grants)")
        .auth0("sign in with {ways}, or enable Applications → … → Settings → Advanced Settings → \
                Grant Types → Password"),
    codes(&["unauthorized_client"]).says(GRANT_NOT_ALLOWED).during(&[Device])
        .means(TenantRefused, "the application may not use the device flow").quoted().then(AllowGrant)
        .hint("sign in with --browser, or ask an administrator of {host} to allow the grant for \
               the application")
        .auth0("sign in with --browser, or enable Applications → … → Settings → Advanced Settings \
                → Grant Types → Device Code (of an application of type Native)"),
    codes(&["unauthorized_client"]).says(GRANT_NOT_ALLOWED).during(&[AuthorizationCode])
        .means(TenantRefused, "the application may not sign in with a browser").quoted().then(AllowGrant)
        .hint("ask an administrator of {host} to allow the authorization code grant for the \
               application")
        .auth0("enable Applications → … → Settings → Advanced Settings → Grant Types → \
                Authorization Code"),
    codes(&["unauthorized_client"]).says(GRANT_NOT_ALLOWED).during(&[ClientCredentials])
        .means(TenantRefused, "the application may not use the client credentials grant").quoted().then(AllowGrant)
        .hint("ask an administrator of {host} to allow the grant for the application (Keycloak: \
               Service accounts roles)")
        .auth0("enable Applications → … → Settings → Advanced Settings → Grant Types → Client \
                Credentials"),
    codes(&["unauthorized_client", "invalid_request", "access_denied"])
        .says(&["unknown client", "invalid client"])
        .means(TenantRefused, "the {server} has no application with this client ID").quoted().then(CorrectClient)
        .hint("compare the client ID, and the client secret if there is one, with the application \
               at {host}")
        .auth0("compare the client ID and the domain with Applications → … → Settings → Basic \
                Information"),
    codes(&["access_denied"]).says(&["unauthorized"]).status(401).during(CLIENT)
        .means(TenantRefused, "the {server} does not accept the client ID with this client secret").then(CorrectClient)
        .hint("compare both with the application at {host}; for one without a secret, use \
               --client-auth none")
        .auth0("compare both with Applications → … → Settings → Basic Information; for an \
                application whose Credentials → Authentication Method is None, use --client-auth \
                none"),
    codes(&["too_many_requests"]).says(&["client quota exceeded"])
        .means(Throttled, "the application's quota of tokens is used up")
        .hint("cache the token and use it until it expires, instead of requesting a new one on \
               each run"),
    says(&["global limit has been reached"])
        .means(Throttled, "the {server}'s rate limit has been reached"),
];

/// By the code alone.
#[rustfmt::skip]
pub(super) static BY_CODE: &[ErrorRow] = &[
    codes(&["use_dpop_nonce", "invalid_dpop_proof"])
        .means(TenantRefused, "the application or the API requires DPoP, which padlock does not \
                               support").quoted()
        .hint("ask an administrator of {host} whether bearer tokens can be allowed")
        .auth0("turn off Require Token Sender-Constraining (DPoP) for the application \
                (Applications → … → Settings) or the API (Applications → APIs → … → Settings)"),
    codes(&["endpoint_disabled", "method_not_allowed"])
        .means(TenantRefused, "this endpoint is switched off at the {server}").quoted()
        .hint("ask an administrator of {host} to enable it")
        .auth0("ask an administrator of the tenant to enable it (Settings → Advanced)"),
    codes(&["unauthorized_client"]).during(LOGIN)
        .means(TenantRefused, "the application may not do this").quoted().then(AllowGrant)
        .hint("sign in with {ways}, or ask an administrator of {host} which grants the application \
               may use")
        .auth0("sign in with {ways}, or check Applications → … → Settings → Advanced Settings → \
                Grant Types"),
    codes(&["unauthorized_client"]).during(NO_LOGIN)
        .means(TenantRefused, "the application may not do this").quoted().then(AllowGrant)
        .hint("ask an administrator of {host} which grants the application may use")
        .auth0("check Applications → … → Settings → Advanced Settings → Grant Types"),
    codes(&["unsupported_grant_type"]).during(LOGIN)
        .means(TenantRefused, "the {server} does not offer this grant").quoted().then(AllowGrant)
        .hint("sign in with {ways}, or ask its administrator whether the grant is enabled"),
    codes(&["unsupported_grant_type"]).during(NO_LOGIN)
        .means(TenantRefused, "the {server} does not offer this grant").quoted().then(AllowGrant)
        .hint("ask its administrator whether the grant is enabled"),
    codes(&["invalid_client"]).means(TenantRefused, "client authentication failed").quoted().then(CorrectClient)
        .hint("compare client ID and client secret or key (and --client-key-alg) with the \
               application at {host}")
        .auth0("compare client ID, client secret or key (and --client-key-alg), and --client-auth \
                with Applications → … → Credentials"),
    codes(&["consent_required"])
        .means(TenantRefused, "the API requires consent, which users can only give in a browser")
        .hint("sign in once with {ways}, or ask an administrator of {host} to consent for all")
        .auth0("sign in once with {ways}, or enable Applications → APIs → … → Settings → Allow Skipping User Consent"),
    codes(&["invalid_scope"])
        .means(TenantRefused, "the {server} does not grant this scope").quoted()
        .hint("ask for less with --scope"),
    codes(&["invalid_target"])
        .means(TenantRefused, "the {server} issues no token for this API").quoted()
        .hint(COMPARE_AUDIENCE),
    codes(&["too_many_requests", "rate_limit_exceeded"])
        .means(Throttled, "too many requests").quoted(),
    codes(&["temporarily_unavailable"])
        .means(Unreachable, "the {server} is temporarily unavailable").hint("try again later"),
    codes(&["server_error"]).status(500).during(&[ClientCredentials]).at(AUTH0)
        .means(Unreachable, "the tenant reported an internal error (status 500)").quoted()
        .hint("check the Action at Actions → Triggers → credentials-exchange, which may have \
               failed, and status.auth0.com for outages of Auth0"),
    codes(&["access_denied"]).during(LOGIN).at(ELSEWHERE)
        .means(TenantRefused, "the provider refused the login").quoted()
        .hint("ask an administrator of {host} why; some providers also refuse a wrong password \
               this way"),
];

const ORGANIZATION: &[&str] = &[
    "parameter organization is required",
    "parameter organization is invalid",
];
const GRANT_NOT_ALLOWED: &[&str] = &[
    "grant type",
    "direct access grants",
    "service account",
    "not allowed to use",
];
const UNKNOWN_API: &str = "the {server} has no API with this audience";
const COMPARE_AUDIENCE: &str = "compare the audience with the API's identifier, exactly";
const COMPARE_IDENTIFIER: &str =
    "compare the audience with the Identifier under Applications → APIs, exactly";
