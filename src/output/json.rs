//! Claims as JSON: as issued into a pipe or file, indented and escaped on a terminal.

use std::borrow::Cow;

use serde_json::Value;

use super::json_text::{indented, line};
use super::target::OutputTarget;
use crate::escape;
use crate::response::Userinfo;
use crate::verify::Claims;

/// JSON text for where it goes: indented and escaped on a terminal, on one line elsewhere. Numbers
/// keep their digits.
pub(super) fn text(json: &str, target: OutputTarget) -> String {
    if target.is_terminal {
        format!("{}\n", escape::escape_json(&indented(json)))
    } else {
        format!("{}\n", line(json))
    }
}

/// The claims as one JSON object.
pub(crate) fn claims(claims: &Claims, target: OutputTarget) -> String {
    text(&String::from_utf8_lossy(claims.text()), target)
}

/// The issuer's own text on one line, which loses nothing.
pub(super) fn as_issued(claims: &Claims) -> Cow<'_, [u8]> {
    let text = claims.text();
    if claims.is_plain_line() {
        return Cow::Borrowed(text);
    }
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => match line(text) {
            Cow::Borrowed(line) => Cow::Borrowed(line.as_bytes()),
            Cow::Owned(line) => Cow::Owned(line.into_bytes()),
        },
        Cow::Owned(text) => Cow::Owned(line(&text).into_owned().into_bytes()),
    }
}

/// The verified claims and, separately, the userinfo response, as one JSON object.
pub(super) fn claims_and_userinfo(
    claims: &Claims,
    userinfo: &Userinfo,
    target: OutputTarget,
) -> String {
    let claims = String::from_utf8_lossy(claims.text());
    let userinfo = String::from_utf8_lossy(userinfo.text());
    let both = format!("{{\"claims\":{claims},\"userinfo\":{userinfo}}}");
    text(&both, target)
}

/// One claim: a string bare, anything else as JSON. `None` if the token has no such claim. Of
/// several claims, each has `its_line`: a string that would not stay on it is JSON too.
pub(crate) fn claim(
    claims: &Claims,
    name: &str,
    its_line: bool,
    target: OutputTarget,
) -> Option<String> {
    let found = claims.locate(name)?;
    Some(match found.value {
        Value::String(bare) if target.is_terminal => format!("{}\n", escape::escape(bare)),
        Value::String(bare) if !its_line || !breaks_line(bare) => format!("{bare}\n"),
        _ if its_line && !target.is_terminal => format!("{}\n", line(&found.text())),
        _ => text(&found.text(), target),
    })
}

/// Whether some reader would take a part of this text for a line of its own.
fn breaks_line(text: &str) -> bool {
    text.contains(|character| {
        matches!(
            character,
            '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    })
}
