//! Reads a refusal: which row of the table it is, and what the person is told.

mod table;

pub(super) use table::ENROL;

use std::time::Duration;

use serde::Deserialize;

use super::{AuthError, MfaToken, Step};
use crate::failure::Class;
use crate::http::Answer;
use crate::text;
use crate::time;
use table::{Row, TABLE};

/// A refusal, explained.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) class: Class,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) status: u16,
    /// The tenant's `error`, escaped.
    pub(crate) code: Option<String>,
    pub(crate) meaning: Meaning,
    /// With it the login can go on.
    pub(crate) mfa_token: Option<MfaToken>,
}

/// What a refusal means for what is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing: it is final.
    No,
    /// The code is wrong, and another may be tried.
    WrongCode,
    /// The person has not looked at the push yet.
    Pending,
    /// As before, and asked too often (RFC 8628 §3.5).
    SlowDown,
    /// The login took too long and can only start over.
    Expired,
}

/// RFC 6749 §5.2, and what other endpoints make of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    error: Option<String>,
    error_description: Option<String>,
    /// As some servers call it, beside the other or in its place.
    message: Option<String>,
    description: Option<String>,
    mfa_token: Option<MfaToken>,
}

/// Reads an answer whose status is not 2xx. What it repeats of the secrets that were sent is told to nobody.
pub(super) fn read(step: Step, host: &str, answer: &Answer, secrets: &[&str]) -> AuthError {
    let status = answer.status.as_u16();
    let wire = serde_json::from_slice::<Wire>(&answer.body).ok();
    if wire.is_none() && !answer.status.is_server_error() && !matches!(status, 401 | 403 | 429) {
        let problem = format!("status {status} and a body that is no OAuth error");
        return AuthError::BadAnswer {
            host: host.to_owned(),
            what: "token answer",
            status,
            problem,
        };
    }
    let mut wire = wire.unwrap_or_default();
    wire.error_description = wire
        .error_description
        .or(wire.message.take())
        .or(wire.description.take());
    let told = |words: &str, max| text::excerpt(&text::without(words, secrets), max);
    let code = wire.error.as_deref().map(|code| told(code, 100));
    let words = wire
        .error_description
        .as_deref()
        .filter(|words| !words.is_empty());
    let row = row(step, status, &wire);
    let (class, message, hint) = match row {
        Some(row) => (
            row.class,
            row.message.to_owned(),
            row.hint.map(|hint| hint.replace("{host}", host)),
        ),
        None => unknown(answer, code.as_deref()),
    };
    let hint = if class == Class::Throttled {
        Some(with_time(hint, answer.wait()))
    } else {
        hint
    };
    // The tenant's own words stand beside ours where they say more.
    let words = words
        .filter(|_| row.is_none_or(|row| row.quoted))
        .map(|words| told(words, 500));
    let message = words.map_or_else(
        || message.clone(),
        |words| format!("{message} (the tenant says: {words})"),
    );
    let meaning = row.map_or(Meaning::No, |row| row.meaning);
    AuthError::Refused(Box::new(Refusal {
        class,
        message,
        hint,
        status,
        code,
        meaning,
        mfa_token: wire.mfa_token,
    }))
}

fn row(step: Step, status: u16, wire: &Wire) -> Option<&'static Row> {
    let code = wire.error.as_deref().unwrap_or_default();
    let description = wire
        .error_description
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    TABLE.iter().find(|row| {
        (row.steps.is_empty() || row.steps.contains(&step))
            && (row.status == 0 || row.status == status)
            && (row.code.is_empty() || row.code == code)
            && description.contains(row.phrase)
    })
}

/// What no row fits: the status says something, the tenant's words the rest.
fn unknown(answer: &Answer, code: Option<&str>) -> (Class, String, Option<String>) {
    let status = answer.status.as_u16();
    if status == 429 {
        return (Class::Throttled, "too many requests".to_owned(), None);
    }
    if answer.status.is_server_error() {
        let hint = "try again later; status.auth0.com tells of Auth0's troubles".to_owned();
        return (
            Class::Unreachable,
            format!("the tenant has an error of its own (status {status})"),
            Some(hint),
        );
    }
    let Some(code) = code else {
        let hint = "check the password, the client ID and the client secret: some servers do not tell which is wrong";
        let message = format!("the tenant refused (status {status}) and does not say why");
        return (Class::TenantRefused, message, Some(hint.to_owned()));
    };
    let hint = "look the attempt up under Monitoring → Logs, which say more".to_owned();
    (
        Class::TenantRefused,
        format!("the tenant refused: status {status}, {code}"),
        Some(hint),
    )
}

fn with_time(hint: Option<String>, wait: Option<Duration>) -> String {
    match (hint, wait) {
        (Some(hint), None) => hint,
        (Some(hint), wait) => format!("{hint}; {}", time::again(wait)),
        (None, wait) => time::again(wait),
    }
}
