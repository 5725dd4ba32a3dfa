//! A server that ends each HTTP/2 connection with a GOAWAY frame (RFC 9113 §6.8).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::tenant::options::TenantOptions;

const PREFACE: usize = 24;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const INTERNAL_ERROR: [u8; 4] = [0, 0, 0, 2];
/// No stream counts as processed, so that clients do not wait for one.
const LAST_STREAM: [u8; 4] = [0; 4];

impl TenantOptions {
    /// Answers each request over HTTP/2 with a GOAWAY frame that carries this text.
    pub(crate) fn goes_away(mut self, text: &str) -> Self {
        self.go_away = Some(text.to_owned());
        self
    }
}

/// Reads one request and sends the frame.
pub(crate) async fn go_away<S>(mut stream: S, text: &str) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(&frame(SETTINGS, &[])).await?;
    stream.read_exact(&mut [0; PREFACE]).await?;
    loop {
        let mut header = [0; 9];
        stream.read_exact(&mut header).await?;
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
        let mut payload = vec![0; length.try_into().unwrap_or_default()];
        stream.read_exact(&mut payload).await?;
        if header[3] <= HEADERS && header[4] & END_STREAM != 0 {
            break;
        }
    }
    let payload = [&LAST_STREAM, &INTERNAL_ERROR[..], text.as_bytes()].concat();
    stream.write_all(&frame(GOAWAY, &payload)).await?;
    // Unread data would turn the close into a reset, which could discard the frame.
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

/// A frame on stream 0 without flags.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or_default();
    [&length.to_be_bytes()[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
}
