//! Claims as JSON: as issued into a pipe or file, indented and escaped on a terminal.

use memchr::memchr2;
use serde::Serialize;
use serde_json::{Value, json};

use super::target::OutputTarget;
use crate::escape;
use crate::response::Userinfo;
use crate::verify::Claims;

/// The claims as one JSON object.
pub(crate) fn claims(claims: &Claims, target: OutputTarget) -> String {
    match as_issued(claims, target) {
        Some(text) => format!("{}\n", String::from_utf8_lossy(text)),
        None => value(claims, target),
    }
}

/// The issuer's own text, which loses nothing, such as numbers beyond 64 bits. Only where it may go
/// unchanged: not to a terminal, and on one line.
pub(super) fn as_issued(claims: &Claims, target: OutputTarget) -> Option<&[u8]> {
    let text = claims.text();
    (!target.is_terminal && memchr2(b'\n', b'\r', text).is_none()).then_some(text)
}

/// The verified claims and, separately, the userinfo response, as one JSON object.
pub(super) fn claims_and_userinfo(
    claims: &Claims,
    userinfo: &Userinfo,
    target: OutputTarget,
) -> String {
    value(&json!({ "claims": claims, "userinfo": userinfo }), target)
}

/// One claim: a string bare, anything else as JSON. `None` if the token has no such claim.
pub(crate) fn claim(claims: &Claims, name: &str, target: OutputTarget) -> Option<String> {
    Some(match claims.get(name)? {
        Value::String(bare) if target.is_terminal => format!("{}\n", escape::escape(bare)),
        Value::String(bare) => format!("{bare}\n"),
        other => value(other, target),
    })
}

/// Indented and escaped on a terminal, on one line elsewhere.
fn value(value: &impl Serialize, target: OutputTarget) -> String {
    if !target.is_terminal {
        // Serializing what was parsed from JSON does not fail.
        return format!("{}\n", serde_json::to_string(value).unwrap_or_default());
    }
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{}\n", escape::escape_json(&text))
}
