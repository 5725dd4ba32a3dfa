//! One line of JSON for each of many tokens.

use std::io::Write as _;

use serde::Serialize;

use super::{Screen, as_written};
use crate::failure::Class;
use crate::text;
use crate::verify::{Claims, Reason};

/// A token that is trusted, with its claims.
pub(crate) fn trusted_line(lines: &mut Vec<u8>, number: u64, claims: &Claims, screen: Screen) {
    write!(lines, "{{\"line\":{number},\"valid\":true,\"claims\":").ok();
    match as_written(claims, screen) {
        Some(text) => lines.extend_from_slice(text),
        None => append(lines, claims, screen),
    }
    lines.extend_from_slice(b"}\n");
}

/// A token that is not, with what is wrong with it.
pub(crate) fn refused_line(
    lines: &mut Vec<u8>,
    number: u64,
    class: Class,
    reasons: &[Reason],
    screen: Screen,
) {
    write!(
        lines,
        "{{\"line\":{number},\"valid\":false,\"class\":\"{}\",\"reasons\":",
        class.name()
    )
    .ok();
    let reasons: Vec<&str> = reasons
        .iter()
        .map(|reason| reason.message.as_str())
        .collect();
    append(lines, &reasons, screen);
    lines.extend_from_slice(b"}\n");
}

/// In a pipe byte for byte, on a terminal harmless. Writing to memory cannot fail, and what was JSON can be written as such.
fn append(lines: &mut Vec<u8>, value: &impl Serialize, screen: Screen) {
    if screen.terminal {
        let json = serde_json::to_string(value).unwrap_or_default();
        lines.extend_from_slice(text::escape_json(&json).as_bytes());
    } else {
        serde_json::to_writer(lines, value).ok();
    }
}
