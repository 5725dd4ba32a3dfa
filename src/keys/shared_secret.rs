//! A shared secret, for HMAC signatures.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::algorithm::{Algorithm, Scheme};
use super::error::KeyError;
use super::lenient_base64;

/// How a client secret encodes the bytes of an HMAC key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SecretEncoding {
    /// the secret's own text
    Text,
    /// the bytes that it encodes, as at old Auth0 applications
    Base64,
}

impl SecretEncoding {
    /// The secret (OpenID Connect Core §10.1), for signatures as long as the hash or longer; `None` if it is not base64.
    pub(crate) fn shared_secret(self, secret: &SecretString) -> Option<SharedSecret> {
        match self {
            Self::Text => Some(SharedSecret::new(secret, false)),
            Self::Base64 => {
                let bytes = lenient_base64::decode(secret.expose_secret())?;
                Some(SharedSecret::new(&SecretSlice::from(bytes), false))
            }
        }
    }
}

/// A shared secret for HS256, HS384 and HS512. `Debug` does not show it.
pub struct SharedSecret {
    keys: [Arc<hmac::Key>; 3],
    length: usize,
    allow_short: bool,
}

impl SharedSecret {
    /// A secret from its bytes; a client secret is UTF-8 text (OpenID Connect Core §10.1).
    ///
    /// `allow_short` accepts a secret shorter than the hash, which RFC 7518 §3.2 forbids. An empty
    /// one is never used.
    #[must_use]
    pub fn new<S: AsRef<[u8]> + ?Sized>(secret: &impl ExposeSecret<S>, allow_short: bool) -> Self {
        let bytes = secret.expose_secret().as_ref();
        let algorithms = [hmac::HMAC_SHA256, hmac::HMAC_SHA384, hmac::HMAC_SHA512];
        Self {
            keys: algorithms.map(|hash| Arc::new(hmac::Key::new(hash, bytes))),
            length: bytes.len(),
            allow_short,
        }
    }

    /// Equal for two copies of one secret, and for nothing else; not the secret itself.
    pub(super) fn identity(&self) -> Vec<u8> {
        hmac::sign(&self.keys[0], b"identity").as_ref().to_vec()
    }

    /// The key for `algorithm`, or the reason why the secret cannot be used with it.
    pub(crate) fn key(&self, algorithm: Algorithm) -> Result<Arc<hmac::Key>, KeyError> {
        let unusable = |reason: String| Err(KeyError::Unusable(reason));
        let Scheme::Hmac(hash) = algorithm.scheme() else {
            return unusable(format!("a shared secret cannot verify {algorithm}"));
        };
        let minimum = hash.digest_algorithm().output_len();
        if self.length == 0 {
            return unusable("the shared secret is empty".into());
        }
        if self.length < minimum && !self.allow_short {
            let length = self.length;
            return Err(KeyError::TooShort(format!(
                "the shared secret has {length} bytes, and {algorithm} requires {minimum} or more"
            )));
        }
        let key = self.keys.iter().find(|key| key.algorithm() == hash);
        key.map_or_else(
            || unusable(format!("no key for {algorithm}")),
            |key| Ok(Arc::clone(key)),
        )
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base64_secret_may_be_of_either_alphabet_padded_or_not() {
        let bytes = SharedSecret::new(&SecretSlice::from(vec![0xfb; 32]), false);
        let expected = hmac::sign(&bytes.keys[0], b"x");
        for text in ["+/v7", "-_v7"] {
            let end = ["+/s=", "-_s", "-_s="];
            for end in end {
                let secret = text.repeat(10) + end;
                let decoded = SecretEncoding::Base64.shared_secret(&secret.as_str().into());
                let decoded = decoded.unwrap();
                assert_eq!(decoded.length, 32, "{secret}");
                let found = hmac::sign(&decoded.keys[0], b"x");
                assert_eq!(found.as_ref(), expected.as_ref(), "{secret}");
            }
        }
        for text in ["a", "not base64!", "ä"] {
            assert!(
                SecretEncoding::Base64.shared_secret(&text.into()).is_none(),
                "{text}"
            );
        }
    }

    fn secret(length: usize, allow_short: bool) -> SharedSecret {
        SharedSecret::new(&SecretString::from("s".repeat(length)), allow_short)
    }

    #[test]
    fn a_secret_shorter_than_the_hash_is_refused() {
        for (algorithm, minimum) in [
            (Algorithm::HS256, 32),
            (Algorithm::HS384, 48),
            (Algorithm::HS512, 64),
        ] {
            assert!(secret(minimum, false).key(algorithm).is_ok());
            let error = secret(minimum - 1, false).key(algorithm).unwrap_err();
            let wanted = format!("requires {minimum} or more");
            assert!(matches!(error, KeyError::TooShort(reason) if reason.contains(&wanted)));
        }
    }

    #[test]
    fn a_short_secret_is_used_if_the_caller_allows_it() {
        assert!(secret(6, true).key(Algorithm::HS512).is_ok());
    }

    #[test]
    fn an_empty_secret_is_never_used() {
        assert!(secret(0, true).key(Algorithm::HS256).is_err());
    }

    #[test]
    fn a_secret_is_not_used_with_a_public_key_algorithm() {
        assert!(secret(64, false).key(Algorithm::RS256).is_err());
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let bytes = SecretSlice::from(b"correct horse battery staple....".to_vec());
        assert_eq!(
            format!("{:?}", SharedSecret::new(&bytes, false)),
            "SharedSecret([redacted])"
        );
    }
}
