//! Text out: tables, JSON, tokens, failures. Nothing here prints.

mod failure;
mod recovery_code;
mod table;
mod tokens;
mod verdict;

pub use failure::failure;
pub use recovery_code::recovery_code;
pub(crate) use table::{all_claims, user, userinfo};
pub(crate) use tokens::{TokenForm, id_token, token, token_json, whole_answer};
pub(crate) use verdict::{refused_line, trusted_line};

use memchr::memchr2;
use serde::Serialize;
use serde_json::Value;

use crate::auth::Userinfo;
use crate::text;
use crate::verify::Claims;

/// Where the text goes.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Whether it is a terminal, where foreign text could do harm.
    pub terminal: bool,
    /// Its width in cells, where it is a terminal that tells.
    pub width: Option<u16>,
}

/// The claims as one JSON object: on a terminal indented and harmless, in a pipe on one line.
pub(crate) fn json(claims: &Claims, screen: Screen) -> String {
    match as_written(claims, screen) {
        Some(text) => format!("{}\n", String::from_utf8_lossy(text)),
        None => json_text(claims, screen),
    }
}

/// The issuer's own text, so that nothing of it is lost (a number beyond 64 bits, say), where it may go as it is: into a
/// pipe, and on one line.
fn as_written(claims: &Claims, screen: Screen) -> Option<&[u8]> {
    let text = claims.text();
    (!screen.terminal && memchr2(b'\n', b'\r', text).is_none()).then_some(text)
}

/// The claims and, apart from them, what the userinfo endpoint says, as one JSON object.
pub(crate) fn json_with_userinfo(claims: &Claims, userinfo: &Userinfo, screen: Screen) -> String {
    json_text(
        &serde_json::json!({ "claims": claims, "userinfo": userinfo }),
        screen,
    )
}

/// One claim: a string bare, anything else as JSON. `None` where the token has no such claim.
pub(crate) fn claim(claims: &Claims, name: &str, screen: Screen) -> Option<String> {
    Some(match claims.get(name)? {
        Value::String(bare) if screen.terminal => format!("{}\n", text::escape(bare)),
        Value::String(bare) => format!("{bare}\n"),
        other => json_text(other, screen),
    })
}

/// On a terminal indented and escaped; in a pipe on one line.
fn json_text(value: &impl Serialize, screen: Screen) -> String {
    let text = if screen.terminal {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    // A value that was parsed from JSON can be written as JSON.
    let text = text.unwrap_or_default();
    if screen.terminal {
        format!("{}\n", text::escape_json(&text))
    } else {
        format!("{text}\n")
    }
}
