//! The `WWW-Authenticate` header (RFC 9110 §11.6.1), in which some servers send their only error.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use super::text;

/// The parameter of that name in the first challenge that has one.
pub(super) fn parameter(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter();
    values
        .map(|value| text::of_error(value.as_bytes()))
        .find_map(|value| in_value(&value, name))
}

fn in_value(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((found, after)) = next_parameter(rest) {
        let (content, after) = content(after);
        if found.eq_ignore_ascii_case(name) {
            return Some(content);
        }
        rest = after;
    }
    None
}

/// The name before the next `=`, and what follows that. A scheme's name before it is skipped.
fn next_parameter(text: &str) -> Option<(&str, &str)> {
    let (before, after) = text.split_once('=')?;
    let separators = |character: char| character == ',' || character.is_whitespace();
    let name = before.trim_end().rsplit(separators).next()?;
    Some((name, after))
}

/// The value, quoted or not, and what follows it.
fn content(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut content = String::new();
    let mut characters = quoted.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (content, &quoted[index + 1..]),
            '\\' => content.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => content.push(character),
        }
    }
    (content, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_in_any_challenge_quoted_or_not() {
        for value in [
            r#"Bearer error="invalid_grant""#,
            r#"Bearer realm="a, error=\"x\"", error = invalid_grant"#,
            r#"Basic realm="x", Bearer ERROR="invalid_grant", error_description="b""#,
            r#"Negotiate YII==, Bearer error_description="=", error="invalid\_grant""#,
        ] {
            let found = in_value(value, "error");
            assert_eq!(found.as_deref(), Some("invalid_grant"), "{value}");
        }
        for value in ["", "Basic", "=", r#"Basic realm="error=1""#, "Bearer error"] {
            assert_eq!(in_value(value, "error"), None, "{value}");
        }
        assert_eq!(in_value(r#"a="b"#, "a").as_deref(), Some("b"));
    }
}
