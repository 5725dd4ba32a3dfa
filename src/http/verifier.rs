//! Checks a server's certificate by the roots of `roots`, which are read while the connection is being made.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::roots::{Places, Unusable};

/// A chain is looked for among the first roots, and among the second only where the first have none.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    places: Places,
    extra: Vec<CertificateDer<'static>>,
    first: OnceLock<Result<Arc<WebPkiServerVerifier>, Error>>,
    /// Of the last handshake, 0 before.
    round_trips: AtomicU32,
}

impl Verifier {
    pub(super) fn new(places: Places, extra: Vec<CertificateDer<'static>>) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        Self {
            provider,
            places,
            extra,
            first: OnceLock::new(),
            round_trips: AtomicU32::new(0),
        }
    }

    /// Starts to read the first roots, beside whatever the caller does next.
    pub(super) fn prepare(self: &Arc<Self>) {
        let verifier = Arc::clone(self);
        // Without the thread the first handshake reads them.
        drop(
            thread::Builder::new()
                .name("roots".into())
                .spawn(move || verifier.first().is_ok()),
        );
    }

    /// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, and certificates checked here.
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

    fn first(&self) -> Result<&WebPkiServerVerifier, Error> {
        let first = self.first.get_or_init(|| {
            self.by(self
                .places
                .first()
                .chain(self.extra.iter().cloned().map(Ok)))?
                .ok_or_else(unknown)
        });
        first.as_deref().map_err(Clone::clone)
    }

    /// The second roots; an error where there are none, and another where there are none at all.
    fn second(&self) -> Result<Arc<WebPkiServerVerifier>, Error> {
        let nowhere = || Unusable {
            path: "the usual places".into(),
            problem: "there are none".into(),
        };
        let none = || {
            if self.first().is_err() {
                unusable(nowhere())
            } else {
                unknown()
            }
        };
        self.by(self.places.second().into_iter().map(Ok))?
            .ok_or_else(none)
    }

    fn by(
        &self,
        roots: impl Iterator<Item = Result<CertificateDer<'static>, Unusable>>,
    ) -> Result<Option<Arc<WebPkiServerVerifier>>, Error> {
        let mut store = RootCertStore::empty();
        for root in roots {
            // A bundle may hold what is no root in the eyes of a strict reader.
            store.add_parsable_certificates([root.map_err(unusable)?]);
        }
        if store.is_empty() {
            return Ok(None);
        }
        let builder =
            WebPkiServerVerifier::builder_with_provider(store.into(), Arc::clone(&self.provider));
        builder
            .build()
            .map(Some)
            .map_err(|error| Error::General(error.to_string()))
    }
}

fn unknown() -> Error {
    Error::InvalidCertificate(CertificateError::UnknownIssuer)
}

fn unusable(problem: Unusable) -> Error {
    Error::Other(OtherError(Arc::new(problem)))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        match self.first().and_then(by) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => by(&*self.second()?),
            verdict => verdict,
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
