//! A socket that listens, of either family.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use crate::escape;

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Socket {
    /// Another handle for another thread.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(socket) => socket.try_clone().map(Self::Tcp),
            Self::Unix(socket) => socket.try_clone().map(Self::Unix),
        }
    }

    /// The address with the port that the system chose, as a person would write it.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Tcp(socket) => socket
                .local_addr()
                .map_or_else(|_| "TCP".to_owned(), |address| address.to_string()),
            Self::Unix(socket) => {
                let address = socket.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                path.map_or_else(
                    || "unix".to_owned(),
                    |path| format!("unix:{}", escape::path(path)),
                )
            }
        }
    }
}
