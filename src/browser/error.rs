//! Why the browser cannot return to padlock.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::failure::{Class, Diagnose};

/// Why the browser cannot return to padlock.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrowserError {
    #[error("cannot listen at {address} for the browser's return")]
    Bind {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot listen for the browser's return: {0}")]
    Thread(io::Error),
    #[error("no sign-in with the browser within {minutes} minutes")]
    Late { minutes: u64 },
}

impl Diagnose for BrowserError {
    fn class(&self) -> Class {
        match self {
            Self::Bind { .. } => Class::Usage,
            Self::Thread(_) => Class::Internal,
            Self::Late { .. } => Class::Unreachable,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Bind { source, .. } if source.kind() == ErrorKind::AddrInUse => {
                "another program uses the port, or a sign-in has just ended: wait a minute, or \
                 name a port that is free with --redirect-uri, which the application must allow"
            }
            Self::Bind { .. } => "name another address with --redirect-uri",
            Self::Thread(_) => return None,
            Self::Late { .. } => {
                "sign in again; the browser must be able to open the address of --redirect-uri"
            }
        };
        Some(hint.to_owned())
    }
}
