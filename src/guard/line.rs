//! One decision as a line of JSON, for the log.

use std::time::Duration;

use serde_json::Value;

use super::decision::Decision;
use crate::escape::escape_json;

/// Appends the line. `time` is a timestamp; `check` is the name of the check, and `None` if no check
/// has that path. A serializer took a seventh of the instructions of a decision.
pub(super) fn add_line(
    line: &mut String,
    time: Option<&str>,
    decision: &Decision,
    check: Option<&str>,
    took: Duration,
) {
    let mut numbers = itoa::Buffer::new();
    line.push_str("{\"time\":");
    add_optional(line, time);
    line.push_str(",\"status\":");
    line.push_str(numbers.format(decision.status.as_u16()));
    line.push_str(",\"class\":");
    add_text(line, decision.class);
    line.push_str(",\"check\":");
    add_optional(line, check);
    if !decision.reasons.is_empty() {
        line.push_str(",\"reasons\":");
        add_json(line, &Value::from(decision.reasons.as_slice()));
    }
    if let Some(claims) = &decision.claims {
        line.push_str(",\"iss\":");
        add_text(line, claims.issuer().unwrap_or_default());
        line.push_str(",\"sub\":");
        add_text(line, claims.subject().unwrap_or_default());
    }
    line.push_str(",\"duration_us\":");
    line.push_str(numbers.format(took.as_micros()));
    line.push('}');
    line.push('\n');
}

fn add_optional(line: &mut String, text: Option<&str>) {
    match text {
        Some(text) => add_text(line, text),
        None => line.push_str("null"),
    }
}

/// Which bytes a JSON text has as they are. A table, since every byte of every line is looked up.
const IS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = byte != b'"' && byte != b'\\';
        byte += 1;
    }
    table
};

fn add_text(line: &mut String, text: &str) {
    if text.bytes().all(|byte| IS_PLAIN[usize::from(byte)]) {
        line.push('"');
        line.push_str(text);
        line.push('"');
    } else {
        add_json(line, &Value::from(text));
    }
}

fn add_json(line: &mut String, value: &Value) {
    line.push_str(&escape_json(&value.to_string()));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::verify::Claims;

    /// The lines of a decision about these claims, after another line.
    fn lines(claims: &Value, check: Option<&str>) -> [String; 2] {
        let claims = Claims::verified_before(&claims.to_string()).unwrap();
        let decision = Decision::accepted(&claims, &[]).about(&Arc::new(claims));
        let mut text = "{}\n".to_owned();
        add_line(
            &mut text,
            Some("2026-01-01T00:00:00Z"),
            &decision,
            check,
            Duration::from_micros(7),
        );
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.try_into().unwrap()
    }

    #[test]
    fn a_line_has_the_members_in_their_order() {
        let [_, line] = lines(&json!({ "sub": "auth0|1", "iss": "https://x/" }), Some(""));
        assert_eq!(
            line,
            r#"{"time":"2026-01-01T00:00:00Z","status":200,"class":"valid","check":"","iss":"https://x/","sub":"auth0|1","duration_us":7}"#
        );
        let [_, line] = lines(&json!({ "sub": 5 }), None);
        assert!(
            line.contains(r#""check":null,"iss":"","sub":"","#),
            "{line}"
        );
    }

    #[test]
    fn a_claim_cannot_end_its_text_or_its_line() {
        for sub in [
            "\"",
            "\\",
            "\n",
            "\r",
            "\0",
            "\u{7f}",
            "\u{1b}[2J",
            "\u{85}",
            "\u{2028}",
            "\u{202e}x",
            "ü",
            "a\",\"status\":500,\"b\":\"",
        ] {
            let [first, line] = lines(&json!({ "sub": sub, "iss": "i" }), Some(sub));
            assert_eq!(first, "{}");
            let parsed: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(
                (&parsed["sub"], &parsed["check"]),
                (&json!(sub), &json!(sub))
            );
            assert_eq!(parsed["status"], 200, "{line}");
            let is_safe = |one: char| !one.is_control() && !"\u{2028}\u{202e}".contains(one);
            assert!(line.chars().all(is_safe), "{line:?}");
        }
    }

    #[test]
    fn reasons_are_texts() {
        let mut text = String::new();
        let decision = Decision::malformed("r", "a \"reason\"");
        add_line(&mut text, None, &decision, Some("admin"), Duration::ZERO);
        assert_eq!(
            text,
            "{\"time\":null,\"status\":401,\"class\":\"malformed_credentials\",\"check\":\"admin\",\
             \"reasons\":[\"a \\\"reason\\\"\"],\"duration_us\":0}\n"
        );
    }
}
