//! Base32 (RFC 4648 §6) as people copy it.

use zeroize::Zeroizing;

/// The bytes of a text in any letter case, with or without padding, in groups that spaces or hyphens
/// separate. Bits that make no whole byte are dropped, as authenticator apps do. `None` for any other
/// character.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.trim_end_matches(['=', ' ']).bytes() {
        let value = match character.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            b' ' | b'\t' | b'-' => continue,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        decode(text).map(|bytes| bytes.to_vec())
    }

    #[test]
    fn the_vectors_of_rfc_4648_are_decoded_with_and_without_padding() {
        for (encoded, text) in [
            ("", ""),
            ("MY======", "f"),
            ("MZXQ====", "fo"),
            ("MZXW6===", "foo"),
            ("MZXW6YQ=", "foob"),
            ("MZXW6YTB", "fooba"),
            ("MZXW6YTBOI======", "foobar"),
        ] {
            let expected = Some(text.as_bytes().to_vec());
            assert_eq!(decoded(encoded), expected);
            assert_eq!(decoded(encoded.trim_end_matches('=')), expected);
            assert_eq!(decoded(&encoded.to_lowercase()), expected);
        }
    }

    #[test]
    fn groups_may_be_separated_and_other_characters_are_refused() {
        let expected = Some(b"foobar".to_vec());
        for text in [
            "mzxw 6ytb oi",
            "MZXW-6YTB-OI = = =",
            " MZXW6YTBOI ",
            "mzxw\t6ytboi",
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
        for text in [
            "MZXW1", "MZXW0", "MZXW8", "MZ=XW", "MZXW!", "MZXWä", "MZ/W", "MZ+W",
        ] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::new();
        let bits: Vec<u8> = all
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
            .collect();
        for five in bits.chunks(5) {
            let value = five
                .iter()
                .fold(0_usize, |value, bit| value << 1 | usize::from(*bit));
            text.push(alphabet[value << (5 - five.len())].into());
        }
        assert_eq!(decoded(&text), Some(all));
    }
}
