//! A claim as the value of a header.

use hyper::header::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::output::compact_json;
use crate::verify::Claims;

/// All but the unreserved characters (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text of printable ASCII as it is, everything else as percent-encoded JSON, nothing where the
/// claim is absent.
pub(super) fn header_value(claims: &Claims, name: &str) -> HeaderValue {
    let text = match claims.locate(name) {
        None => String::new(),
        Some(found) => match found.value {
            Value::String(text) if is_printable(text) => text.clone(),
            _ => utf8_percent_encode(&compact_json(&found.text()), ENCODED).to_string(),
        },
    };
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A header's value loses the spaces around it.
fn is_printable(text: &str) -> bool {
    text.trim_matches(' ') == text && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_text_goes_bare_and_everything_else_as_encoded_json() {
        let claims = Claims::verified_before(
            r#"{"a":"auth0|1 2","b":"ü\r\nX: y","c":[1, "x"],"d":12345678901234567890123,
                "e":"","f":" x","g":null,"h":{"i":"100%"}}"#,
        )
        .unwrap();
        for (name, value) in [
            ("a", "auth0|1 2"),
            ("b", "%22%C3%BC%5Cr%5CnX%3A%20y%22"),
            ("c", "%5B1%2C%22x%22%5D"),
            ("d", "12345678901234567890123"),
            ("e", ""),
            ("f", "%22%20x%22"),
            ("g", "null"),
            ("h.i", "100%"),
            ("absent", ""),
        ] {
            assert_eq!(header_value(&claims, name), value, "{name}");
        }
    }
}
