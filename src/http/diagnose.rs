//! Why a request failed, in words: the problem, what to try, and whether anything was sent.

use std::error::Error;
use std::io::{self, ErrorKind};

use url::Url;

use super::error::{ConnectStage, HttpError};
use super::proxy::{ProxyFault, ProxyRefusal};
use super::retry::{AttemptError, RetryReason};
use super::roots::UnusableRoots;
use super::tls_fault::{self, CHECK_TLS, Diagnosis};
use super::url::host;
use crate::deadline::Deadline;
use crate::escape;
use crate::threads::NoThread;

const CHECK_NAME: &str = "check the host name for typos, and whether this machine can resolve it: \
                          some names exist only in a company's own network";
const CHECK_SERVER: &str =
    "check host and port, and that the server is running; a firewall may refuse connections too";
const ALLOW_TIME: &str = "check that the host can be reached from this network, or allow more time \
                          with --timeout";
const CHECK_NETWORK: &str = "check this machine's network connection, firewall and VPN";
const CHECK_PROXY: &str = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY";

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
    if let Some(no_thread) = find::<NoThread>(error) {
        return HttpError::from(no_thread.clone()).into();
    }
    if deadline.remaining().is_zero() {
        return HttpError::missed(deadline, url).into();
    }
    let tls = find(error).map(tls_fault::diagnosis);
    if tls.is_none() && !error.is_connect() {
        return response_error(error, url).into();
    }
    // A handshake that failed would fail again.
    let retry = tls.is_none().then_some(RetryReason::Connection);
    let stage = match tls {
        Some(_) => ConnectStage::Tls,
        None => stage(error, proxy.is_some()),
    };
    let (problem, hint) = tls.unwrap_or_else(|| connection(error, proxy.is_some()));
    AttemptError {
        error: HttpError::Unreachable {
            host: host(url),
            proxy,
            problem,
            hint,
            stage,
        },
        retry,
    }
}

/// What the proxy answered instead of opening a connection, and whether it may be tried again.
pub(super) fn proxy_fault(error: &reqwest::Error) -> Option<(ProxyFault, Option<RetryReason>)> {
    let fault = ProxyFault::of(causes(error))?;
    let is_final = fault.is_about_password() || find::<ProxyRefusal>(error).is_some();
    let retry = (!is_final).then_some(RetryReason::Connection);
    Some((fault, retry))
}

/// The error of a request that was sent, but got no response. HTTP/2 can say that the request was
/// not processed, so that it may be sent again (RFC 9113 §8.7): its stream was refused, or is above
/// the last one of a connection that is being closed. h2 gives a GOAWAY only to those above.
pub(super) fn sent_error(error: &reqwest::Error, url: &Url) -> Option<AttemptError> {
    let cause = find::<h2::Error>(error).filter(|cause| cause.is_remote())?;
    let is_refused = cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM);
    let is_closing = cause.is_go_away() && cause.reason() == Some(h2::Reason::NO_ERROR);
    let is_unprocessed = is_refused || is_closing;
    is_unprocessed.then(|| AttemptError {
        error: HttpError::Unprocessed {
            host: host(url),
            problem: root_cause(error),
        },
        retry: Some(RetryReason::Unprocessed),
    })
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
fn response_error(error: &reqwest::Error, url: &Url) -> HttpError {
    let (host, is_plain) = (host(url), url.scheme() == "http");
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
        return HttpError::Invalid {
            host,
            problem,
            is_plain,
        };
    }
    let is_closed = is_end(http2.and_then(h2::Error::get_io).map(io::Error::kind))
        || is_end(io_kind(error))
        || http1.is_some_and(|cause| cause.is_incomplete_message() || cause.is_closed());
    let problem = if is_closed {
        "the connection was closed".to_owned()
    } else {
        root_cause(error)
    };
    HttpError::Incomplete {
        host,
        problem,
        is_plain,
    }
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

/// Where opening a connection failed, before a TLS error.
fn stage(error: &reqwest::Error, is_proxied: bool) -> ConnectStage {
    match io_kind(error) {
        _ if is_proxied => ConnectStage::Proxy,
        _ if error.is_dns() => ConnectStage::Name,
        kind if is_end(kind) => ConnectStage::Tls,
        _ => ConnectStage::Connection,
    }
}

/// No connection could be opened, to the server or to the proxy.
fn connection(error: &reqwest::Error, is_proxied: bool) -> Diagnosis {
    let (problem, hint) = match io_kind(error) {
        _ if error.is_dns() => {
            let problem = format!("host name not found ({})", root_cause(error));
            (problem, CHECK_NAME)
        }
        _ if error.is_timeout() => ("connection timed out".to_owned(), ALLOW_TIME),
        Some(ErrorKind::ConnectionRefused) => ("connection refused".to_owned(), CHECK_SERVER),
        // The client does not say why.
        None if is_proxied => ("no connection to the proxy".to_owned(), CHECK_PROXY),
        kind if is_end(kind) => {
            let problem = "the connection was closed before TLS was established";
            (problem.to_owned(), CHECK_TLS)
        }
        _ => (root_cause(error), CHECK_NETWORK),
    };
    (problem, if is_proxied { CHECK_PROXY } else { hint })
}
