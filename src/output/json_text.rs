//! JSON text formatted again. Nothing is parsed, so that every number keeps its digits.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters that JSON strings may hold as they are, and that some readers take for a line end.
const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Levels of indentation, so that deep nesting cannot fill memory.
const DEEPEST: usize = 16;

/// One line, whatever a reader takes for its end.
pub(crate) fn line(json: &str) -> Cow<'_, str> {
    let is_line = !json.contains(['\n', '\r']) && (json.is_ascii() || !json.contains(LINE_ENDS));
    if is_line {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for token in tokens(json) {
        for part in token.split_inclusive(LINE_ENDS) {
            let plain = part.trim_end_matches(LINE_ENDS);
            text.push_str(plain);
            for end in part[plain.len()..].chars() {
                write!(text, "\\u{:04x}", u32::from(end)).ok();
            }
        }
    }
    Cow::Owned(text)
}

/// Without whitespace between the values.
pub(crate) fn compact(json: &str) -> String {
    tokens(json).collect()
}

/// Indented by two spaces for each level.
pub(super) fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut is_opened) = (0_usize, false);
    let break_line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
    };
    for token in tokens(json) {
        let closes = matches!(token, "}" | "]");
        depth -= usize::from(closes && depth > 0);
        if is_opened != closes && (is_opened || closes) {
            break_line(&mut text, depth);
        }
        text.push_str(token);
        is_opened = matches!(token, "{" | "[");
        depth += usize::from(is_opened);
        match token {
            "," => break_line(&mut text, depth),
            ":" => text.push(' '),
            _ => (),
        }
    }
    text
}

/// The marks, strings and other values of a JSON text, without the whitespace between them.
fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let is_mark = |byte: u8| matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':');
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|character| u8::try_from(character).is_ok_and(is_space));
        let bytes = rest.as_bytes();
        let length = match *bytes.first()? {
            b'"' => length_of_string(bytes),
            byte if is_mark(byte) => 1,
            _ => {
                let ends = |byte: &u8| is_space(*byte) || is_mark(*byte) || *byte == b'"';
                bytes.iter().position(ends).unwrap_or(bytes.len())
            }
        };
        let token;
        (token, rest) = rest.split_at(length);
        Some(token)
    })
}

fn length_of_string(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

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
        fn no_text_is_too_odd_to_lay_out(text in ".*") {
            indented(&text);
            line(&text);
        }
    }

    #[test]
    fn a_line_has_no_line_end_and_keeps_its_values() {
        for same in ["{\"a\": 1}", "[]", "{\"a\":\"ä\u{202e}\"}"] {
            assert_eq!(line(same), same);
        }
        assert_eq!(line("{\r\n \"a b\" :\t[1.0 , {}]\n}"), "{\"a b\":[1.0,{}]}");
        assert_eq!(
            line("{\"\u{2028}a\u{85}\":\"\u{2029}\u{2029}b\"}"),
            "{\"\\u2028a\\u0085\":\"\\u2029\\u2029b\"}"
        );
    }

    #[test]
    fn indented_text_is_that_of_serde_and_keeps_digits() {
        for text in [
            "{}",
            "[]",
            "{\"a\":[1,2,{\"b\":{}}],\"c\":\"d\\\",:{e\",\"f\":[[],[null,true]]}",
            "\"a\"",
            "5",
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                indented(text),
                serde_json::to_string_pretty(&value).unwrap()
            );
            assert_eq!(indented(&indented(text)), indented(text));
        }
        assert_eq!(
            indented("{\"n\":\r12345678901234567890123.50}"),
            "{\n  \"n\": 12345678901234567890123.50\n}"
        );
    }

    #[test]
    fn text_that_is_not_json_ends() {
        for text in ["\"open", "\\", "}}", "{\"a", ",,", "ä"] {
            indented(text);
            line(&format!("{text}\n"));
        }
    }
}
