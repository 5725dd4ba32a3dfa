//! The sockets that requests come in at: bound here, or passed by systemd.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::log::say;
use super::socket::Socket;
use super::systemd::PassedSockets;
use crate::args::ListenAddress;
use crate::config::{Guard, ListenSocket};
use crate::escape;

/// A socket in the file system, which is deleted in the end.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode, since another program may have put its own there meanwhile.
    identity: (u64, u64),
}

/// Where the guard listens.
pub(super) struct Sockets {
    /// Each with the number of the check of all its requests.
    pub(super) requests: Vec<(Socket, Option<usize>)>,
    pub(super) health: Option<Socket>,
    /// Deleted in the end.
    _files: Vec<SocketFile>,
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
    #[error("systemd passed {0} sockets for --health-listen, which takes one")]
    SeveralForHealth(usize),
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

impl Sockets {
    /// Binds the sockets of the settings, or takes them from systemd, of which `variables` has the
    /// environment.
    pub(super) fn bind(
        settings: &Guard,
        variables: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SocketError> {
        let own = settings.sockets.iter().map(|socket| &socket.address);
        let addresses = own.chain(&settings.health);
        let claimed = addresses.filter_map(|address| match address {
            ListenAddress::Systemd(name) => name.clone(),
            _ => None,
        });
        let names = variables("LISTEN_FDNAMES");
        let passed = PassedSockets::take(names.as_deref(), claimed.collect());
        let mut passed = passed.map_err(SocketError::Passed)?;
        let (mut files, mut requests) = (Vec::new(), Vec::new());
        let mut bind = |address| bind(address, settings.socket_mode, &mut passed, &mut files);
        let mut health = settings.health.as_ref().map_or(Ok(Vec::new()), &mut bind)?;
        if health.len() > 1 {
            return Err(SocketError::SeveralForHealth(health.len()));
        }
        for ListenSocket { address, check } in &settings.sockets {
            let bound = bind(address)?.into_iter();
            requests.extend(bound.map(|socket| (socket, *check)));
        }
        Ok(Self {
            requests,
            health: health.pop(),
            _files: files,
        })
    }

    /// Says where requests are awaited, with the ports that the system chose.
    pub(super) fn announce(&self) {
        let addresses = self.requests.iter().map(|(socket, _)| socket.address());
        let addresses: Vec<_> = addresses.collect();
        let health = self.health.as_ref().map(Socket::address);
        say(&json!({ "listening": addresses, "health": health }));
    }
}

/// Listens at an address. `mode` is for a socket in the file system.
fn bind(
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
