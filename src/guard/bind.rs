//! The sockets that requests come in at: bound here, or passed by systemd.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::socket::Socket;
use super::systemd::PassedSockets;
use crate::args::ListenAddress;
use crate::escape;

/// A socket in the file system, which is deleted in the end.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode, since another program may have put its own there meanwhile.
    identity: (u64, u64),
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocketError {
    #[error("cannot listen at {address}")]
    Bind { address: String, source: io::Error },
    #[error("another program listens at {0}")]
    InUse(String),
    #[error("systemd passed no socket{}", name_of(.0.as_deref()))]
    NotPassed(Option<String>),
    #[error("a socket that systemd passed cannot be used")]
    Passed(#[source] io::Error),
}

fn name_of(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| {
        format!(" with the name {}", escape::excerpt(name, 80))
    })
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Listens at an address. `mode` is for a socket in the file system.
pub(super) fn bind(
    address: &ListenAddress,
    mode: u32,
    passed: &mut PassedSockets,
    files: &mut Vec<SocketFile>,
) -> Result<Vec<Socket>, SocketError> {
    match address {
        ListenAddress::Tcp(ip, port) => {
            let address = SocketAddr::new(*ip, *port);
            let socket = TcpListener::bind(address);
            Ok(vec![Socket::Tcp(
                socket.map_err(failed(&address.to_string()))?,
            )])
        }
        ListenAddress::Unix(path) => {
            let (socket, file) = bind_file(path, mode)?;
            files.push(file);
            Ok(vec![Socket::Unix(socket)])
        }
        ListenAddress::Systemd(name) => {
            let sockets = passed.named(name.as_deref());
            if sockets.is_empty() {
                return Err(SocketError::NotPassed(name.clone()));
            }
            Ok(sockets)
        }
    }
}

fn failed(address: &str) -> impl FnOnce(io::Error) -> SocketError {
    let address = address.to_owned();
    move |source| match source.kind() {
        ErrorKind::AddrInUse => SocketError::InUse(address),
        _ => SocketError::Bind { address, source },
    }
}

/// Takes the place of a socket that no program listens at any more.
fn bind_file(path: &Path, mode: u32) -> Result<(UnixListener, SocketFile), SocketError> {
    let shown = format!("unix:{}", escape::path(path));
    if is_abandoned(path) {
        drop(fs::remove_file(path));
    }
    // No other user may connect before the permissions are set.
    let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let socket = UnixListener::bind(path);
    rustix::process::umask(mask);
    let socket = socket.map_err(failed(&shown))?;
    let prepared =
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).and_then(|()| identity(path));
    let identity = prepared.map_err(failed(&shown))?;
    let file = SocketFile {
        path: path.to_owned(),
        identity,
    };
    Ok((socket, file))
}

fn is_abandoned(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
    is_socket && UnixStream::connect(path).is_err_and(refused)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}
