//! HTTP/2 connections that refuse to process requests (RFC 9113 §8.7).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::tenant::options::TenantOptions;

/// See [`TenantOptions::http2_fault_first`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Http2Fault {
    /// `GOAWAY` with `NO_ERROR`, which names the last stream that may have been processed.
    ClosesAfter { last_stream: u32 },
    /// `RST_STREAM` with `REFUSED_STREAM`.
    RefusesStream,
    /// `GOAWAY` with `INTERNAL_ERROR`, and a text.
    Breaks { text: String },
}

/// The client's first bytes (RFC 9113 §3.4).
const PREFACE: usize = 24;
const FRAME_HEADER: usize = 9;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;

impl Http2Fault {
    /// Refuses the first request of a connection and closes it.
    pub(crate) async fn run(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        drop(self.refuse(&mut stream).await);
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }

    async fn refuse(
        self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> std::io::Result<()> {
        stream.read_exact(&mut [0; PREFACE]).await?;
        stream.write_all(&frame(SETTINGS, 0, &[])).await?;
        let mut header = [0; FRAME_HEADER];
        while header[3] != HEADERS {
            stream.read_exact(&mut header).await?;
            let length = u32::from_be_bytes([0, header[0], header[1], header[2]]);
            let mut payload = vec![0; usize::try_from(length).expect("a short frame")];
            stream.read_exact(&mut payload).await?;
        }
        let refused = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        let goaway = |last: u32, error: u32, text: &str| {
            let numbers = [last.to_be_bytes(), error.to_be_bytes()].concat();
            frame(GOAWAY, 0, &[&numbers, text.as_bytes()].concat())
        };
        let answer = match self {
            Self::ClosesAfter { last_stream } => goaway(last_stream, NO_ERROR, ""),
            // No stream counts as processed, so that clients do not wait for one.
            Self::Breaks { text } => goaway(0, INTERNAL_ERROR, &text),
            Self::RefusesStream => frame(RST_STREAM, refused, &REFUSED_STREAM.to_be_bytes()),
        };
        stream.write_all(&answer).await?;
        stream.shutdown().await
    }
}

fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let [_, length @ ..] = length.to_be_bytes();
    [&length[..], &[kind, 0], &stream.to_be_bytes(), payload].concat()
}

impl TenantOptions {
    /// The next `times` HTTP/2 connections fail this way; they need TLS.
    pub(crate) fn http2_fault_first(mut self, times: usize, fault: Http2Fault) -> Self {
        self.http2_fault = Some((fault, times));
        self
    }

    /// Answers each request over HTTP/2 with a GOAWAY frame that carries this text.
    pub(crate) fn goes_away(self, text: &str) -> Self {
        let text = text.to_owned();
        self.http2_fault_first(usize::MAX, Http2Fault::Breaks { text })
    }

    /// The fault of the next HTTP/2 connection; uses it up.
    pub(crate) fn next_http2_connection(&mut self) -> Option<Http2Fault> {
        let (fault, remaining) = self.http2_fault.as_mut().filter(|(_, left)| *left > 0)?;
        *remaining -= 1;
        Some(fault.clone())
    }
}
