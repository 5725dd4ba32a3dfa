//! TLS with random numbers from the operating system alone.
//!
//! aws-lc seeds a generator of its own by timing the CPU, once in each process, before it gives out the first number: 35
//! to 55 ms, ten times what the rest of a login costs. A build setting leaves that out, but who installs with
//! `cargo install` from elsewhere has no such setting. What a handshake of TLS draws is the client's nonce and one key of
//! X25519 (RFC 7748 §5: any 32 bytes are one); drawn from the system, nothing asks aws-lc for a number.

use std::sync::Arc;

use ::aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, SecureRandom, SharedSecret, SupportedKxGroup, aws_lc_rs,
};
use rustls::{Error, NamedGroup, PeerMisbehaved};
use zeroize::Zeroizing;

/// What rustls does with aws-lc, but for where random numbers come from. Other groups than X25519 stay as they are: they
/// are for servers that do not know it.
pub(super) fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    for group in &mut provider.kx_groups {
        if group.name() == NamedGroup::X25519 {
            *group = &KeyFromSystem;
        }
    }
    provider.secure_random = &System;
    Arc::new(provider)
}

#[derive(Debug)]
struct System;

impl SecureRandom for System {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(buffer).map_err(|_| GetRandomFailed)
    }
}

#[derive(Debug)]
struct KeyFromSystem;

impl SupportedKxGroup for KeyFromSystem {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        System.fill(&mut *bytes)?;
        let failed = |_| Error::General("no key for the key exchange".into());
        let private = PrivateKey::from_private_key(&X25519, &*bytes).map_err(|error| failed(error.to_string()))?;
        let public = private.compute_public_key().map_err(|error| failed(error.to_string()))?;
        Ok(Box::new(Exchange { private, public: public.as_ref().to_vec() }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// One key exchange that waits for the server's half.
struct Exchange {
    private: PrivateKey,
    public: Vec<u8>,
}

impl ActiveKeyExchange for Exchange {
    /// Fails with a point that gives the secret zero (RFC 8446 §7.4.2), or one of another length.
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        let theirs = UnparsedPublicKey::new(&X25519, theirs);
        agree(&self.private, theirs, PeerMisbehaved::InvalidKeyShare.into(), |secret| Ok(SharedSecret::from(secret)))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_agree_and_no_two_are_the_same() {
        let [ours, theirs] = [(); 2].map(|()| KeyFromSystem.start().unwrap());
        let (our_half, their_half) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
        assert_ne!(our_half, their_half);
        let (one, other) = (ours.complete(&their_half).unwrap(), theirs.complete(&our_half).unwrap());
        assert_eq!(one.secret_bytes(), other.secret_bytes());
    }

    #[test]
    fn a_point_that_gives_zero_or_has_another_length_is_refused() {
        for theirs in [&[0; 32][..], &[1; 31], &[]] {
            assert!(KeyFromSystem.start().unwrap().complete(theirs).is_err(), "{theirs:?}");
        }
    }

    #[test]
    fn the_key_exchange_is_that_of_rustls() {
        let rustls = aws_lc_rs::kx_group::X25519.start().unwrap();
        let ours = KeyFromSystem.start().unwrap();
        let (our_half, their_half) = (ours.pub_key().to_vec(), rustls.pub_key().to_vec());
        let (one, other) = (ours.complete(&their_half).unwrap(), rustls.complete(&our_half).unwrap());
        assert_eq!(one.secret_bytes(), other.secret_bytes());
    }

    #[test]
    fn every_group_of_rustls_is_offered_in_its_place() {
        let names = |groups: &[&dyn SupportedKxGroup]| groups.iter().map(|group| group.name()).collect::<Vec<_>>();
        assert_eq!(names(&provider().kx_groups), names(&aws_lc_rs::default_provider().kx_groups));
    }
}
