//! The browser of this machine: opened at the login page, awaited at the redirect URI.
//!
//! Other programs, users and websites can reach the address that it returns to as well. Only a
//! request that knows the `state` of this login counts; whatever else comes gets an empty 404.

mod error;
mod page;
mod request;
mod connections;
mod listener;
mod environment;
mod opener;

pub(crate) use environment::Environment;
pub(crate) use error::BrowserError;
pub(crate) use listener::{Event, RedirectListener};
pub(crate) use opener::open;
