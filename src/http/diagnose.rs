//! Why a request failed, in words: the problem, what to try, and whether anything was sent.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use url::Url;

use super::deadline::Deadline;
use super::error::{AttemptError, HttpError};
use super::roots::UnusableRoots;
use super::url::host;
use crate::duration;
use crate::escape;

const CHECK_CLOCK: &str =
    "check this machine's clock; if it is right, the server's certificate must be renewed";
const CHECK_NETWORK: &str = "check the domain, the network, and the proxy settings";
const CHECK_PROXY: &str = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY";
const TRUST_ISSUER: &str = "if the issuer is a private authority or a proxy of your network, trust \
                            its root certificate with --ca-file or PADLOCK_CA_FILE";
const UPDATE_TLS: &str =
    "ask for TLS 1.2 or newer to be enabled on the server, or on a proxy in between";

/// The problem, and the hint.
type Diagnosis = (String, &'static str);

/// The error of a request to `url`, perhaps through a proxy, that got no response.
pub(super) fn attempt_error(
    error: &reqwest::Error,
    url: &Url,
    proxy: Option<String>,
    deadline: Deadline,
) -> AttemptError {
    if let Some(unusable) = find::<UnusableRoots>(error) {
        return HttpError::from(unusable.clone()).into();
    }
    if deadline.remaining().is_zero() {
        return deadline.missed(url).into();
    }
    let tls = find(error).map(tls);
    if tls.is_none() && !error.is_connect() {
        return response_error(error, host(url)).into();
    }
    // A handshake that failed would fail again.
    let is_unsent = tls.is_none();
    let tunnel = || proxy.as_ref().and_then(|_| tunnel(error));
    let (problem, hint) = tls.or_else(tunnel).unwrap_or_else(|| connection(error));
    AttemptError {
        error: HttpError::Unreachable {
            host: host(url),
            proxy,
            problem,
            hint,
        },
        is_unsent,
    }
}

/// The innermost message: those around it only repeat the URL.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let last = causes(error).last().map(ToString::to_string);
    escape::excerpt(&last.unwrap_or_else(|| "unknown error".to_owned()), 200)
}

/// An error and its causes, including those inside I/O errors.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let io_error = error.downcast_ref::<io::Error>();
    if let Some(inner) = io_error.and_then(io::Error::get_ref) {
        return Some(inner);
    }
    match error.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::Other(other)) => Some(&*other.0),
        _ => error.source(),
    }
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error of a request that was sent: the response was invalid, or incomplete.
fn response_error(error: &reqwest::Error, host: String) -> HttpError {
    let (http2, http1): (Option<&h2::Error>, Option<&hyper::Error>) = (find(error), find(error));
    let is_invalid = match (http2, http1) {
        (Some(cause), _) => !cause.is_remote() && !cause.is_io(),
        // hyper has no method for a response that comes before the request.
        (None, Some(cause)) => {
            cause.is_parse() || cause.to_string().starts_with("received unexpected message")
        }
        (None, None) => false,
    };
    if is_invalid {
        let problem = root_cause(error);
        return HttpError::Invalid { host, problem };
    }
    let is_closed = is_end(http2.and_then(h2::Error::get_io).map(io::Error::kind))
        || is_end(io_kind(error))
        || http1.is_some_and(|cause| cause.is_incomplete_message() || cause.is_closed());
    let problem = if is_closed {
        "the connection was closed".to_owned()
    } else {
        root_cause(error)
    };
    HttpError::Incomplete { host, problem }
}

/// The kind of the innermost I/O error.
fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    let io_errors = causes(error).filter_map(|cause| cause.downcast_ref());
    io_errors.map(io::Error::kind).last()
}

fn is_end(kind: Option<ErrorKind>) -> bool {
    matches!(
        kind,
        Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    )
}

/// No connection could be opened.
fn connection(error: &reqwest::Error) -> Diagnosis {
    let problem = match io_kind(error) {
        _ if error.is_dns() => format!("host name not found ({})", root_cause(error)),
        _ if error.is_timeout() => "connection timed out".to_owned(),
        Some(ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        kind if is_end(kind) => "the connection was closed before TLS was established".to_owned(),
        _ => root_cause(error),
    };
    (problem, CHECK_NETWORK)
}

/// The proxy opened no tunnel. The types of these errors are not public, but their messages are.
fn tunnel(error: &reqwest::Error) -> Option<Diagnosis> {
    let says = |words: &str| causes(error).any(|cause| cause.to_string().starts_with(words));
    let problem = if says("tunnel error: proxy authorization required") {
        "the proxy requires a user name and a password, or does not accept those given"
    } else if says("tunnel error: unsuccessful") {
        "the proxy refused to connect"
    } else if io_kind(error) == Some(ErrorKind::ConnectionRefused) || says("dns error") {
        return Some((connection(error).0, CHECK_PROXY));
    } else if says("tunnel error") || says("SOCKS error") {
        "the proxy sent an invalid response"
    } else {
        return None;
    };
    Some((problem.to_owned(), CHECK_PROXY))
}

fn tls(error: &rustls::Error) -> Diagnosis {
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
            (problem, "check the domain for typos")
        }
        Certificate::Revoked => {
            let hint = "do not continue; report it to the server's administrator";
            ("was revoked".to_owned(), hint)
        }
        // webpki does not accept a CA certificate as a server's own.
        Certificate::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
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
