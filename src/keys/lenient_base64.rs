//! The base64 of keys: JWK says base64url without padding, and some providers publish other forms.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// Decodes either alphabet, padded or not. A key that is read leniently is no weaker for it.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = Zeroizing::new(normalized(text));
    URL_SAFE_NO_PAD.decode(text.as_bytes()).ok()
}

/// Bytes as base64url without padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The same bytes as base64url without padding.
pub(super) fn normalized(text: &str) -> String {
    let text = text.trim_end_matches('=');
    let digits = text.chars().map(|digit| match digit {
        '+' => '-',
        '/' => '_',
        other => other,
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_alphabet_is_decoded_padded_or_not() {
        for text in ["-_s", "+/s", "-_s=", "+/s=", "+/s=="] {
            assert_eq!(decode(text), Some(vec![0xfb, 0xfb]), "{text}");
        }
        for text in ["!", "a b", "a", "+/t=", "=YQ", "Y=Q", "YQ\n"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
