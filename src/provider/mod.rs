//! An issuer's endpoints and keys: Auth0's fixed paths or discovery, fetched or cached.

mod error;
mod fetch;
mod discovery;
mod kind;
mod cache;
mod endpoints;
mod login_discovery;
mod find;
mod published;
mod pending;
mod protocol;
mod snapshot;
mod alarm;
mod watched;
mod jwks;
mod fetcher;

#[cfg(fuzzing)]
pub(crate) use endpoints::problem_of;
pub(crate) use endpoints::{Provider, RequestEncoding};
pub(crate) use error::ProviderError;
pub(crate) use fetcher::KeyFetcher;
pub(crate) use jwks::JwksSource;
pub(crate) use kind::ProviderKind;
pub(crate) use pending::PendingJwks;
pub(crate) use protocol::ProtocolMemory;
pub(crate) use published::JwksLocation;
pub(crate) use snapshot::JwksSnapshot;
