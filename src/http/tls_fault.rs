//! Why a TLS handshake failed, in words.

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::tls;
use crate::duration;
use crate::escape;

const CHECK_CLOCK: &str =
    "check this machine's clock; if it is right, the server's certificate must be renewed";
pub(super) const CHECK_TLS: &str = "check host and port: something else than the server may answer \
                                    there, or a firewall or proxy may cut connections";
const CHECK_PORT: &str = "check the port; plain http:// is for servers on this machine alone";
const CHECK_HOST: &str = "check the host name for typos";
const TRUST_ISSUER: &str = "if the issuer is a private authority or a proxy of your network, trust \
                            its root certificate with --ca-file or PADLOCK_CA_FILE";
const TRUST_CERTIFICATE: &str = "if it is the right one, pass the certificate itself with --ca-file \
                                 or PADLOCK_CA_FILE";
const RENEWED_ROOT: &str = "if the root was issued again under its old name, pass the new one with \
                            --ca-file or PADLOCK_CA_FILE";
const STRONGER_KEY: &str = "have the certificates issued again with SHA-256, and RSA keys of 2048 \
                            bits or more, or ECDSA";
const FOR_SERVERS: &str =
    "have the certificate issued again with the extended key usage serverAuth";
const ALTERNATIVE_NAME: &str = "have the certificate issued again with the host as a subject \
                                alternative name (DNS:… or IP:…)";
const UPDATE_TLS: &str =
    "ask for TLS 1.2 or newer to be enabled on the server, or on a proxy in between";

/// The problem, and the hint.
pub(super) type Diagnosis = (String, &'static str);

/// Why a handshake failed.
pub(super) fn diagnosis(error: &rustls::Error) -> Diagnosis {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(error) => certificate(error),
        Tls::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
        )
        | Tls::PeerIncompatible(_) => {
            let problem = "no TLS version or cipher suite in common";
            (problem.to_owned(), UPDATE_TLS)
        }
        Tls::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => ("the server does not speak TLS".to_owned(), CHECK_PORT),
        Tls::AlertReceived(alert) => {
            let problem = format!("the server rejected the TLS handshake ({alert:?})");
            (problem, CHECK_TLS)
        }
        other => {
            let problem = format!("the TLS handshake failed: {other}");
            (escape::excerpt(&problem, 200), CHECK_TLS)
        }
    }
}

fn certificate(error: &CertificateError) -> Diagnosis {
    use CertificateError as Certificate;
    let (problem, hint) = match error {
        Certificate::Expired => ("has expired".to_owned(), CHECK_CLOCK),
        Certificate::ExpiredContext { not_after, .. } => (
            format!("expired on {}", date(not_after.as_secs())),
            CHECK_CLOCK,
        ),
        Certificate::NotValidYet => ("is not valid yet".to_owned(), CHECK_CLOCK),
        Certificate::NotValidYetContext { not_before, .. } => {
            let problem = format!("is not valid before {}", date(not_before.as_secs()));
            (problem, CHECK_CLOCK)
        }
        Certificate::UnknownIssuer => ("has an unknown issuer".to_owned(), TRUST_ISSUER),
        Certificate::NotValidForName => ("is issued for another name".to_owned(), CHECK_HOST),
        Certificate::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            let problem = "names no host, or only in its common name, which is not read any more";
            (problem.to_owned(), ALTERNATIVE_NAME)
        }
        Certificate::NotValidForNameContext { presented, .. } => {
            let problem = format!("is issued for another name: {}", names(presented));
            (problem, CHECK_HOST)
        }
        Certificate::Revoked => {
            let hint = "do not continue; report it to the server's administrator";
            ("was revoked".to_owned(), hint)
        }
        Certificate::BadSignature => {
            let problem = "is not signed by the trusted root that has its issuer's name";
            (problem.to_owned(), RENEWED_ROOT)
        }
        Certificate::UnsupportedSignatureAlgorithmContext { .. }
        | Certificate::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            let problem = "is signed with an algorithm that is not accepted, such as SHA-1";
            (problem.to_owned(), STRONGER_KEY)
        }
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
            ("is not for servers".to_owned(), FOR_SERVERS)
        }
        problem if tls::is_authority(problem) => (
            "is a CA certificate, and not one that is trusted as the server's own".to_owned(),
            TRUST_CERTIFICATE,
        ),
        problem if tls::weak_key_of(problem).is_some() => {
            let bits = tls::weak_key_of(problem).map_or(0, |key| key.bits);
            let problem =
                format!("or an issuer of it has an RSA key of {bits} bits, which is weak");
            (problem, STRONGER_KEY)
        }
        other => {
            let problem = escape::excerpt(&format!("is not acceptable: {other}"), 200);
            (problem, TRUST_ISSUER)
        }
    };
    (format!("the certificate {problem}"), hint)
}

/// The names of a certificate, which rustls writes as `DnsName("other.test")`.
fn names(presented: &[String]) -> String {
    let names = presented.iter();
    let names = names.map(|name| name.split('"').nth(1).unwrap_or(name));
    escape::excerpt(&names.collect::<Vec<_>>().join(", "), 200)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact for every date in the calendar"
)]
fn date(seconds: u64) -> String {
    duration::rfc3339(seconds as f64)
}
