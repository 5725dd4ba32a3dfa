//! The user's keyring, where the system has one that padlock can use.

mod error;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(not(target_os = "linux"))]
mod unsupported;

pub(crate) use error::KeyringError;
#[cfg(target_os = "linux")]
pub(crate) use secret_service::Keyring;
#[cfg(not(target_os = "linux"))]
pub(crate) use unsupported::Keyring;
