//! The compact form (RFC 7515 §7.1): three base64url parts.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};

use super::violation::{Rule, Violation};

/// The size limit for a token in bytes: four times what claims of 64 KiB need.
pub(crate) const MAX_BYTES: usize = 384 << 10;

/// The parts of a token, still in base64url.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compact<'t> {
    /// The whole token.
    pub(super) token: &'t str,
    pub(super) header: &'t str,
    pub(super) payload: &'t str,
    pub(super) signature: &'t str,
    /// The signing input: header and payload.
    pub(super) signed: &'t str,
}

/// Splits a token without decoding the parts.
pub(super) fn split(token: &str) -> Result<Compact<'_>, Violation> {
    if token.len() > MAX_BYTES {
        let message = format!("the token is larger than {} KiB", MAX_BYTES >> 10);
        return Err(Violation::new(Rule::Size, message));
    }
    let parts = token.rsplit_once('.').and_then(|(signed, signature)| {
        let (header, payload) = signed.split_once('.')?;
        (!payload.contains('.')).then_some(Compact {
            token,
            header,
            payload,
            signature,
            signed,
        })
    });
    match parts {
        Some(parts) if !parts.header.is_empty() => Ok(parts),
        _ => Err(Violation::new(Rule::Format, describe(token))),
    }
}

/// Decodes one part; `name` is for errors.
pub(super) fn decode(name: &str, part: &str) -> Result<Vec<u8>, Violation> {
    let mut bytes = Vec::new();
    decode_into(name, part, &mut bytes)?;
    Ok(bytes)
}

/// The same into a buffer, replacing its content.
pub(super) fn decode_into(name: &str, part: &str, buffer: &mut Vec<u8>) -> Result<(), Violation> {
    buffer.clear();
    URL_SAFE_NO_PAD.decode_vec(part, buffer).map_err(|error| {
        let fault = match error {
            DecodeError::InvalidByte(_, b' ' | b':') if part.contains("Bearer ") => {
                "it starts with an HTTP header; pass only the part after \"Bearer \""
            }
            DecodeError::InvalidByte(0, _) if part.starts_with('\u{feff}') => {
                "it starts with a byte order mark"
            }
            DecodeError::InvalidByte(_, b'=') | DecodeError::InvalidPadding => "it has = padding",
            DecodeError::InvalidByte(_, b'+' | b'/') => "it contains + or /, as in standard base64",
            DecodeError::InvalidByte(_, byte) if byte <= b' ' => {
                "it contains whitespace or control characters"
            }
            DecodeError::InvalidByte(..) => "it contains invalid characters",
            DecodeError::InvalidLength(_) => "a character is missing or extra",
            DecodeError::InvalidLastSymbol(..) => "its last character has unused bits set",
        };
        Violation::new(
            Rule::Format,
            format!("the token's {name} is not base64url: {fault}"),
        )
    })
}

/// Says what a text is that is not a signed token in compact form.
fn describe(token: &str) -> String {
    let dots = token.matches('.').count();
    if token.trim().is_empty() {
        "the token is empty".into()
    } else if token.contains(char::is_whitespace) {
        "the token contains whitespace, expected three base64url parts joined by dots".into()
    } else if token.starts_with(['{', '[', '"']) {
        "the token is JSON, expected three base64url parts joined by dots".into()
    } else if dots == 0 {
        "the token is opaque, not a JWT: only its issuer can validate it".into()
    } else if dots == 4 {
        "the token is encrypted (a JWE with five parts): padlock verifies only signed tokens".into()
    } else if dots == 2 {
        "the token's header is empty".into()
    } else {
        format!("the token has {} parts, expected three", dots + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(token: &str) -> String {
        let violation = split(token).unwrap_err();
        assert_eq!(violation.rule, Rule::Format, "{token}");
        violation.message
    }

    #[test]
    fn a_token_is_split_into_three_parts() {
        let parts = split("h.p.s").unwrap();
        assert_eq!(
            (parts.header, parts.payload, parts.signature, parts.signed),
            ("h", "p", "s", "h.p")
        );
        assert!(
            split("h..").is_ok(),
            "an empty payload or signature is left to later rules"
        );
    }

    #[test]
    fn an_error_says_what_the_text_is_instead() {
        for (text, name) in [
            ("", "empty"),
            (" \n", "empty"),
            ("v4xo2Hq_opaque", "opaque"),
            ("a.b.c.d.e", "encrypted (a JWE with five parts)"),
            ("a.b", "2 parts"),
            ("a.b.c.d", "4 parts"),
            (".b.c", "header is empty"),
            ("Bearer a.b.c.d", "whitespace"),
            ("{\"payload\":\"x\"}", "JSON"),
        ] {
            assert!(fault(text).contains(name), "{text}: {}", fault(text));
        }
        assert!(fault(&".".repeat(20_000)).contains("20001 parts"));
    }

    #[test]
    fn only_canonical_base64url_is_decoded() {
        for (part, fault) in [
            ("YQ==", "padding"),
            ("Y=Q", "padding"),
            ("Y+Q", "standard base64"),
            ("Y/Q", "standard base64"),
            ("Y Q", "whitespace"),
            ("YQ\n", "whitespace"),
            ("YQ\r\n", "whitespace"),
            ("Y\0Q", "control characters"),
            ("YéQ", "invalid characters"),
            ("Y$Q", "invalid characters"),
            ("Bearer YQ", "after \"Bearer \""),
            ("Authorization: Bearer YQ", "after \"Bearer \""),
            ("\u{feff}YQ", "byte order mark"),
            ("YWJjY", "missing or extra"),
            ("YR", "unused bits"),
        ] {
            let violation = decode("payload", part).unwrap_err();
            assert!(violation.message.contains(fault), "{part}: {violation}");
        }
    }

    #[test]
    fn a_reused_buffer_is_cleared() {
        let mut buffer = b"left over".to_vec();
        decode_into("payload", "YQ", &mut buffer).unwrap();
        assert_eq!(buffer, b"a");
    }

    #[test]
    fn a_token_that_is_too_large_is_refused() {
        let token = format!("h.{}.s", "A".repeat(MAX_BYTES));
        assert_eq!(split(&token).unwrap_err().rule, Rule::Size);
        assert!(
            split(&token[token.len() - MAX_BYTES..])
                .is_err_and(|violation| violation.rule == Rule::Format)
        );
    }
}
