//! The session bus: a connection over which methods of other programs are called.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use zeroize::Zeroizing;

use super::error::KeyringError;
use super::message::{self, Malformed, Message, Method, START, Writer};

/// Bytes of the longest line of the authentication.
const LONGEST_LINE: usize = 512;

/// A connection to the session bus.
pub(super) struct Bus {
    stream: UnixStream,
    /// How long a call may take.
    wait: Duration,
    until: Instant,
    /// The number of the last call.
    serial: u32,
}

impl Bus {
    /// Connects to the first address of the list that takes a connection (D-Bus Specification,
    /// "Server Addresses"). `wait` bounds this, and each call.
    pub(super) fn connect(addresses: &str, wait: Duration) -> Result<Self, KeyringError> {
        let mut failed = io::Error::from(ErrorKind::Unsupported);
        for address in addresses.split(';') {
            match connect(address, wait) {
                Ok(stream) => {
                    let mut bus = Self {
                        stream,
                        wait,
                        until: Instant::now() + wait,
                        serial: 0,
                    };
                    bus.authenticate()?;
                    return Ok(bus);
                }
                Err(error) => failed = error,
            }
        }
        match failed.kind() {
            ErrorKind::WouldBlock => Err(KeyringError::Late(wait)),
            _ => Err(unreachable(&failed)),
        }
    }

    /// As the user that the other side sees at the socket (D-Bus Specification, "EXTERNAL").
    fn authenticate(&mut self) -> Result<(), KeyringError> {
        let user = rustix::process::geteuid().as_raw().to_string();
        // In hexadecimal, the digits are 30 to 39.
        let user: String = user.chars().flat_map(|digit| ['3', digit]).collect();
        self.write(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes())?;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") && line.len() < LONGEST_LINE {
            let mut byte = [0];
            self.read(&mut byte)?;
            line.extend(byte);
        }
        if !line.starts_with(b"OK ") {
            return Err(KeyringError::Invalid);
        }
        self.write(b"BEGIN\r\n")?;
        let hello = Method {
            destination: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
            name: "Hello",
            starts_service: false,
        };
        self.call(hello, "", &Writer::default()).map(drop)
    }

    /// Calls a method and waits for its reply; an error that is the reply is returned as one.
    pub(super) fn call(
        &mut self,
        method: Method<'_>,
        signature: &str,
        arguments: &Writer,
    ) -> Result<Message, KeyringError> {
        self.until = Instant::now() + self.wait;
        self.serial += 1;
        self.write(&message::call(method, self.serial, signature, arguments))?;
        loop {
            let message = self.receive()?;
            if message.reply_to != Some(self.serial) {
                continue;
            }
            return match message.error {
                None => Ok(message),
                Some(name) => Err(KeyringError::of_reply(&name)),
            };
        }
    }

    fn receive(&mut self) -> Result<Message, KeyringError> {
        let mut start = [0; START];
        self.read(&mut start)?;
        let rest = Message::rest(&start)?;
        let mut bytes = Zeroizing::new(vec![0; START + rest]);
        bytes[..START].copy_from_slice(&start);
        self.read(&mut bytes[START..])?;
        Ok(Message::parse(bytes)?)
    }

    fn remaining(&self) -> Result<Duration, KeyringError> {
        let remaining = self.until.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            return Err(KeyringError::Late(self.wait));
        }
        Ok(remaining)
    }

    /// Fills the buffer.
    fn read(&mut self, mut buffer: &mut [u8]) -> Result<(), KeyringError> {
        while !buffer.is_empty() {
            let remaining = self.remaining()?;
            let read = self.stream.set_read_timeout(Some(remaining));
            match read.and_then(|()| self.stream.read(buffer)) {
                Ok(0) => return Err(unreachable(&ErrorKind::UnexpectedEof.into())),
                Ok(length) => buffer = &mut buffer[length..],
                Err(error) => ensure_repeatable(&error)?,
            }
        }
        Ok(())
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), KeyringError> {
        while !bytes.is_empty() {
            let remaining = self.remaining()?;
            let written = self.stream.set_write_timeout(Some(remaining));
            match written.and_then(|()| self.stream.write(bytes)) {
                Ok(length) => bytes = &bytes[length..],
                Err(error) => ensure_repeatable(&error)?,
            }
        }
        Ok(())
    }
}

/// Fails unless a signal interrupted the call, or its time was over, which the next one finds.
fn ensure_repeatable(error: &io::Error) -> Result<(), KeyringError> {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(()),
        _ => Err(unreachable(error)),
    }
}

fn unreachable(error: &io::Error) -> KeyringError {
    KeyringError::Unreachable(error.to_string())
}

impl From<Malformed> for KeyringError {
    fn from(_: Malformed) -> Self {
        Self::Invalid
    }
}

/// Connects to `unix:path=…` or `unix:abstract=…`, each perhaps with more members. A bus whose queue
/// of connections is full has this time (`WouldBlock`).
fn connect(address: &str, wait: Duration) -> io::Result<UnixStream> {
    let members = address.strip_prefix("unix:").unwrap_or_default();
    for (name, value) in members.split(',').filter_map(|one| one.split_once('=')) {
        let value: Vec<u8> = percent_decode_str(value).collect();
        let address = match name {
            "path" if value.contains(&0) => {
                return Err(io::Error::new(
                    ErrorKind::InvalidInput,
                    "its path has a NUL",
                ));
            }
            "path" => SocketAddrUnix::new(&*value),
            "abstract" => SocketAddrUnix::new_abstract_name(&value),
            _ => continue,
        };
        let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
        let socket = net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
        set_socket_timeout(&socket, Timeout::Send, Some(wait))?;
        net::connect(&socket, &address?)?;
        return Ok(socket.into());
    }
    Err(ErrorKind::Unsupported.into())
}
