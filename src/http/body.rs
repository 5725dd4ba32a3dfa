//! A body as the server wrote it: decompressed, and without a byte order mark.
//!
//! padlock asks for no compression, but some gateways compress every response.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use zeroize::Zeroizing;

/// The largest body, in bytes, before and after decompression.
pub(super) const MAX_BODY: usize = 1 << 20;

/// Enough for any usual body. More is wiped for nothing, and a buffer that grows is copied.
pub(super) const USUAL_BODY: usize = 16 << 10;

/// RFC 1952 §2.3.1. No text begins with these bytes, so that `Content-Encoding`, which may be
/// missing or wrong, does not matter.
const GZIP: [u8; 2] = [0x1f, 0x8b];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a body is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLong,
    DamagedGzip,
}

/// The body without gzip and without a UTF-8 byte order mark.
pub(super) fn decoded(body: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let mut body = if body.starts_with(&GZIP) {
        decompressed(&body)?
    } else {
        body
    };
    if body.starts_with(BYTE_ORDER_MARK) {
        body.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(body)
}

/// Stops at the limit, however much would follow.
fn decompressed(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let limit = u64::try_from(MAX_BODY + 1).unwrap_or(u64::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL_BODY));
    MultiGzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|_| BodyError::DamagedGzip)?;
    if bytes.len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    Ok(bytes)
}

/// Whether a body is what a server with TLS answers to plain HTTP: nginx, Go, Apache, Tomcat.
pub(super) fn demands_tls(body: &[u8]) -> bool {
    const PHRASES: [&str; 4] = [
        "http request was sent to https port",
        "http request to an https server",
        "speaking plain http to an ssl-enabled server port",
        "combination of host and port requires tls",
    ];
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    PHRASES.into_iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, BodyError> {
        decoded(Zeroizing::new(bytes.to_vec())).map(|body| body.to_vec())
    }

    #[test]
    fn gzip_and_a_byte_order_mark_are_removed() {
        let mark = "\u{feff}{}".as_bytes();
        for body in [
            &b"{}"[..],
            mark,
            &gzip(b"{}"),
            &gzip(mark),
            &[gzip(b"{"), gzip(b"}")].concat(),
        ] {
            assert_eq!(read(body), Ok(b"{}".to_vec()));
        }
        assert_eq!(read(b""), Ok(Vec::new()));
        assert_eq!(read(b"\xef\xbb"), Ok(b"\xef\xbb".to_vec()));
    }

    #[test]
    fn damaged_gzip_is_an_error() {
        let whole = gzip(b"{\"a\":1}");
        let mut changed = whole.clone();
        changed[whole.len() - 5] ^= 1;
        for body in [&whole[..whole.len() - 1], &whole[..2], &changed] {
            assert_eq!(read(body), Err(BodyError::DamagedGzip), "{body:?}");
        }
    }

    #[test]
    fn a_body_may_have_a_mebibyte_after_decompression_and_no_more() {
        let body = vec![b' '; MAX_BODY];
        assert_eq!(read(&gzip(&body)).map(|body| body.len()), Ok(MAX_BODY));
        for size in [MAX_BODY + 1, 64 * MAX_BODY] {
            assert_eq!(read(&gzip(&vec![b' '; size])), Err(BodyError::TooLong));
        }
    }
}
