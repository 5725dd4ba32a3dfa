//! The address that the browser returns to, on a thread of its own.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::Notify;

use super::connections::{self, Connections};
use super::error::BrowserError;
use super::page;
use super::request::Expected;
use crate::config::RedirectUri;
use crate::response::AuthorizationResponse;

/// How many connections wait to be accepted.
const BACKLOG: u32 = 128;

/// How often a free port is looked for that both addresses of localhost have.
const TRIES: usize = 8;

/// How long the end of the program waits for the last page to reach the browser.
const CLOSING: Duration = Duration::from_millis(500);

/// The pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(50);

/// What is awaited.
pub(crate) enum Event {
    /// The browser returned.
    Returned(Box<AuthorizationResponse>),
    /// No browser could be opened.
    NotOpened,
}

/// Waits for the browser's return, until it is dropped.
pub(crate) struct RedirectListener {
    /// With the port that padlock listens at.
    pub(crate) redirect_uri: RedirectUri,
    events: Receiver<Event>,
    sender: Sender<Event>,
    stop: Arc<Notify>,
    ended: Receiver<()>,
}

impl RedirectListener {
    /// Listens at the redirect URI before this returns. Its address is not shared with any other
    /// program that listens there.
    pub(crate) fn start(
        redirect_uri: &RedirectUri,
        state: SecretString,
    ) -> Result<Self, BrowserError> {
        let (sender, events) = mpsc::channel();
        let (bound, binding) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        let stop = Arc::new(Notify::new());
        let (uri, stopped, returned) = (redirect_uri.clone(), Arc::clone(&stop), sender.clone());
        let thread = thread::Builder::new().name("redirect".into());
        let run = move || {
            serve(&uri, state, &bound, returned, &stopped);
            drop(ending);
        };
        thread.spawn(run).map_err(BrowserError::Thread)?;
        let gone = || BrowserError::Thread(io::Error::other("its thread ended early"));
        let redirect_uri = binding.recv().map_err(|_| gone())??;
        Ok(Self {
            redirect_uri,
            events,
            sender,
            stop,
            ended,
        })
    }

    /// What happens next, within this time.
    pub(crate) fn next(&self, time: Duration) -> Option<Event> {
        self.events.recv_timeout(time).ok()
    }

    /// Where to report that no browser could be opened.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }
}

impl Drop for RedirectListener {
    /// Waits for the thread, which may still send the last page, but not for long.
    fn drop(&mut self) {
        self.stop.notify_one();
        self.ended.recv_timeout(CLOSING).ok();
    }
}

fn serve(
    redirect_uri: &RedirectUri,
    state: SecretString,
    bound: &Sender<Result<RedirectUri, BrowserError>>,
    events: Sender<Event>,
    stop: &Notify,
) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime.map_err(|error| bound.send(Err(BrowserError::Thread(error)))) else {
        return;
    };
    runtime.block_on(async {
        let (listeners, redirect_uri) = match bind(redirect_uri) {
            Ok(listening) => listening,
            Err(error) => {
                bound.send(Err(error)).ok();
                return;
            }
        };
        bound.send(Ok(redirect_uri.clone())).ok();
        let site = Arc::new(Site {
            expected: Expected {
                redirect_uri,
                state,
            },
            is_over: AtomicBool::new(false),
            events,
            served: Notify::new(),
        });
        for listener in listeners {
            tokio::spawn(accept(listener, Arc::clone(&site)));
        }
        stop.notified().await;
        if site.is_over.swap(true, Ordering::Relaxed) {
            tokio::time::timeout(CLOSING, site.served.notified())
                .await
                .ok();
        }
    });
}

/// What the connections have in common.
struct Site {
    expected: Expected,
    /// Whether the browser has returned: later requests are none of this login's.
    is_over: AtomicBool,
    events: Sender<Event>,
    /// The last page was sent.
    served: Notify,
}

/// Accepts connections until the thread ends.
async fn accept(listener: TcpListener, site: Arc<Site>) {
    let mut connections = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let task = tokio::spawn(serve_connection(stream, Arc::clone(&site)));
                connections.add(task.abort_handle());
            }
            // Too many files are open, or the other side is gone already.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn serve_connection(mut stream: TcpStream, site: Arc<Site>) {
    let Some(response) = connections::read(&mut stream, &site.expected).await else {
        return;
    };
    if site.is_over.swap(true, Ordering::Relaxed) {
        connections::respond(&mut stream, page::NOT_FOUND).await;
        return;
    }
    let page = page::last(response.is_error());
    site.events.send(Event::Returned(response)).ok();
    connections::respond(&mut stream, &page).await;
    site.served.notify_one();
}

/// Listens at every address of the redirect URI.
fn bind(redirect_uri: &RedirectUri) -> Result<(Vec<TcpListener>, RedirectUri), BrowserError> {
    let addresses = redirect_uri.addresses();
    let mut tries = 0;
    loop {
        tries += 1;
        match bind_all(&addresses, redirect_uri.port()) {
            Ok((listeners, port)) => return Ok((listeners, redirect_uri.with_port(port))),
            Err(_) if redirect_uri.port() == 0 && addresses.len() > 1 && tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

fn bind_all(addresses: &[IpAddr], port: u16) -> Result<(Vec<TcpListener>, u16), BrowserError> {
    let mut listeners = Vec::new();
    let mut port = port;
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        match listen(address) {
            Ok(listener) => {
                port = listener.local_addr().map_or(port, |local| local.port());
                listeners.push(listener);
            }
            // A machine may have no IPv6, and then no browser goes there.
            Err(error) if addresses.len() > 1 && is_absent(&error) => {}
            Err(source) => return Err(BrowserError::Bind { address, source }),
        }
    }
    if listeners.is_empty() {
        let source = io::Error::from(ErrorKind::AddrNotAvailable);
        let address = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port);
        return Err(BrowserError::Bind { address, source });
    }
    Ok((listeners, port))
}

/// Without `SO_REUSEADDR`, with which another program could listen at the same address on some
/// systems.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn is_absent(error: &io::Error) -> bool {
    // A system without IPv6 has no such family of addresses.
    matches!(
        error.kind(),
        ErrorKind::AddrNotAvailable | ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(EAFNOSUPPORT)
}

#[cfg(target_os = "linux")]
const EAFNOSUPPORT: i32 = 97;
#[cfg(not(target_os = "linux"))]
const EAFNOSUPPORT: i32 = 47;
