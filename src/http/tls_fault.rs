//! Why a TLS handshake failed, in words.

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::tls;
use crate::duration;
use crate::escape;

const CHECK_CLOCK: &str =
    "check this machine's clock; if it is right, the server's certificate must be renewed";
pub(super) const CHECK_NETWORK: &str = "check the host name, the network, and the proxy settings";
const TRUST_ISSUER: &str = "if the issuer is a private authority or a proxy of your network, trust \
                            its root certificate with --ca-file or PADLOCK_CA_FILE";
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
        ) => ("the server does not speak TLS".to_owned(), CHECK_NETWORK),
        Tls::AlertReceived(alert) => {
            let problem = format!("the server rejected the TLS handshake ({alert:?})");
            (problem, CHECK_NETWORK)
        }
        other => {
            let problem = format!("the TLS handshake failed: {other}");
            (escape::excerpt(&problem, 200), CHECK_NETWORK)
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
        Certificate::NotValidForName => ("is issued for another name".to_owned(), CHECK_NETWORK),
        Certificate::NotValidForNameContext { presented, .. } => {
            let problem = format!("is issued for another name: {}", names(presented));
            (problem, "check the host name for typos")
        }
        Certificate::Revoked => {
            let hint = "do not continue; report it to the server's administrator";
            ("was revoked".to_owned(), hint)
        }
        problem if tls::is_authority(problem) => {
            ("is a self-signed CA certificate".to_owned(), TRUST_ISSUER)
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
