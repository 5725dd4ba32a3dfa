//! A failed request in words: which host, what is wrong, what to try, and whether anything was sent.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use url::Url;

use super::exchange::Failed;
use super::roots::Unusable;
use super::{Deadline, HttpError, host};
use crate::text;

const CLOCK: &str =
    "if this machine's clock is right, whoever runs the server has to renew the certificate";
const NETWORK: &str = "check the domain, the network, and the proxy settings";
const OLD: &str = "it speaks no TLS 1.2 or newer; whoever runs the server, or a proxy on the way, has to update it";
const PROXY: &str = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY";
const ROOT: &str = "if a private authority or a proxy of your network signs here, name its root certificate with \
                    --ca-file or PADLOCK_CA_FILE";

/// What is wrong, and what to try.
type Words = (String, &'static str);

/// Explains why a request to `url`, perhaps through a proxy, got no answer.
pub(super) fn explain(
    error: &reqwest::Error,
    url: &Url,
    proxy: Option<String>,
    deadline: Deadline,
) -> Failed {
    if let Some(unusable) = found::<Unusable>(error) {
        return HttpError::from(unusable.clone()).into();
    }
    if deadline.left().is_zero() {
        return deadline.missed(url).into();
    }
    let tls = found(error).map(tls);
    if tls.is_none() && !error.is_connect() {
        return after_sending(error, host(url)).into();
    }
    // What a handshake says it will say again.
    let unsent = tls.is_none();
    let by_proxy = || proxy.as_ref().and_then(|_| tunnel(error));
    let (problem, hint) = tls.or_else(by_proxy).unwrap_or_else(|| connection(error));
    let problem = match proxy {
        Some(proxy) => format!("through the proxy {proxy}: {problem}"),
        None => problem,
    };
    Failed {
        error: HttpError::Unreachable {
            host: host(url),
            problem,
            hint: hint.to_owned(),
        },
        unsent,
    }
}

/// The message that says most: the layers above it repeat the address.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let last = causes(error).last().map(ToString::to_string);
    text::excerpt(
        &last.unwrap_or_else(|| "no reason is known".to_owned()),
        200,
    )
}

/// An error and what caused it, what stands inside of input and output errors included.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        return Some(inner);
    }
    match error.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::Other(other)) => Some(&*other.0),
        _ => error.source(),
    }
}

fn found<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The connection was there: what came over it was no answer, or only a part of one.
fn after_sending(error: &reqwest::Error, host: String) -> HttpError {
    let of_http_2: Option<&h2::Error> = found(error);
    let is_garbled = match (of_http_2, found::<hyper::Error>(error)) {
        (Some(cause), _) => !cause.is_remote() && !cause.is_io(),
        // What comes before a request is an answer to none.
        (None, Some(cause)) => {
            cause.is_parse() || cause.to_string().starts_with("received unexpected message")
        }
        (None, None) => false,
    };
    if is_garbled {
        return HttpError::Garbled {
            host,
            problem: innermost(error),
        };
    }
    let ended = is_end(of_http_2.and_then(h2::Error::get_io).map(io::Error::kind))
        || is_end(kind(error))
        || found(error)
            .is_some_and(|cause: &hyper::Error| cause.is_incomplete_message() || cause.is_closed());
    let problem = if ended {
        "it closed the connection".to_owned()
    } else {
        innermost(error)
    };
    HttpError::Broken { host, problem }
}

/// What the system said.
fn kind(error: &reqwest::Error) -> Option<ErrorKind> {
    causes(error)
        .filter_map(|cause| cause.downcast_ref())
        .map(io::Error::kind)
        .last()
}

fn is_end(kind: Option<ErrorKind>) -> bool {
    matches!(
        kind,
        Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    )
}

/// No connection came about.
fn connection(error: &reqwest::Error) -> Words {
    let problem = match kind(error) {
        _ if error.is_dns() => format!("its name is not found ({})", innermost(error)),
        _ if error.is_timeout() => "no connection came about in time".to_owned(),
        Some(ErrorKind::ConnectionRefused) => {
            "nothing listens there (connection refused)".to_owned()
        }
        kind if is_end(kind) => "it closed the connection before TLS was set up".to_owned(),
        _ => innermost(error),
    };
    (problem, NETWORK)
}

/// The proxy's own refusals. Their types are not public, their words are.
fn tunnel(error: &reqwest::Error) -> Option<Words> {
    let said = |words: &str| causes(error).any(|cause| cause.to_string().starts_with(words));
    let words = if said("tunnel error: proxy authorization required") {
        "it wants a user name and a password, or other ones"
    } else if said("tunnel error: unsuccessful") {
        "it refuses to connect there"
    } else if kind(error) == Some(ErrorKind::ConnectionRefused) || said("dns error") {
        return Some((connection(error).0, PROXY));
    } else if said("tunnel error") || said("SOCKS error") {
        "it does not behave like a proxy"
    } else {
        return None;
    };
    Some((words.to_owned(), PROXY))
}

fn tls(error: &rustls::Error) -> Words {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(problem) => certificate(problem),
        Tls::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
        )
        | Tls::PeerIncompatible(_) => ("no version of TLS suits both sides".to_owned(), OLD),
        Tls::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => ("what answers there does not speak TLS".to_owned(), NETWORK),
        Tls::AlertReceived(alert) => (format!("it refused the TLS handshake ({alert:?})"), NETWORK),
        other => (text::excerpt(&format!("TLS failed: {other}"), 200), NETWORK),
    }
}

fn certificate(problem: &CertificateError) -> Words {
    use CertificateError as Problem;
    match problem {
        Problem::Expired => ("its certificate has expired".to_owned(), CLOCK),
        Problem::ExpiredContext { not_after, .. } => (
            format!("its certificate expired on {}", date(not_after.as_secs())),
            CLOCK,
        ),
        Problem::NotValidYet => ("its certificate is not valid yet".to_owned(), CLOCK),
        Problem::NotValidYetContext { not_before, .. } => (
            format!(
                "its certificate is not valid before {}",
                date(not_before.as_secs())
            ),
            CLOCK,
        ),
        Problem::UnknownIssuer => (
            "its certificate comes from an unknown issuer".to_owned(),
            ROOT,
        ),
        Problem::NotValidForName => ("its certificate is for another name".to_owned(), NETWORK),
        Problem::NotValidForNameContext { presented, .. } => {
            // They come as `DnsName("other.test")`.
            let names: Vec<&str> = presented
                .iter()
                .map(|name| name.split('"').nth(1).unwrap_or(name))
                .collect();
            let names = text::excerpt(&names.join(", "), 200);
            (
                format!("its certificate is for another name: {names}"),
                "check the domain for a typing error",
            )
        }
        Problem::Revoked => (
            "its certificate was revoked".to_owned(),
            "do not go on; tell whoever runs the server",
        ),
        // A certificate that signs itself and may sign others is no server's.
        Problem::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => (
            "its certificate is an authority's own, signed by itself".to_owned(),
            ROOT,
        ),
        other => (
            text::excerpt(&format!("its certificate is not acceptable: {other}"), 200),
            ROOT,
        ),
    }
}

fn date(seconds: u64) -> String {
    i64::try_from(seconds).map_or_else(|_| "in a distant future".to_owned(), crate::time::date)
}
