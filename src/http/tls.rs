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

use super::roots::{RootLocations, UnusableRoots};

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
            let extra = self.extra.iter().cloned().map(Ok);
            let verifier = self.with_roots(self.locations.primary().chain(extra))?;
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
        match self.primary().and_then(verify) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                verify(&*self.fallback()?)
            }
            Err(Error::InvalidCertificate(problem))
                if is_authority(&problem) && self.extra.contains(end_entity) =>
            {
                let certificate = ParsedCertificate::try_from(end_entity)?;
                verify_server_name(&certificate, server_name)?;
                Ok(ServerCertVerified::assertion())
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
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.round_trips.store(1, Ordering::Relaxed);
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
