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
    decimal(lines, number);
    lines.extend_from_slice(b",\"valid\":true,\"claims\":");
    if target.is_terminal {
        let json = String::from_utf8_lossy(claims.text());
        lines.extend_from_slice(escape::escape_json(&compact(&json)).as_bytes());
    } else {
        lines.extend_from_slice(&as_issued(claims));
    }
    lines.extend_from_slice(b"}\n");
}

/// Appends a number, faster than with the means for any value.
fn decimal(lines: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        start = index;
        if number == 0 {
            break;
        }
    }
    lines.extend_from_slice(&digits[start..]);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_lines_are_decimal() {
        for number in [0, 1, 9, 10, 99, 100, 1_234_567_890, u64::MAX] {
            let mut text = b">".to_vec();
            decimal(&mut text, number);
            assert_eq!(text, format!(">{number}").into_bytes());
        }
    }
}
