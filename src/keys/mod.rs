//! Keys: an issuer's key set, a shared secret, the key that verifies a token, and the private key
//! that signs for the application.

mod algorithm;
mod error;
mod rsa;
mod curve;
mod shared_secret;
mod jwk;
mod key_set;
mod trusted;
mod signing;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub(crate) use error::KeyError;
pub use jwk::KeySetOrigin;
pub(crate) use jwk::VerificationKey;
pub use key_set::{KeySet, KeySetError};
pub(crate) use shared_secret::SecretEncoding;
pub use shared_secret::SharedSecret;
pub(crate) use signing::{SigningAlgorithm, SigningKey};
pub use trusted::Keys;

#[cfg(test)]
mod tests;
