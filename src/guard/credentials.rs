//! The bearer token of a request, from its `Authorization` header (RFC 6750 §2.1).

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// What a request has to show for itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credentials<'r> {
    /// No credentials, or those of another scheme.
    None,
    /// To be looked at by [`ensure_is_token`], unless it is one that was verified before.
    Token(&'r str),
    /// What is wrong with them.
    Malformed(&'static str),
}

/// Reads the credentials. Nothing else of a request is looked at.
pub(super) fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Credentials::None;
    };
    if values.next().is_some() {
        return Credentials::Malformed("there are several Authorization headers");
    }
    // As HeaderValue::to_str says, but many bytes at once: hyper lets no control character in.
    let text = str::from_utf8(value.as_bytes()).ok();
    let Some(text) = text.filter(|text| text.is_ascii()) else {
        return Credentials::Malformed("the Authorization header has characters beyond ASCII");
    };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Credentials::None;
    }
    match token.trim_matches(' ') {
        "" => Credentials::Malformed("there is no token after Bearer"),
        token => Credentials::Token(token),
    }
}

/// Fails, with the problem, if the text is not one token.
pub(super) fn ensure_is_token(text: &str) -> Result<(), &'static str> {
    if is_token(text) {
        Ok(())
    } else {
        Err("what follows Bearer is not one token")
    }
}

/// Which bytes a `b64token` has before its padding (RFC 6750 §2.1). A table, since every byte of every
/// token is looked up.
const IS_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 256")]
        let character = byte as u8;
        let is_mark = matches!(character, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
        table[byte] = character.is_ascii_alphanumeric() || is_mark;
        byte += 1;
    }
    table
};

/// Whether the text is a `b64token`: base64 of either alphabet and dots, then padding.
fn is_token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    !unpadded.is_empty() && unpadded.bytes().all(|byte| IS_PART[usize::from(byte)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn read(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        headers.insert("authorization_", HeaderValue::from_static("Bearer x"));
        headers.insert("proxy-authorization", HeaderValue::from_static("Bearer x"));
        let credentials = match credentials(&headers) {
            Credentials::Token(text) => ensure_is_token(text)
                .map_or_else(Credentials::Malformed, |()| Credentials::Token(text)),
            other => other,
        };
        format!("{credentials:?}")
    }

    #[test]
    fn one_header_with_one_bearer_token_is_the_token() {
        for good in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c  "] {
            assert_eq!(read(&[good.as_bytes()]), "Token(\"a.b.c\")", "{good}");
        }
        assert_eq!(read(&[b"Bearer a~+/b=="]), "Token(\"a~+/b==\")");
    }

    #[test]
    fn other_schemes_are_no_credentials() {
        for none in [
            "Basic a",
            "Bearera.b.c",
            "DPoP a.b.c",
            "",
            "a.b.c",
            "Bearer\ta",
        ] {
            assert_eq!(read(&[none.as_bytes()]), "None", "{none}");
        }
        assert_eq!(read(&[]), "None");
    }

    #[test]
    fn what_is_not_exactly_one_token_is_malformed() {
        for bad in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Bearer a b",
            b"Bearer a,b",
            b"Bearer a, Bearer b",
            b"Bearer =",
            b"Bearer a=b",
            b"Bearer \"a\"",
            b"Bearer a;b",
            b"Bearer \xff",
            b"Bearer a\tb",
        ] {
            assert!(read(&[bad]).starts_with("Malformed"), "{bad:?}");
        }
        assert!(read(&[b"Bearer a", b"Bearer a"]).contains("several"));
        assert!(read(&[b"Basic a", b"Bearer a"]).contains("several"));
    }
}
