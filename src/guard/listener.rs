//! A socket from which a thread accepts connections, of either family.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use super::socket::Socket;

/// The pause after a connection that could not be accepted: too many files are open, or the client
/// has gone already.
const PAUSE: Duration = Duration::from_millis(20);

/// A socket that a runtime watches.
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// What serves the connections of a socket.
pub(super) trait Server {
    /// Begins to serve a connection, and returns at once.
    fn start(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static);
}

impl Listener {
    /// Lets the thread's runtime watch a socket. Fails if that or the system cannot.
    pub(super) fn new(socket: Socket) -> io::Result<Self> {
        match socket {
            Socket::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                TcpListener::from_std(socket).map(Self::Tcp)
            }
            Socket::Unix(socket) => {
                socket.set_nonblocking(true)?;
                UnixListener::from_std(socket).map(Self::Unix)
            }
        }
    }

    /// Accepts connections until the task ends.
    pub(super) async fn accept(self, server: &impl Server) {
        loop {
            let accepted = match &self {
                Self::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                    stream.set_nodelay(true).ok();
                    server.start(stream);
                }),
                Self::Unix(listener) => listener.accept().await.map(|(stream, _)| {
                    server.start(stream);
                }),
            };
            if accepted.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
