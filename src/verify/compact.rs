//! The compact form (RFC 7515 §7.1): three base64url parts, and what a text is that has not got them.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};

use super::reason::{Reason, Rule};

/// Bytes of the longest token that is looked at: four times what a claims set of 64 KiB needs.
pub(crate) const MAX_BYTES: usize = 384 << 10;

/// The parts of a token, still in base64url.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compact<'t> {
    pub(super) header: &'t str,
    pub(super) payload: &'t str,
    pub(super) signature: &'t str,
    /// What the signature is over: header and payload as they came.
    pub(super) signed: &'t str,
}

/// Take a token apart without looking into the parts.
pub(super) fn split(token: &str) -> Result<Compact<'_>, Reason> {
    if token.len() > MAX_BYTES {
        let message =
            format!("the token has more than {MAX_BYTES} bytes, and so many are not looked at");
        return Err(Reason::new(Rule::Size, message));
    }
    let parts = token.rsplit_once('.').and_then(|(signed, signature)| {
        let (header, payload) = signed.split_once('.')?;
        (!payload.contains('.')).then_some(Compact {
            header,
            payload,
            signature,
            signed,
        })
    });
    match parts {
        Some(parts) if !parts.header.is_empty() => Ok(parts),
        _ => Err(Reason::new(Rule::Format, what_it_is(token))),
    }
}

/// Decode one part into `buffer`, in place of what was there.
pub(super) fn decode(name: &str, part: &str, buffer: &mut Vec<u8>) -> Result<(), Reason> {
    buffer.clear();
    URL_SAFE_NO_PAD.decode_vec(part, buffer).map_err(|error| {
        let fault = match error {
            DecodeError::InvalidByte(_, b' ' | b':') if part.contains("Bearer ") => {
                "it begins with words of an HTTP header; give what stands behind Bearer"
            }
            DecodeError::InvalidByte(0, _) if part.starts_with('\u{feff}') => {
                "it begins with a byte order mark"
            }
            DecodeError::InvalidByte(_, b'=') | DecodeError::InvalidPadding => {
                "it is padded with ="
            }
            DecodeError::InvalidByte(_, b'+' | b'/') => {
                "it has + or / of the other base64 alphabet"
            }
            DecodeError::InvalidByte(_, byte) if byte <= b' ' => {
                "it has white space or control characters"
            }
            DecodeError::InvalidByte(..) => "it has other characters",
            DecodeError::InvalidLength(_) => "a character is missing or too many",
            DecodeError::InvalidLastSymbol(..) => "its last character has stray bits",
        };
        Reason::new(
            Rule::Format,
            format!("the token's {name} is not base64url: {fault}"),
        )
    })
}

/// A name for a text that is no signed compact token.
fn what_it_is(token: &str) -> String {
    let dots = token.matches('.').count();
    if token.trim().is_empty() {
        "the token is empty".into()
    } else if token.contains(char::is_whitespace) {
        "the token has white space in it, and a token is three base64url parts joined by dots"
            .into()
    } else if token.starts_with(['{', '[', '"']) {
        "the token is JSON, and a JWT is three base64url parts joined by dots".into()
    } else if dots == 0 {
        "the token is opaque, not a JWT: only its issuer can say what it means".into()
    } else if dots == 4 {
        "the token is encrypted (a JWE of five parts): padlock checks signed tokens".into()
    } else if dots == 2 {
        "the token's header is empty".into()
    } else {
        format!("the token has {} parts, and a JWT has three", dots + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(token: &str) -> String {
        let reason = split(token).unwrap_err();
        assert_eq!(reason.rule, Rule::Format, "{token}");
        reason.message
    }

    #[test]
    fn three_parts_are_taken_apart() {
        let parts = split("h.p.s").unwrap();
        assert_eq!(
            (parts.header, parts.payload, parts.signature, parts.signed),
            ("h", "p", "s", "h.p")
        );
        assert!(
            split("h..").is_ok(),
            "an empty payload or signature is for later rules to refuse"
        );
    }

    #[test]
    fn other_texts_are_called_what_they_are() {
        for (text, name) in [
            ("", "empty"),
            (" \n", "empty"),
            ("v4xo2Hq_opaque", "opaque"),
            ("a.b.c.d.e", "encrypted (a JWE of five parts)"),
            ("a.b", "2 parts"),
            ("a.b.c.d", "4 parts"),
            (".b.c", "header is empty"),
            ("Bearer a.b.c.d", "white space"),
            ("{\"payload\":\"x\"}", "JSON"),
        ] {
            assert!(fault(text).contains(name), "{text}: {}", fault(text));
        }
        assert!(fault(&".".repeat(20_000)).contains("20001 parts"));
    }

    #[test]
    fn only_the_one_base64url_text_of_some_bytes_is_read() {
        for (part, fault) in [
            ("YQ==", "padded"),
            ("Y=Q", "padded"),
            ("Y+Q", "other base64 alphabet"),
            ("Y/Q", "other base64 alphabet"),
            ("Y Q", "white space"),
            ("YQ\n", "white space"),
            ("YQ\r\n", "white space"),
            ("Y\0Q", "control characters"),
            ("YéQ", "other characters"),
            ("Y$Q", "other characters"),
            ("Bearer YQ", "stands behind Bearer"),
            ("Authorization: Bearer YQ", "stands behind Bearer"),
            ("\u{feff}YQ", "byte order mark"),
            ("YWJjY", "missing or too many"),
            ("YR", "stray bits"),
        ] {
            let reason = decode("payload", part, &mut Vec::new()).unwrap_err();
            assert!(reason.message.contains(fault), "{part}: {reason}");
        }
    }

    #[test]
    fn a_buffer_is_used_again() {
        let mut buffer = b"left over".to_vec();
        decode("payload", "YQ", &mut buffer).unwrap();
        assert_eq!(buffer, b"a");
    }

    #[test]
    fn a_token_without_end_is_not_looked_at() {
        let token = format!("h.{}.s", "A".repeat(MAX_BYTES));
        assert_eq!(split(&token).unwrap_err().rule, Rule::Size);
        assert!(
            split(&token[token.len() - MAX_BYTES..])
                .is_err_and(|reason| reason.rule == Rule::Format)
        );
    }
}
