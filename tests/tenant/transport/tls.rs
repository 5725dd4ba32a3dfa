//! The tenant's certificate, and the throwaway authority that issues it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig};

use crate::tenant::options::TenantOptions;

const DAY: Duration = Duration::from_secs(86_400);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    Valid,
    Expired,
    NotYetValid,
    /// Valid for `other.percy.test` only.
    WrongName,
    SelfSigned,
    /// What `openssl req -x509` makes: a certificate authority, too.
    SelfSignedAuthority,
    ExpiredSelfSignedAuthority,
    /// Valid for `other.percy.test` only.
    SelfSignedAuthorityWithWrongName,
    /// Issued by a root that is not in the CA file.
    UnknownRoot,
    /// Issued by another root with the name of the one in the CA file.
    RegeneratedRoot,
    /// Issued for a common name alone.
    CommonNameOnly,
    /// Issued with the key of the certificate file, which is a server's own and no authority's.
    SignedByServer,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Protocols {
    only_tls_1_2: bool,
    only_http_1: bool,
}

const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

impl Protocols {
    /// The acceptor for one connection, since a running tenant may change what it speaks.
    pub(crate) fn of_connection(self, acceptor: TlsAcceptor) -> TlsAcceptor {
        if !self.only_http_1 {
            return acceptor;
        }
        let mut config = ServerConfig::clone(acceptor.config());
        config.alpn_protocols = vec![HTTP_1.to_vec()];
        Arc::new(config).into()
    }
}

impl TenantOptions {
    /// HTTPS with this certificate.
    pub(crate) fn certificate(mut self, certificate: Certificate) -> Self {
        self.tls = Some(certificate);
        self
    }

    pub(crate) fn only_tls_1_2(mut self) -> Self {
        self.protocols.only_tls_1_2 = true;
        self
    }

    pub(crate) fn only_http_1(mut self) -> Self {
        self.protocols.only_http_1 = true;
        self
    }
}

/// The server's TLS configuration, and the CA file for clients.
pub(crate) struct Identity {
    config: Arc<ServerConfig>,
    ca_file: NamedTempFile,
    /// The server's own.
    certificate_file: NamedTempFile,
}

impl Identity {
    /// A new authority and a certificate for `localhost`, `127.0.0.1` and `::1`, valid for a day
    /// unless `kind` says otherwise.
    pub(crate) fn new(kind: Certificate, protocols: Protocols) -> Self {
        let (ca, ca_pem) = certificate_authority("Root of a padlock test tenant");
        let key = KeyPair::generate().expect("a key for the tenant");
        let params = params(kind);
        let own = params_of_self_signed()
            .self_signed(&key)
            .expect("a certificate");
        let server = Issuer::new(params_of_self_signed(), &key);
        let leaf_key = KeyPair::generate().expect("a key for the tenant");
        let certificate = match kind {
            Certificate::SignedByServer => params.signed_by(&leaf_key, &server),
            Certificate::RegeneratedRoot => params.signed_by(
                &key,
                &certificate_authority("Root of a padlock test tenant").0,
            ),
            _ if kind.is_self_signed() => params.self_signed(&key),
            Certificate::UnknownRoot => params.signed_by(
                &key,
                &certificate_authority("Unknown root of a padlock test tenant").0,
            ),
            _ => params.signed_by(&key, &ca),
        };
        let certificate = certificate.expect("a certificate for the tenant");
        let (own, key) = match kind {
            Certificate::SignedByServer => (own.pem(), leaf_key),
            _ => (certificate.pem(), key),
        };
        let (ca_file, certificate_file) = (pem_file(&ca_pem), pem_file(&own));
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let versions = if protocols.only_tls_1_2 {
            &[&TLS12][..]
        } else {
            ALL_VERSIONS
        };
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_protocol_versions(versions)
            .and_then(|config| {
                config
                    .with_no_client_auth()
                    .with_single_cert(vec![certificate.into()], key.into())
            })
            .expect("a valid certificate");
        config.alpn_protocols = [HTTP_2, HTTP_1].map(<[u8]>::to_vec).into();
        Self {
            config: Arc::new(config),
            ca_file,
            certificate_file,
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }

    pub(crate) fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }

    pub(crate) fn certificate_file(&self) -> &Path {
        self.certificate_file.path()
    }
}

impl Certificate {
    fn is_self_signed(self) -> bool {
        self == Self::SelfSigned || self.is_authority()
    }

    fn is_authority(self) -> bool {
        matches!(
            self,
            Self::SelfSignedAuthority
                | Self::ExpiredSelfSignedAuthority
                | Self::SelfSignedAuthorityWithWrongName
        )
    }
}

fn pem_file(pem: &str) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".pem").expect("a temporary file");
    file.write_all(pem.as_bytes()).expect("a writable file");
    file
}

fn params_of_self_signed() -> CertificateParams {
    params(Certificate::SelfSigned)
}

fn params(kind: Certificate) -> CertificateParams {
    let names: &[&str] = match kind {
        Certificate::WrongName | Certificate::SelfSignedAuthorityWithWrongName => {
            &["other.percy.test"]
        }
        Certificate::CommonNameOnly => &[],
        _ => &["localhost", "127.0.0.1", "::1"],
    };
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let common_name = names.first().map_or("localhost", |name| name).to_owned();
    let mut params = CertificateParams::new(names).expect("valid DNS names");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
        .extended_key_usages
        .push(ExtendedKeyUsagePurpose::ServerAuth);
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params);
    if kind.is_authority() {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    match kind {
        Certificate::Expired | Certificate::ExpiredSelfSignedAuthority => {
            params.not_after = (SystemTime::now() - DAY / 2).into();
        }
        Certificate::NotYetValid => params.not_before = (SystemTime::now() + DAY / 2).into(),
        _ => {}
    }
    params
}

fn certificate_authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().expect("a key for the authority");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params);
    let pem = params
        .self_signed(&key)
        .expect("a certificate for the authority")
        .pem();
    (Issuer::new(params, key), pem)
}

fn set_validity(params: &mut CertificateParams) {
    params.not_before = (SystemTime::now() - DAY).into();
    params.not_after = (SystemTime::now() + DAY).into();
}
