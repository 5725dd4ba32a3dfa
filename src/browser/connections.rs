//! The connections of a listener: few at a time, each for a short time.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::page::NOT_FOUND;
use super::request::{Arrived, Expected, LONGEST};
use crate::response::AuthorizationResponse;

/// How many connections are open at the same time. The oldest makes room for another one, so that
/// none that only waits can keep the browser out.
const MOST: usize = 64;

/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// How long the other side may take to close the connection after its response.
const CLOSING: Duration = Duration::from_secs(1);

/// The tasks of the connections, the oldest first.
#[derive(Default)]
pub(super) struct Connections(VecDeque<AbortHandle>);

impl Connections {
    pub(super) fn add(&mut self, task: AbortHandle) {
        self.0.retain(|task| !task.is_finished());
        if self.0.len() >= MOST
            && let Some(oldest) = self.0.pop_front()
        {
            oldest.abort();
        }
        self.0.push_back(task);
    }
}

/// Reads one request. Whatever is no return of this login's gets an empty 404, and `None` comes
/// back.
pub(super) async fn read(
    stream: &mut TcpStream,
    expected: &Expected,
) -> Option<Box<AuthorizationResponse>> {
    // From here on closing ends the connection at once. Otherwise the port of the side that closes
    // first is blocked for a minute, and the next login needs it.
    stream.set_zero_linger().ok();
    // The code in it is wiped as it is freed, and a buffer that grows leaves copies.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let request = timeout(ARRIVAL, arrival(stream, &mut bytes, expected)).await;
    let response = request.ok().flatten();
    // Browsers open connections that they may not use.
    if response.is_none() && !bytes.is_empty() {
        respond(stream, NOT_FOUND).await;
    }
    response
}

async fn arrival(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    expected: &Expected,
) -> Option<Box<AuthorizationResponse>> {
    loop {
        let read = (&mut *stream).take(4096).read_buf(bytes).await.ok()?;
        match expected.read(bytes) {
            Arrived::More if read > 0 => {}
            Arrived::Return(response) => return Some(response),
            Arrived::More | Arrived::Other => return None,
        }
    }
}

/// Writes a response, and lets the other side close the connection once it has read that.
pub(super) async fn respond(stream: &mut TcpStream, response: &[u8]) {
    let exchange = async {
        stream.write_all(response).await.ok()?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await.ok()? > 0 {}
        stream.shutdown().await.ok()
    };
    timeout(CLOSING, exchange).await.ok();
}
