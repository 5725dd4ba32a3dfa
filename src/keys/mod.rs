//! Keys: an issuer's key set, a shared secret, the key that verifies a token, and the private key
//! that signs for the application.

mod algorithm;
mod error;
mod lenient_base64;
mod rsa;
mod curve;
mod shared_secret;
mod origin;
mod material;
mod request;
mod jwk;
mod pem;
mod document;
mod key_set;
mod trusted;
mod signing;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use document::KeyDocument;
pub(crate) use error::KeyError;
pub(crate) use jwk::VerificationKey;
pub use key_set::{KeySet, KeySetError};
pub use origin::KeySetOrigin;
pub(crate) use request::KeyRequest;
pub(crate) use shared_secret::SecretEncoding;
pub use shared_secret::SharedSecret;
pub(crate) use signing::{SigningAlgorithm, SigningKey};
pub(crate) use trusted::Candidates;
pub use trusted::Keys;

#[cfg(test)]
mod tests;
