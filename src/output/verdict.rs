//! The verdict on each of many tokens, as one line of JSON.

use std::io::Write as _;

use serde::Serialize;

use super::json::as_issued;
use super::json_text::{compact, line};
use super::target::OutputTarget;
use crate::escape;
use crate::failure::Class;
use crate::verify::Claims;

/// A valid token, with its claims.
pub(crate) fn valid_line(lines: &mut Vec<u8>, number: u64, claims: &Claims, target: OutputTarget) {
    lines.extend_from_slice(b"{\"line\":");
    lines.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    lines.extend_from_slice(b",\"valid\":true,\"claims\":");
    if target.is_terminal {
        let json = String::from_utf8_lossy(claims.text());
        lines.extend_from_slice(escape::escape_json(&compact(&json)).as_bytes());
    } else {
        lines.extend_from_slice(&as_issued(claims));
    }
    lines.extend_from_slice(b"}\n");
}

/// A token that is not accepted, with the reasons.
pub(crate) fn invalid_line(
    lines: &mut Vec<u8>,
    number: u64,
    class: Class,
    reasons: &[&str],
    target: OutputTarget,
) {
    write!(
        lines,
        "{{\"line\":{number},\"valid\":false,\"class\":\"{}\",\"reasons\":",
        class.name()
    )
    .ok();
    append(lines, &reasons, target);
    lines.extend_from_slice(b"}\n");
}

/// Escaped on a terminal only. Serializing what was parsed from JSON into memory does not fail.
fn append(lines: &mut Vec<u8>, value: &impl Serialize, target: OutputTarget) {
    if target.is_terminal {
        let json = serde_json::to_string(value).unwrap_or_default();
        lines.extend_from_slice(escape::escape_json(&json).as_bytes());
    } else {
        let json = serde_json::to_string(value).unwrap_or_default();
        lines.extend_from_slice(line(&json).as_bytes());
    }
}
