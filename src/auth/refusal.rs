//! What a tenant's refusal means: one table from Auth0's answers to class, message and hint.

use serde::Deserialize;

use super::AuthError;
use crate::failure::Class;
use crate::http::Answer;
use crate::text;

/// A refusal, explained.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) class: Class,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) status: u16,
    /// The tenant's `error`, escaped.
    pub(crate) code: Option<String>,
}

/// RFC 6749 §5.2, and what other endpoints make of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    error: Option<String>,
    error_description: Option<String>,
}

/// A row of the table: it fits where `code` is the tenant's `error` (empty: any) and its description contains `phrase`
/// (in lower case; empty: any).
struct Row {
    code: &'static str,
    phrase: &'static str,
    class: Class,
    message: &'static str,
    hint: &'static str,
}

/// The first row that fits counts.
const TABLE: &[Row] = &[
    Row {
        code: "mfa_required",
        phrase: "",
        class: Class::MfaRequired,
        message: "the account wants a second factor",
        hint: "sign in with a browser, or with an account for which multi-factor authentication is off",
    },
    Row {
        code: "too_many_attempts",
        phrase: "",
        class: Class::Throttled,
        message: "the account is blocked after too many attempts",
        hint: "follow the link in the e-mail that Auth0 sent to the user, or unblock the user under User Management → Users",
    },
    Row {
        code: "",
        phrase: "user is blocked",
        class: Class::TenantRefused,
        message: "the user is blocked",
        hint: "an administrator can unblock the user under User Management → Users → … → Unblock",
    },
    Row {
        code: "",
        phrase: "not configured with default connection",
        class: Class::TenantRefused,
        message: "the tenant has no default directory to look the user up in",
        hint: "name a database connection with --realm, or set Settings → General → API Authorization Settings → Default Directory",
    },
    Row {
        code: "unauthorized_client",
        phrase: "",
        class: Class::TenantRefused,
        message: "the application may not use this grant",
        hint: "switch it on under Applications → … → Settings → Advanced Settings → Grant Types",
    },
    Row {
        code: "unsupported_grant_type",
        phrase: "",
        class: Class::TenantRefused,
        message: "the server does not offer this grant",
        hint: "ask who runs it whether the grant is switched on",
    },
    Row {
        code: "",
        phrase: "service not found",
        class: Class::TenantRefused,
        message: "the tenant knows no API with this audience",
        hint: "compare the audience with the Identifier under Applications → APIs, byte by byte",
    },
    Row {
        code: "",
        phrase: "not authorized to access",
        class: Class::TenantRefused,
        message: "the application is not authorised for this API",
        hint: "authorise it under Applications → APIs → … → Machine to Machine Applications",
    },
    Row {
        code: "access_denied",
        phrase: "unauthorized",
        class: Class::TenantRefused,
        message: "the tenant does not accept the client ID with this client secret",
        hint: "compare both with Applications → … → Settings → Basic Information",
    },
    Row {
        code: "invalid_client",
        phrase: "",
        class: Class::TenantRefused,
        message: "the tenant does not accept the client ID with this client secret",
        hint: "compare both with what the application is registered with",
    },
    Row {
        code: "invalid_scope",
        phrase: "",
        class: Class::TenantRefused,
        message: "the tenant does not grant this scope",
        hint: "ask for less with --scope",
    },
    Row {
        code: "invalid_grant",
        phrase: "",
        class: Class::WrongCredentials,
        message: "the e-mail address or the password is wrong",
        hint: "check both; several wrong attempts block the account",
    },
];

/// Reads an answer whose status is not 2xx.
pub(super) fn read(host: &str, answer: &Answer) -> AuthError {
    let status = answer.status.as_u16();
    let wire = serde_json::from_slice::<Wire>(&answer.body).ok();
    if wire.is_none() && !answer.status.is_server_error() && status != 429 {
        return AuthError::BadAnswer {
            host: host.to_owned(),
            status,
            problem: format!("status {status} and a body that is no OAuth error"),
        };
    }
    let wire = wire.unwrap_or_default();
    let code = wire.error.as_deref().map(|code| text::excerpt(code, 100));
    let words = wire.error_description.as_deref().map(|words| text::excerpt(words, 500));
    let (class, message, hint) = explain(answer, &wire);
    // The tenant's own words beside ours: they may say more.
    let message = words.map_or_else(|| message.clone(), |words| format!("{message} (the tenant says: {words})"));
    AuthError::Refused(Box::new(Refusal { class, message, hint, status, code }))
}

fn explain(answer: &Answer, wire: &Wire) -> (Class, String, Option<String>) {
    let code = wire.error.as_deref().unwrap_or_default();
    let description = wire.error_description.as_deref().unwrap_or_default().to_lowercase();
    let fits = |row: &&Row| (row.code.is_empty() || row.code == code) && description.contains(row.phrase);
    if let Some(row) = TABLE.iter().find(fits) {
        return (row.class, row.message.to_owned(), Some(row.hint.to_owned()));
    }
    let status = answer.status.as_u16();
    if status == 429 {
        return (Class::Throttled, "too many requests".to_owned(), Some(retry(answer)));
    }
    if answer.status.is_server_error() {
        let hint = "try again later; status.auth0.com tells of Auth0's troubles".to_owned();
        return (Class::Unreachable, format!("the tenant has an error of its own (status {status})"), Some(hint));
    }
    let code = text::excerpt(code, 100);
    (Class::TenantRefused, format!("the tenant refused: status {status}, {code}"), None)
}

fn retry(answer: &Answer) -> String {
    let after = answer.headers.get("retry-after").and_then(|value| value.to_str().ok());
    after.map_or_else(
        || "try again later".to_owned(),
        |after| match after.parse::<u32>() {
            Ok(seconds) => format!("try again in {seconds} s"),
            Err(_) => format!("try again after {}", text::excerpt(after, 40)),
        },
    )
}
