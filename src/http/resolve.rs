//! The system's name resolution, in a thread. The library's own panics where none can be started.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::threads::spawn;

/// Resolves names as the system does.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = addresses(name.as_str().to_owned(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a host. The thread is abandoned with the future.
pub(super) async fn addresses(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (sender, receiver) = oneshot::channel();
    spawn("resolver", move || {
        let addresses = (host.as_str(), port).to_socket_addrs();
        drop(sender.send(addresses.map(Iterator::collect)));
    })?;
    let ended = |_| io::Error::other("the resolver ended early");
    receiver.await.map_err(ended)?
}
