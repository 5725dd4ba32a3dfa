//! The compact form (RFC 7515 §7.1): three base64url parts.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};
use memchr::memchr_iter;

use super::error::VerificationError;
use super::not_a_token;
use super::violation::Rule;

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

/// One of the parts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Header,
    Payload,
    Signature,
}

/// Splits a token without decoding the parts.
pub(super) fn split(token: &str) -> Result<Compact<'_>, VerificationError> {
    if token.len() > MAX_BYTES {
        let message = format!("the token is larger than {} KiB", MAX_BYTES >> 10);
        return Err(VerificationError::because(Rule::Size, message));
    }
    match parts(token) {
        Some(parts) if !parts.header.is_empty() => Ok(parts),
        _ => Err(not_a_token::error(token)),
    }
}

/// What two dots part.
fn parts(token: &str) -> Option<Compact<'_>> {
    let mut dots = memchr_iter(b'.', token.as_bytes());
    let (first, second) = (dots.next()?, dots.next()?);
    dots.next().is_none().then(|| Compact {
        token,
        header: &token[..first],
        payload: &token[first + 1..second],
        signature: &token[second + 1..],
        signed: &token[..second],
    })
}

impl Compact<'_> {
    /// Decodes a part into a buffer, replacing its content.
    pub(super) fn decode(&self, part: Part, buffer: &mut Vec<u8>) -> Result<(), VerificationError> {
        let (name, text) = match part {
            Part::Header => ("header", self.header),
            Part::Payload => ("payload", self.payload),
            Part::Signature => ("signature", self.signature),
        };
        buffer.clear();
        URL_SAFE_NO_PAD.decode_vec(text, buffer).map_err(|error| {
            not_a_token::recognized(self.token).unwrap_or_else(|| {
                let fault = fault(&error);
                let message = format!("the token's {name} is not base64url: {fault}");
                VerificationError::because(Rule::Format, message)
            })
        })
    }
}

fn fault(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::InvalidByte(_, b'=') | DecodeError::InvalidPadding => "it has = padding",
        DecodeError::InvalidByte(_, b'+' | b'/') => "it contains + or /, as in standard base64",
        DecodeError::InvalidByte(_, byte) if *byte <= b' ' => {
            "it contains whitespace or control characters"
        }
        DecodeError::InvalidByte(..) => "it contains invalid characters",
        DecodeError::InvalidLength(_) => "a character is missing or extra",
        DecodeError::InvalidLastSymbol(..) => "its last character has unused bits set",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_empty_header_is_refused_at_once() {
        let error = split(".p.s").unwrap_err();
        assert_eq!(error.violations()[0].message, "the token's header is empty");
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
            ("YWJjY", "missing or extra"),
            ("YR", "unused bits"),
        ] {
            let token = format!("e30.{part}.AA");
            let compact = split(&token).unwrap();
            let error = compact.decode(Part::Payload, &mut Vec::new()).unwrap_err();
            let message = &error.violations()[0].message;
            assert!(message.contains(fault), "{part}: {message}");
        }
    }

    #[test]
    fn a_reused_buffer_is_cleared() {
        let mut buffer = b"left over".to_vec();
        let compact = split("e30.YQ.AA").unwrap();
        compact.decode(Part::Payload, &mut buffer).unwrap();
        assert_eq!(buffer, b"a");
    }

    #[test]
    fn a_token_that_is_too_large_is_refused() {
        let token = format!("h.{}.s", "A".repeat(MAX_BYTES));
        let rule = |token: &str| split(token).unwrap_err().violations()[0].rule;
        assert_eq!(rule(&token), Rule::Size);
        assert_eq!(rule(&token[token.len() - MAX_BYTES..]), Rule::Format);
    }
}
