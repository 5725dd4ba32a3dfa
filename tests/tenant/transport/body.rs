//! Bodies that come in chunks, late, without end, or packed.

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

/// What a huge body and a bomb hold: JSON that would be a token answer if it were shorter.
const START: &[u8] = br#"{"access_token":""#;
const END: &[u8] = br#""}"#;

/// The body, then the end of the connection once that had time to leave.
pub(crate) fn close_after(body: Bytes, connection: Arc<Connection>) -> Body {
    stream_chunks(async move |chunks| {
        drop(chunks.send(body).await);
        sleep(Duration::from_millis(20)).await;
        connection.close();
        chunks.closed().await;
    })
}

/// A byte at a time; without an interval, all at once.
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

/// The body, and silence until the client leaves.
pub(crate) fn never_ending(body: Bytes) -> Body {
    stream_chunks(async move |chunks| {
        drop(chunks.send(body).await);
        chunks.closed().await;
    })
}

/// So many bytes of JSON that is well formed.
pub(crate) fn huge(bytes: usize, announced: bool) -> Response {
    let body = stream_chunks(async move |chunks| {
        let filling = Bytes::from(vec![b'a'; 1 << 16]);
        let mut left = bytes - START.len() - END.len();
        let mut sent = chunks.send(Bytes::from_static(START)).await;
        while left > 0 && sent.is_ok() {
            let size = left.min(filling.len());
            sent = chunks.send(filling.slice(..size)).await;
            left -= size;
        }
        drop(chunks.send(Bytes::from_static(END)).await);
    });
    let response = Response::builder().header("content-type", "application/json");
    let response = if announced {
        response.header("content-length", bytes)
    } else {
        response
    };
    response.body(body).expect("headers that HTTP allows")
}

/// Some `bytes` of JSON as gzip (RFC 1952): one block of fixed codes (RFC 1951 §3.2.6), whose filling repeats one letter.
/// The checksum is not right; by the time anybody could tell, all is unpacked.
pub(crate) fn gzip_bomb(bytes: usize) -> Vec<u8> {
    let mut packed = Bits {
        bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        filled: 0,
    };
    packed.push(0b110, 3);
    packed.literals(START);
    packed.literals(b"a");
    for _ in 0..bytes / 258 {
        // The length 258, and the distance 1: the letter before, again and again.
        packed.push(0b1100_0101, 8);
        packed.push(0, 5);
    }
    packed.literals(END);
    packed.push(0, 7);
    packed.bytes.extend([0; 8]);
    packed.bytes
}

/// Codes, packed as deflate does: the first bit of a code first, into the lowest bit of a byte.
struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte in use; 0: the next bit begins a byte.
    filled: u32,
}

impl Bits {
    fn push(&mut self, code: u32, length: u32) {
        for place in (0..length).rev() {
            if self.filled == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(code >> place & 1 == 1) << self.filled;
            }
            self.filled = (self.filled + 1) % 8;
        }
    }

    fn literals(&mut self, letters: &[u8]) {
        for &letter in letters {
            self.push(0x30 + u32::from(letter), 8);
        }
    }
}

/// A body whose chunks a task of its own makes.
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
