//! TCP connections: numbering, closing, and faults below HTTP.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::tenant::options::TenantOptions;

pub(crate) struct Connection {
    /// The first is 1.
    pub(crate) number: usize,
    close_requested: Notify,
    active_requests: AtomicUsize,
    last_activity: Mutex<Instant>,
}

/// A request in progress; while there is one, the connection is not idle.
pub(crate) struct ActiveRequest<'a>(&'a Connection);

impl Connection {
    pub(crate) fn new(number: usize) -> Arc<Self> {
        let last_activity = Mutex::new(Instant::now());
        Arc::new(Self {
            number,
            close_requested: Notify::new(),
            active_requests: AtomicUsize::new(0),
            last_activity,
        })
    }

    pub(crate) fn request(&self) -> ActiveRequest<'_> {
        self.active_requests.fetch_add(1, Ordering::SeqCst);
        ActiveRequest(self)
    }

    pub(crate) fn close(&self) {
        self.close_requested.notify_one();
    }

    /// Resolves when the connection should close: on request, or once it is idle for too long.
    pub(crate) async fn closed(&self, idle_timeout: Option<Duration>) {
        tokio::select! {
            () = self.close_requested.notified() => {}
            () = self.idle(idle_timeout) => {}
        }
    }

    async fn idle(&self, timeout: Option<Duration>) {
        let Some(timeout) = timeout else {
            return pending().await;
        };
        loop {
            let idle = self
                .last_activity
                .lock()
                .expect("no handler panicked")
                .elapsed();
            let busy = self.active_requests.load(Ordering::SeqCst) > 0;
            if !busy && idle >= timeout {
                return;
            }
            sleep(if busy {
                timeout
            } else {
                timeout.saturating_sub(idle)
            })
            .await;
        }
    }
}

impl Drop for ActiveRequest<'_> {
    fn drop(&mut self) {
        *self.0.last_activity.lock().expect("no handler panicked") = Instant::now();
        self.0.active_requests.fetch_sub(1, Ordering::SeqCst);
    }
}

/// See [`TenantOptions::connection_fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionFault {
    /// Connection refused. Has no effect once the tenant has started.
    Refuses,
    /// Accepts, then sends nothing: no TLS, no HTTP.
    Silent,
    /// Closes without reading.
    ClosesImmediately,
    /// Closes after the first bytes.
    ClosesAfterFirstBytes,
    /// Sends an SSH banner.
    SpeaksSsh,
    /// Speaks HTTP without TLS.
    SpeaksPlainHttp,
    /// Chooses TLS 1.1 in its `ServerHello` (RFC 4346 §7.4.1.3).
    SpeaksTls11,
    /// Rejects the client's TLS versions with the alert `protocol_version`.
    AlertsProtocolVersion,
}

/// A TLS 1.1 `ServerHello`: record, handshake, 32 random bytes, no session,
/// `TLS_RSA_WITH_AES_128_CBC_SHA`.
const SERVER_HELLO: &[u8] = b"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02\
                              a tenant that has seen no update\x00\x00\x2f\x00";
const ALERT: &[u8] = b"\x15\x03\x02\x00\x02\x02\x46";
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

impl ConnectionFault {
    /// Returns when the connection should close.
    pub(crate) async fn run(self, mut stream: TcpStream) {
        let response: &[u8] = match self {
            Self::Refuses | Self::ClosesImmediately => return,
            Self::Silent => return pending().await,
            Self::ClosesAfterFirstBytes => b"",
            Self::SpeaksSsh => b"SSH-2.0-OpenSSH_9.2p1\r\n",
            Self::SpeaksPlainHttp => PLAIN,
            Self::SpeaksTls11 => SERVER_HELLO,
            Self::AlertsProtocolVersion => ALERT,
        };
        let mut request = [0; 4096];
        if self != Self::SpeaksSsh {
            drop(stream.read(&mut request).await);
        }
        drop(stream.write_all(response).await);
        // Unread data would turn the close into a reset, which could discard the response.
        while !response.is_empty() && stream.read(&mut request).await.is_ok_and(|read| read > 0) {}
    }
}

impl TenantOptions {
    /// Every connection fails this way.
    pub(crate) fn connection_fault(mut self, fault: ConnectionFault) -> Self {
        self.connection_fault = Some((fault, usize::MAX));
        self
    }

    /// The next `times` connections fail this way; later ones succeed.
    pub(crate) fn connection_fault_first(mut self, times: usize, fault: ConnectionFault) -> Self {
        self.connection_fault = Some((fault, times));
        self
    }

    pub(crate) fn without_connection_fault(mut self) -> Self {
        self.connection_fault = None;
        self
    }

    /// Waits this long before it answers the first message of a TLS connection.
    pub(crate) fn handshake_delay(mut self, delay: Duration) -> Self {
        self.handshake_delay = delay;
        self
    }

    /// Closes connections that are idle for this long.
    pub(crate) fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// The fault of the next connection; uses it up.
    pub(crate) fn next_connection(&mut self) -> Option<ConnectionFault> {
        let (fault, remaining) = self
            .connection_fault
            .as_mut()
            .filter(|(_, remaining)| *remaining > 0)?;
        *remaining -= 1;
        Some(*fault)
    }
}
