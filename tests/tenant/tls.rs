//! A throw-away certificate authority, and the tenant's certificate from it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

const DAY: Duration = Duration::from_secs(86_400);

/// The server's half, and the file that clients trust.
pub(super) struct Identity {
    config: Arc<ServerConfig>,
    ca_file: NamedTempFile,
}

impl Identity {
    /// A fresh authority, and from it a certificate for localhost, 127.0.0.1 and `::1`, both good for a day.
    pub(super) fn fresh() -> Self {
        let (ca, ca_pem) = authority();
        let key = KeyPair::generate().expect("a key for the tenant");
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).expect("names that a certificate can hold");
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        params.use_authority_key_identifier_extension = true;
        limit(&mut params);
        let certificate = params.signed_by(&key, &ca).expect("a certificate for the tenant");

        let mut ca_file = NamedTempFile::with_suffix(".pem").expect("a file for the root certificate");
        ca_file.write_all(ca_pem.as_bytes()).expect("room for the root certificate");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate.into()], key.into()))
            .expect("a certificate that rustls takes");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { config: Arc::new(config), ca_file }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }

    pub(super) fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().expect("a key for the authority");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Root of a padlock test tenant");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    limit(&mut params);
    let pem = params.self_signed(&key).expect("a certificate for the authority").pem();
    (Issuer::new(params, key), pem)
}

fn limit(params: &mut CertificateParams) {
    params.not_before = (SystemTime::now() - DAY).into();
    params.not_after = (SystemTime::now() + DAY).into();
}
