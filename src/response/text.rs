//! The text of a body, whatever its encoding.

use std::borrow::Cow;

/// The UTF-8 byte order mark.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The body without a byte order mark.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(UTF8_MARK).unwrap_or(body)
}

/// The text of an error response: UTF-8, UTF-16 where a byte order mark says so, else Latin-1, in
/// which every byte is a character.
pub(super) fn of_error(body: &[u8]) -> Cow<'_, str> {
    match body {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => {
            let body = without_mark(body);
            std::str::from_utf8(body).map_or_else(
                |_| Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
                Cow::Borrowed,
            )
        }
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        for body in [
            &b"Zo\xc3\xab"[..],
            b"\xef\xbb\xbfZo\xc3\xab",
            b"Zo\xeb",
            b"\xff\xfeZ\0o\0\xeb\0",
            b"\xfe\xff\0Z\0o\0\xeb",
        ] {
            assert_eq!(of_error(body), "Zo\u{eb}", "{body:?}");
        }
        assert_eq!(of_error(b""), "");
    }
}
