//! Which hosts speak HTTP/2, so that two requests at the same time need one connection.
//!
//! TLS negotiates the protocol: that a host is expected to speak HTTP/2 only lets the second request
//! wait until the first one's connection is open. If it speaks HTTP/1.1 after all, the second request
//! takes the first connection that is free, or opens another.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Version;
use tokio::sync::watch;
use url::Url;

/// How often other tasks get their turn before a connection that is open can be shared: the client
/// has to set up HTTP/2 on it, which takes no network.
const SETUP_TURNS: usize = 32;

/// What is known of hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Protocols(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Hosts that spoke HTTP/2 in an earlier run.
    expected: HashSet<String>,
    /// Whether hosts spoke HTTP/2 in this run.
    seen: HashMap<String, bool>,
    /// Hosts whose first connection is being opened, and whether it is open.
    opening: HashMap<String, watch::Sender<bool>>,
}

/// Held by the request that opens the first connection to a host. Others wait for it no longer once
/// this is dropped.
pub(super) struct Opening {
    protocols: Protocols,
    host: String,
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.protocols.lock().opening.remove(&self.host);
    }
}

impl Protocols {
    /// A host is expected to speak HTTP/2.
    pub(super) fn expect(&self, url: &Url) {
        self.lock().expected.insert(name(url));
    }

    /// Whether a host spoke HTTP/2 in this run; `None` if it did not respond.
    pub(super) fn seen(&self, url: &Url) -> Option<bool> {
        self.lock().seen.get(&name(url)).copied()
    }

    /// A host responded in this version.
    pub(super) fn note(&self, url: &Url, version: Version) {
        let is_http2 = version == Version::HTTP_2;
        self.lock().seen.insert(name(url), is_http2);
    }

    /// A connection was opened.
    pub(super) fn opened(&self) {
        for opening in self.lock().opening.values() {
            opening.send_replace(true);
        }
    }

    /// Waits, where the host is expected to speak HTTP/2 and its first connection is being opened,
    /// until that is open or has failed.
    pub(super) async fn turn(&self, url: &Url) -> Option<Opening> {
        let host = name(url);
        let mut opening = {
            let mut known = self.lock();
            if known.seen.contains_key(&host) {
                return None;
            }
            match known.opening.get(&host) {
                None => {
                    known
                        .opening
                        .insert(host.clone(), watch::Sender::new(false));
                    return Some(Opening {
                        protocols: self.clone(),
                        host,
                    });
                }
                Some(_) if !known.expected.contains(&host) => return None,
                Some(opening) => opening.subscribe(),
            }
        };
        opening.wait_for(|is_open| *is_open).await.ok();
        for _ in 0..SETUP_TURNS {
            tokio::task::yield_now().await;
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The host with its port.
fn name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::time::timeout;

    fn url() -> Url {
        Url::parse("https://acme.example/").unwrap()
    }

    #[test]
    fn a_second_request_waits_for_the_first_connection_only_where_it_can_be_shared() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let soon = Duration::from_millis(20);
            let protocols = Protocols::default();
            let first = protocols.turn(&url()).await;
            assert!(first.is_some());
            assert!(timeout(soon, protocols.turn(&url())).await.is_ok());
            protocols.expect(&url());
            assert!(timeout(soon, protocols.turn(&url())).await.is_err());
            let other = Url::parse("https://acme.example:444/").unwrap();
            assert!(timeout(soon, protocols.turn(&other)).await.is_ok());
            protocols.opened();
            assert!(timeout(soon, protocols.turn(&url())).await.is_ok());
        });
    }

    #[test]
    fn a_first_connection_that_fails_is_waited_for_no_longer() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let protocols = Protocols::default();
            protocols.expect(&url());
            let first = protocols.turn(&url()).await;
            let second = tokio::spawn({
                let protocols = protocols.clone();
                async move { drop(protocols.turn(&url()).await) }
            });
            tokio::task::yield_now().await;
            drop(first);
            assert!(timeout(Duration::from_secs(5), second).await.is_ok());
            protocols.note(&url(), Version::HTTP_11);
            assert_eq!(protocols.seen(&url()), Some(false));
            assert!(protocols.turn(&url()).await.is_none());
        });
    }
}
