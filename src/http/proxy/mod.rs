//! Proxies: which one the environment names, for which hosts, and why it let nothing through.

mod no_proxy;
mod settings;
mod fault;
mod gate;
mod schemes;

pub(super) use fault::{ProxyFault, ProxyRefusal};
pub(super) use gate::ProxyGate;
pub(super) use schemes::offered_schemes;
pub(super) use settings::{ProxyServer, ProxySettings};
