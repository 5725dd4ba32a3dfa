//! What the user sees of an error response: by its row of the table, else by its status and words.

use super::error_table::{ErrorRow, Situation};
use crate::failure::Class;
use crate::provider::ProviderKind;

/// What the user sees, before `{server}` and `{host}` are filled in.
pub(super) struct Explanation {
    pub(super) class: Class,
    pub(super) message: Message,
    pub(super) hint: Option<&'static str>,
}

/// A message of padlock's, and the server's words, in which nothing is filled in.
pub(super) enum Message {
    Own(String),
    /// The words are added in parentheses.
    Quoting {
        own: String,
        words: String,
    },
    /// The words come first, then the status and the code.
    Words {
        words: String,
        after: String,
    },
}

impl Message {
    pub(super) fn finish(self, place: impl Fn(String) -> String) -> String {
        match self {
            Self::Own(own) => place(own),
            Self::Quoting { own, words } => {
                let says = place("the {server} says".to_owned());
                format!("{} ({says}: {words})", place(own))
            }
            Self::Words { words, after } => {
                let refused = place("the {server} refused the request".to_owned());
                format!("{refused}: {words} ({after})")
            }
        }
    }
}

impl Explanation {
    pub(super) fn of_row(row: &ErrorRow, kind: ProviderKind, words: Option<String>) -> Self {
        let own = row.message.to_owned();
        Self {
            class: row.class,
            message: match words.filter(|_| row.is_quoted) {
                Some(words) => Message::Quoting { own, words },
                None => Message::Own(own),
            },
            hint: row.hint_at(kind),
        }
    }

    /// The status says something, the server's words the rest.
    pub(super) fn without_row(
        situation: Situation,
        code: Option<&str>,
        words: Option<String>,
        is_foreign: bool,
    ) -> Self {
        let Situation { status, kind, .. } = situation;
        if let Some((class, own, hint)) = fault(situation, code) {
            let message = match words {
                Some(words) => Message::Quoting { own, words },
                None => Message::Own(own),
            };
            let hint = Some(hint).filter(|hint| !hint.is_empty());
            return Self {
                class,
                message,
                hint,
            };
        }
        let after = match (code, status) {
            (Some(code), 0) => code.to_owned(),
            (Some(code), _) => format!("status {status}, {code}"),
            (None, _) => format!("status {status}"),
        };
        let is_auth0 = kind.is_auth0();
        let hint = match (code, is_foreign, status) {
            (None, true, 403) => FIREWALL,
            (None, ..) => {
                "check the password, the client ID and the client secret: some servers \
                           do not say which is wrong"
            }
            (Some("invalid_grant"), ..) if !is_auth0 => {
                "ask an administrator of {host} for the reason; check the user name and the \
                 password too"
            }
            (Some(_), ..) if is_auth0 => {
                "look up the attempt under Monitoring → Logs for more details"
            }
            (Some(_), ..) => "ask an administrator of {host}, whose logs have more details",
        };
        let message = match words {
            Some(words) => Message::Words { words, after },
            None if code.is_none() => Message::Own(format!(
                "the {{server}} refused the request (status {status}) and gave no reason"
            )),
            None => Message::Own(format!("the {{server}} refused the request: {after}")),
        };
        Self {
            class: Class::TenantRefused,
            message,
            hint: Some(hint),
        }
    }
}

const FIREWALL: &str = "ask an administrator: a firewall in front of the {server} refuses requests \
                        from this address or program, and the {server} itself has not seen this one";

/// A response that is no refusal: too many requests, or a fault of the server.
fn fault(situation: Situation, code: Option<&str>) -> Option<(Class, String, &'static str)> {
    let status = situation.status;
    let try_again = if situation.kind.is_auth0() {
        "try again later; see status.auth0.com for outages of Auth0"
    } else {
        "try again later"
    };
    match status {
        429 => Some((Class::Throttled, "too many requests".to_owned(), "")),
        500.. if code.is_none_or(names_fault) => {
            let message = format!("the {{server}} reported an internal error (status {status})");
            Some((Class::Unreachable, message, try_again))
        }
        408 => {
            let message =
                format!("the {{server}} gave up waiting for the request (status {status})");
            Some((Class::Unreachable, message, try_again))
        }
        0 if code == Some("server_error") => {
            let message = "the {server} reported an internal error".to_owned();
            Some((Class::Unreachable, message, try_again))
        }
        _ if code == Some("server_error") => {
            let message = format!("the {{server}} reported an internal error (status {status})");
            Some((Class::Unreachable, message, try_again))
        }
        _ => None,
    }
}

/// Whether a code is about the server rather than the request: a phrase such as `Bad Gateway`, or a
/// code that names a fault.
fn names_fault(code: &str) -> bool {
    let is_code =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    let faults = [
        "server_error",
        "internal",
        "unavailable",
        "timeout",
        "gateway",
        "exception",
    ];
    !code.bytes().all(is_code) || faults.iter().any(|fault| code.contains(fault))
}
