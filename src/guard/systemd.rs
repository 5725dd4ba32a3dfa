//! What systemd passes to a service, and what it wants to know of it (`sd_listen_fds(3)`,
//! `sd_notify(3)`).

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use listenfd::ListenFd;

use super::socket::Socket;

/// The sockets that were passed, with their names. Each is taken once.
pub(super) struct PassedSockets {
    /// Names that some address asks for: `systemd` without a name leaves those sockets to it.
    claimed: Vec<String>,
    sockets: Vec<(String, Option<Socket>)>,
}

impl PassedSockets {
    /// Takes the sockets of this process. `names` is the value of `LISTEN_FDNAMES`, and `claimed` are
    /// all names that addresses ask for.
    pub(super) fn take(names: Option<&OsStr>, claimed: Vec<String>) -> io::Result<Self> {
        let mut passed = ListenFd::from_env();
        let names = names.map(|names| names.to_string_lossy().into_owned());
        let mut names = names.as_deref().unwrap_or_default().split(':');
        let sockets = (0..passed.len()).map(|index| {
            let name = names.next().unwrap_or_default().to_owned();
            let unix = passed.take_unix_listener(index).ok().flatten();
            let socket = match unix {
                Some(unix) => Some(Socket::Unix(unix)),
                None => passed.take_tcp_listener(index)?.map(Socket::Tcp),
            };
            Ok((name, socket))
        });
        Ok(Self {
            claimed,
            sockets: sockets.collect::<io::Result<_>>()?,
        })
    }

    /// The sockets of that name, or all whose name no address asks for.
    pub(super) fn named(&mut self, name: Option<&str>) -> Vec<Socket> {
        let claimed = &self.claimed;
        let is_wanted = |own: &String| match name {
            Some(name) => name == own,
            None => !claimed.contains(own),
        };
        let sockets = self.sockets.iter_mut().filter(|(own, _)| is_wanted(own));
        sockets.filter_map(|(_, socket)| socket.take()).collect()
    }
}

/// Sends a state to the service manager at `address`, the value of `NOTIFY_SOCKET`, if there is one.
/// It goes on without an answer, so that no failure matters.
pub(super) fn notify(address: Option<&OsStr>, state: &str) {
    let Some(address) = address.filter(|address| !address.is_empty()) else {
        return;
    };
    let address = match address.as_bytes().strip_prefix(b"@") {
        Some(name) => of_abstract_name(name),
        None => SocketAddr::from_pathname(address),
    };
    let sent = address
        .and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    drop(sent);
}

#[cfg(target_os = "linux")]
fn of_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn of_abstract_name(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}
