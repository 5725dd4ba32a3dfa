//! Keys that applications register to sign client assertions.

use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use crate::tenant::options::TenantOptions;
use crate::tenant::tokens::signing::der;

/// The `kid` of the first application's key.
pub(crate) const CLIENT_KID: &str = "percy-client";

/// The PKCS#8 header of a 2048-bit RSA key; jsonwebtoken expects the PKCS#1 key inside.
const PKCS8_PREFIX: usize = 26;

#[derive(Clone, Debug)]
pub(crate) struct ClientKey {
    pub(crate) algorithm: Algorithm,
    pem: &'static str,
}

impl ClientKey {
    /// The key in [`client_key_file`].
    ///
    /// # Panics
    /// With an algorithm other than RS256, RS384, PS256 and ES256.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let pem = match algorithm {
            Algorithm::ES256 => include_str!("../keys/client-p256.pem"),
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::PS256 => {
                include_str!("../keys/client.pem")
            }
            other => panic!("Auth0 registers no key for {other:?}"),
        };
        Self { algorithm, pem }
    }

    pub(crate) fn private(&self) -> EncodingKey {
        let der = der(self.pem);
        match self.algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_der(&der),
            _ => EncodingKey::from_rsa_der(&der[PKCS8_PREFIX..]),
        }
    }

    pub(crate) fn public(&self) -> DecodingKey {
        let jwk = Jwk::from_encoding_key(&self.private(), self.algorithm)
            .expect("a key that fits its algorithm");
        DecodingKey::from_jwk(&jwk).expect("a public key")
    }
}

/// The private key (PEM, PKCS#8) that [`TenantOptions::private_key_jwt`] registers.
pub(crate) fn client_key_file(algorithm: Algorithm) -> PathBuf {
    let name = if algorithm == Algorithm::ES256 {
        "client-p256.pem"
    } else {
        "client.pem"
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tenant/keys")
        .join(name)
}

impl TenantOptions {
    /// Gives the first application a registered key in place of a secret; see [`client_key_file`].
    pub(crate) fn private_key_jwt(self, algorithm: Algorithm) -> Self {
        self.first_client(|client| {
            client.secret = None;
            client.keys = vec![ClientKey::new(algorithm)];
        })
    }
}
