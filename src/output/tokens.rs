//! Tokens for scripts: bare, as a header, as a line for curl, as JSON.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Screen;
use crate::auth::TokenAnswer;
use crate::text;

/// The shape of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenForm {
    Bare,
    Header,
    Curl,
}

/// A token on one line. It holds printable ASCII without quotes or backslashes, which `auth` has seen to.
pub(crate) fn token(token: &SecretString, form: TokenForm) -> Zeroizing<String> {
    let token = token.expose_secret();
    Zeroizing::new(match form {
        TokenForm::Bare => format!("{token}\n"),
        TokenForm::Header => format!("Authorization: Bearer {token}\n"),
        TokenForm::Curl => format!("header = \"Authorization: Bearer {token}\"\n"),
    })
}

/// An access token and what is to be known about it.
#[derive(Serialize)]
struct Described<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// The access token and what is to be known about it, as one JSON object on one line.
pub(crate) fn token_json(
    answer: &TokenAnswer,
    token: &SecretString,
    screen: Screen,
) -> Zeroizing<String> {
    let described = Described {
        access_token: token.expose_secret(),
        token_type: answer.token_type.as_deref(),
        expires_in: answer.expires_in.map(seconds),
        scope: answer.scope.as_deref(),
    };
    // Strings and a number can be written as JSON.
    line(
        &Zeroizing::new(serde_json::to_string(&described).unwrap_or_default()),
        screen,
    )
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn seconds(life: f64) -> i64 {
    life as i64
}

/// JSON and the end of its line, harmless on a terminal.
fn line(json: &str, screen: Screen) -> Zeroizing<String> {
    if screen.terminal {
        return Zeroizing::new(format!("{}\n", text::escape_json(json)));
    }
    Zeroizing::new(format!("{json}\n"))
}

/// The bare id_token. Only a command that has verified it calls this.
pub(crate) fn id_token(answer: &TokenAnswer) -> Zeroizing<String> {
    Zeroizing::new(
        answer
            .id_token
            .as_ref()
            .map(|token| format!("{}\n", token.expose()))
            .unwrap_or_default(),
    )
}

/// The tenant's answer as it came, but for what would do harm on a terminal.
pub(crate) fn whole_answer(answer: &TokenAnswer, screen: Screen) -> Zeroizing<String> {
    line(answer.text.expose_secret().trim(), screen)
}
