//! Bodies that are chunked, slow, endless or compressed.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::sleep;

use super::connection::Connection;

/// The start and end of a large body: JSON that would be a token response if it were shorter.
const START: &[u8] = br#"{"access_token":""#;
const END: &[u8] = br#""}"#;

/// Sends the body, waits for it to leave, then closes the connection.
pub(crate) fn close_after(body: Bytes, connection: Arc<Connection>) -> Body {
    stream_chunks(async move |chunks| {
        drop(chunks.send(body).await);
        sleep(Duration::from_millis(20)).await;
        connection.close();
        chunks.closed().await;
    })
}

/// One byte per interval; all at once if the interval is zero.
pub(crate) fn slow(body: Bytes, interval: Duration) -> Body {
    let size = if interval.is_zero() {
        body.len().max(1)
    } else {
        1
    };
    stream_chunks(async move |chunks| {
        for start in (0..body.len()).step_by(size) {
            if chunks
                .send(body.slice(start..body.len().min(start + size)))
                .await
                .is_err()
            {
                return;
            }
            sleep(interval).await;
        }
    })
}

/// Sends the body, then waits for the client to disconnect.
pub(crate) fn never_ending(body: Bytes) -> Body {
    stream_chunks(async move |chunks| {
        drop(chunks.send(body).await);
        chunks.closed().await;
    })
}

/// This many bytes of well-formed JSON.
pub(crate) fn huge(bytes: usize, announced: bool) -> Response {
    let body = stream_chunks(async move |chunks| {
        let padding = Bytes::from(vec![b'a'; 1 << 16]);
        let mut remaining = bytes - START.len() - END.len();
        let mut sent = chunks.send(Bytes::from_static(START)).await;
        while remaining > 0 && sent.is_ok() {
            let size = remaining.min(padding.len());
            sent = chunks.send(padding.slice(..size)).await;
            remaining -= size;
        }
        drop(chunks.send(Bytes::from_static(END)).await);
    });
    let response = Response::builder().header("content-type", "application/json");
    let response = if announced {
        response.header("content-length", bytes)
    } else {
        response
    };
    response.body(body).expect("valid headers")
}

/// About `bytes` of JSON as gzip (RFC 1952): one block with fixed codes (RFC 1951 §3.2.6). The
/// checksum is wrong, which a client can only detect after it has decompressed everything.
pub(crate) fn gzip_bomb(bytes: usize) -> Vec<u8> {
    let mut packed = Bits {
        bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        filled: 0,
    };
    packed.push(0b110, 3);
    packed.literals(START);
    packed.literals(b"a");
    for _ in 0..bytes / 258 {
        // Length 258 at distance 1 repeats the previous byte.
        packed.push(0b1100_0101, 8);
        packed.push(0, 5);
    }
    packed.literals(END);
    packed.push(0, 7);
    packed.bytes.extend([0; 8]);
    packed.bytes
}

/// Deflate's bit order: a code's first bit goes into the lowest free bit of a byte.
struct Bits {
    bytes: Vec<u8>,
    /// Bits used in the last byte; 0 means that the next bit starts a new byte.
    filled: u32,
}

impl Bits {
    fn push(&mut self, code: u32, length: u32) {
        for bit in (0..length).rev() {
            if self.filled == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(code >> bit & 1 == 1) << self.filled;
            }
            self.filled = (self.filled + 1) % 8;
        }
    }

    fn literals(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.push(0x30 + u32::from(byte), 8);
        }
    }
}

/// A body whose chunks are produced by a task.
fn stream_chunks<W>(write: impl FnOnce(Sender<Bytes>) -> W) -> Body
where
    W: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = channel(1);
    tokio::spawn(write(sender));
    Body::from_stream(Chunks(receiver))
}

struct Chunks(Receiver<Bytes>);

impl Stream for Chunks {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(Ok))
    }
}
