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

/// Levels of indentation, so that deep nesting cannot fill memory.
const DEEPEST: usize = 16;

/// JSON indented anew, with every number and string as it was written.
pub(super) fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        if matches!(first, '}' | ']') {
            depth = depth.saturating_sub(1);
            break_line(&mut text, depth);
        }
        text.push_str(token);
        match first {
            '{' | '[' if rest.starts_with(['}', ']']) => {
                text.push_str(&rest[..1]);
                rest = rest[1..].trim_start();
            }
            '{' | '[' => {
                depth += 1;
                break_line(&mut text, depth);
            }
            ',' => break_line(&mut text, depth),
            ':' => text.push(' '),
            _ => {}
        }
    }
    text
}

fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

/// The length in bytes of the string at the start, with its quotes.
fn string_length(json: &str) -> usize {
    let mut is_escaped = false;
    let end = json.char_indices().skip(1).find(|&(_, character)| {
        let is_end = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_end
    });
    end.map_or(json.len(), |(index, _)| index + 1)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn indented_json_keeps_what_the_issuer_wrote() {
        let json = "{\"a\"\r:\t1.0e0 ,\n\"b\":[ ],\"c\":{\"d\\\"}\":[true,{}]}} ";
        let indented = "{\n  \"a\": 1.0e0,\n  \"b\": [],\n  \"c\": {\n    \"d\\\"}\": [\n      \
                        true,\n      {}\n    ]\n  }\n}";
        assert_eq!(super::indented(json), indented);
    }

    proptest! {
        #[test]
        fn indented_json_is_what_serde_writes(
            members in prop::collection::hash_map(".*", prop::collection::vec(".*", 0..3), 0..4),
        ) {
            let value = json!(members);
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(indented(&value.to_string()), pretty.as_str());
            prop_assert_eq!(indented(&pretty), pretty.as_str());
        }

        #[test]
        fn no_text_is_too_odd_to_indent(text in ".*") {
            indented(&text);
        }
    }
}
