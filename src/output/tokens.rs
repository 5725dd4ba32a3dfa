//! Tokens for scripts: bare, as a header, as a line for curl, as JSON.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::auth::TokenAnswer;

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

/// The access token and what is to be known about it, as one JSON object.
pub(crate) fn token_json(answer: &TokenAnswer, token: &SecretString) -> Zeroizing<String> {
    let mut object = Map::new();
    object.insert("access_token".into(), token.expose_secret().into());
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.into(), value);
        }
    };
    add("token_type", answer.token_type.clone().map(Value::from));
    add("expires_in", answer.expires_in.map(seconds));
    add("scope", answer.scope.clone().map(Value::from));
    Zeroizing::new(format!("{}\n", Value::Object(object)))
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn seconds(life: f64) -> Value {
    Value::from(life as i64)
}

/// The bare id_token. Only a command that has verified it calls this.
pub(crate) fn id_token(answer: &TokenAnswer) -> Zeroizing<String> {
    Zeroizing::new(answer.id_token.as_ref().map(|token| format!("{}\n", token.expose())).unwrap_or_default())
}

/// The tenant's answer as it came, on one line of its own.
pub(crate) fn whole_answer(answer: &TokenAnswer) -> Zeroizing<String> {
    Zeroizing::new(format!("{}\n", answer.text.expose_secret().trim_end()))
}
