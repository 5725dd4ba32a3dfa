//! Verifies a server's certificate with the roots of `roots`, which are read while the connection
//! is being opened.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::certificate;
use super::roots::{RootLocations, UnusableRoots};

/// The shortest RSA key that the signature algorithms accept, in bits.
const MIN_RSA_BITS: usize = 2048;

/// Looks for a chain to a primary root, and to a fallback root only if there is none.
#[derive(Debug)]
pub(super) struct CertificateVerifier {
    provider: Arc<CryptoProvider>,
    locations: RootLocations,
    extra: Vec<CertificateDer<'static>>,
    primary: OnceLock<Result<Arc<WebPkiServerVerifier>, Error>>,
    /// Of the last handshake, 0 before.
    round_trips: AtomicU32,
}

impl CertificateVerifier {
    pub(super) fn new(locations: RootLocations, extra: Vec<CertificateDer<'static>>) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        Self {
            provider,
            locations,
            extra,
            primary: OnceLock::new(),
            round_trips: AtomicU32::new(0),
        }
    }

    /// Starts to read the primary roots in a thread.
    pub(super) fn prepare(self: &Arc<Self>) {
        let verifier = Arc::clone(self);
        let thread = thread::Builder::new().name("roots".into());
        // Without the thread, the first handshake reads them.
        drop(thread.spawn(move || verifier.primary().is_ok()));
    }

    /// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, and this verifier.
    pub(super) fn config(self: Arc<Self>) -> Result<ClientConfig, Error> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let config = config.with_protocol_versions(&[&TLS13, &TLS12])?;
        let mut config = config
            .dangerous()
            .with_custom_certificate_verifier(self)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Round trips of the last handshake: one with TLS 1.3, two with TLS 1.2.
    pub(super) fn round_trips(&self) -> Option<u32> {
        Some(self.round_trips.load(Ordering::Relaxed)).filter(|number| *number > 0)
    }

    fn primary(&self) -> Result<&WebPkiServerVerifier, Error> {
        let primary = self.primary.get_or_init(|| {
            // A server's own certificate is trusted as that, and signs no others.
            let authorities = self
                .extra
                .iter()
                .filter(|one| certificate::is_authority(one));
            let authorities = authorities.cloned().map(Ok);
            let verifier = self.with_roots(self.locations.primary().chain(authorities))?;
            verifier.ok_or_else(unknown_issuer)
        });
        primary.as_deref().map_err(Clone::clone)
    }

    /// The error says whether there are no fallback roots, or no roots at all.
    fn fallback(&self) -> Result<Arc<WebPkiServerVerifier>, Error> {
        let roots = self.locations.fallback().into_iter();
        let verifier = self.with_roots(roots.map(Ok))?;
        verifier.ok_or_else(|| match self.primary() {
            Ok(_) => unknown_issuer(),
            Err(_) => unusable(UnusableRoots {
                path: "the searched locations".into(),
                problem: "there are none".into(),
            }),
        })
    }

    /// A verifier with these roots; `None` without any.
    fn with_roots(
        &self,
        roots: impl Iterator<Item = Result<CertificateDer<'static>, UnusableRoots>>,
    ) -> Result<Option<Arc<WebPkiServerVerifier>>, Error> {
        let mut store = RootCertStore::empty();
        for root in roots {
            // Bundles may have certificates that webpki does not accept as roots.
            store.add_parsable_certificates([root.map_err(unusable)?]);
        }
        if store.is_empty() {
            return Ok(None);
        }
        let provider = Arc::clone(&self.provider);
        let verifier = WebPkiServerVerifier::builder_with_provider(store.into(), provider).build();
        verifier
            .map(Some)
            .map_err(|error| Error::General(error.to_string()))
    }
}

fn unknown_issuer() -> Error {
    Error::InvalidCertificate(CertificateError::UnknownIssuer)
}

fn unusable(roots: UnusableRoots) -> Error {
    Error::Other(OtherError(Arc::new(roots)))
}

/// A key that is too short, of a server or of an authority.
#[derive(Debug, thiserror::Error)]
#[error("an RSA key of {bits} bits")]
pub(super) struct WeakKey {
    pub(super) bits: usize,
}

/// The key that is too short, if that is the problem.
pub(super) fn weak_key_of(problem: &CertificateError) -> Option<&WeakKey> {
    match problem {
        CertificateError::Other(other) => other.0.downcast_ref(),
        _ => None,
    }
}

fn weak_key<'c>(mut certificates: impl Iterator<Item = &'c CertificateDer<'c>>) -> Option<Error> {
    let bits = certificates
        .find_map(|one| certificate::rsa_bits(one).filter(|bits| *bits < MIN_RSA_BITS))?;
    let error = OtherError(Arc::new(WeakKey { bits }));
    Some(Error::InvalidCertificate(CertificateError::Other(error)))
}

/// A signature in the handshake has nothing to do with who signed the certificate.
fn of_handshake(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            Error::General("the server does not have its certificate's key".to_owned())
        }
        other => other,
    }
}

/// Whether a certificate is in order as far as it does not depend on who signed it: webpki says so
/// after it has checked the dates and the purpose.
fn is_in_order(problem: &CertificateError) -> bool {
    *problem == CertificateError::UnknownIssuer || is_authority(problem)
}

/// Whether a certificate is in order but for being an authority's, as `openssl req -x509` makes it.
/// webpki accepts none as a server's own, and says so after it has checked the dates.
pub(super) fn is_authority(problem: &CertificateError) -> bool {
    let CertificateError::Other(other) = problem else {
        return false;
    };
    format!("{other:?}").contains("CaUsedAsEndEntity")
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let result = if self.extra.contains(end_entity) {
            let own = self.with_roots([Ok(end_entity.clone().into_owned())].into_iter());
            own.and_then(|own| match own.as_deref().map(verify) {
                Some(Err(Error::InvalidCertificate(problem))) if is_in_order(&problem) => {
                    let certificate = ParsedCertificate::try_from(end_entity)?;
                    verify_server_name(&certificate, server_name)?;
                    Ok(ServerCertVerified::assertion())
                }
                result => result.unwrap_or_else(|| Err(unknown_issuer())),
            })
        } else {
            match self.primary().and_then(verify) {
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                    self.fallback().and_then(|fallback| verify(&fallback))
                }
                result => result,
            }
        };
        let chain = std::iter::once(end_entity).chain(intermediates);
        match result {
            Ok(_) => weak_key([end_entity].into_iter()).map_or(result, Err),
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                weak_key(chain.chain(&self.extra)).map_or(result, Err)
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.round_trips.store(2, Ordering::Relaxed);
        let algorithms = &self.provider.signature_verification_algorithms;
        let result = verify_tls12_signature(message, certificate, signature, algorithms);
        result.map_err(of_handshake)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.round_trips.store(1, Ordering::Relaxed);
        let algorithms = &self.provider.signature_verification_algorithms;
        let result = verify_tls13_signature(message, certificate, signature, algorithms);
        result.map_err(of_handshake)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_short_rsa_key_is_named_even_of_a_trusted_certificate() {
        let pem = include_str!("../../tests/tenant/keys/rsa-1024.pem");
        let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let certificate = CertificateDer::from(STANDARD.decode(text).unwrap());
        let locations = RootLocations::from(&|_| None);
        let verifier = CertificateVerifier::new(locations, vec![certificate.clone()]);
        let name = ServerName::try_from("localhost").unwrap();
        // In 2030.
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_900_000_000));
        let error = verifier.verify_server_cert(&certificate, &[], &name, &[], now);
        let Err(Error::InvalidCertificate(problem)) = error else {
            panic!("it is refused");
        };
        assert_eq!(weak_key_of(&problem).map(|key| key.bits), Some(1024));
    }
}
