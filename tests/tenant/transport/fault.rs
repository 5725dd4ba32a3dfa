//! Faults of HTTP responses.

use std::future::pending;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_ENCODING;
use axum::http::response::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response as HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::body;
use super::connection::Connection;
use super::response::Response;
use super::script::http_date;
use crate::tenant::now;

/// See [`crate::tenant::options::TenantOptions::fault`].
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Another response.
    Responds(Response),
    /// A status with an HTML page, as from a gateway.
    Status(u16),
    /// A status with a retry time.
    RetryAfter { status: u16, when: RetryAfter },
    /// A redirect to the same path below another base URL, which ends in a slash.
    Redirects { status: u16, to: String },
    /// 200 with an HTML page.
    Html,
    /// 200 with an empty JSON body.
    EmptyBody,
    /// 200 with JSON of the wrong shape.
    WrongShape,
    /// 1,024 headers of one KiB each, and the correct body.
    HugeHeaders,
    /// 200 with this many bytes of JSON, with or without `Content-Length`.
    HugeBody { bytes: usize, announced: bool },
    /// 100 MiB of JSON, less than 1 MB as gzip.
    GzipBomb,
    /// Reads the request and never responds.
    NoResponse,
    /// Reads the request and closes the connection.
    ClosesWithoutResponse,
    /// Sends half of the body and closes the connection.
    ClosesMidBody,
    /// Sends the body byte by byte at this interval; see [`Fault::drips`].
    Drips(Duration),
    /// Sends half of the body as if it were complete.
    TruncatedBody,
    /// Sends the body as `text/plain`.
    WrongContentType,
    /// Announces ten bytes more than the body has.
    ContentLengthTooLong,
    /// Announces half of the body.
    ContentLengthTooShort,
    /// Puts a byte that is invalid in UTF-8 into the first string value.
    InvalidUtf8,
    /// Compresses the body, and says so or not.
    Gzip { announced: bool },
    /// Begins the body with a UTF-8 byte order mark.
    ByteOrderMark,
}

/// How a response states when to retry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RetryAfter {
    /// `Retry-After` in seconds.
    Seconds(i64),
    /// `Retry-After` as a date this many seconds from now.
    Date(i64),
    /// `x-ratelimit-reset`, this many seconds from now.
    Reset(i64),
}

impl Fault {
    /// One byte per second.
    pub(crate) fn drips() -> Self {
        Self::Drips(Duration::from_secs(1))
    }

    /// 100 MiB without `Content-Length`.
    pub(crate) fn huge_body() -> Self {
        Self::HugeBody {
            bytes: 100 << 20,
            announced: false,
        }
    }

    pub(crate) async fn run(
        self,
        request: Request,
        next: Next,
        connection: &Arc<Connection>,
    ) -> HttpResponse {
        match self {
            Self::Responds(response) => response.into_response(),
            Self::Status(status) => page(status).into_response(),
            Self::RetryAfter { status, when } => retry_after(status, when).into_response(),
            Self::Redirects { status, to } => {
                let path = request.uri().path().trim_start_matches('/');
                page(status)
                    .header("location", &format!("{to}{path}"))
                    .into_response()
            }
            Self::Html => page(200).into_response(),
            Self::EmptyBody => json(Vec::new()).into_response(),
            Self::WrongShape => {
                json(&br#"{"access_token":{},"id_token":7,"keys":"none","issuer":[]}"#[..])
                    .into_response()
            }
            Self::HugeBody { bytes, announced } => body::huge(bytes, announced),
            Self::GzipBomb => json(body::gzip_bomb(100 << 20))
                .header("content-encoding", "gzip")
                .into_response(),
            Self::NoResponse => pending().await,
            Self::ClosesWithoutResponse => {
                connection.close();
                pending().await
            }
            fault => {
                let (parts, body) = next.run(request).await.into_parts();
                let body = to_bytes(body, usize::MAX).await.expect("a complete body");
                fault.corrupt(parts, body, Arc::clone(connection))
            }
        }
    }

    /// Corrupts the normal response.
    fn corrupt(self, mut parts: Parts, body: Bytes, connection: Arc<Connection>) -> HttpResponse {
        let half = body.len() / 2;
        let body = match self {
            Self::HugeHeaders => {
                let padding = HeaderValue::from_bytes(&[b'x'; 1024]).expect("a valid header value");
                let name = |number| {
                    format!("x-padding-{number}")
                        .try_into()
                        .expect("a valid header name")
                };
                parts
                    .headers
                    .extend((0..1024).map(|number| (Some(name(number)), padding.clone())));
                body.into()
            }
            Self::ClosesMidBody => {
                parts.headers.insert("content-length", body.len().into());
                body::close_after(body.slice(..half), connection)
            }
            Self::Drips(interval) => body::slow(body, interval),
            Self::TruncatedBody => body.slice(..half).into(),
            Self::WrongContentType => {
                parts
                    .headers
                    .insert("content-type", HeaderValue::from_static("text/plain"));
                body.into()
            }
            Self::ContentLengthTooLong => {
                parts
                    .headers
                    .insert("content-length", (body.len() + 10).into());
                body::never_ending(body)
            }
            Self::ContentLengthTooShort => {
                parts.headers.insert("content-length", half.into());
                body::slow(body, Duration::ZERO)
            }
            Self::InvalidUtf8 => with_invalid_utf8(&body).into(),
            Self::Gzip { announced } => {
                parts.headers.remove("content-length");
                let gzip = HeaderValue::from_static("gzip");
                parts
                    .headers
                    .extend(announced.then_some((CONTENT_ENCODING, gzip)));
                gzip_of(&body).into()
            }
            Self::ByteOrderMark => {
                parts.headers.remove("content-length");
                [b"\xef\xbb\xbf", &*body].concat().into()
            }
            _ => body.into(),
        };
        HttpResponse::from_parts(parts, body)
    }
}

/// Inserts a byte that is invalid in UTF-8 after the third quotation mark, which opens the first
/// string value.
fn with_invalid_utf8(body: &[u8]) -> Vec<u8> {
    let mut bytes = body.to_vec();
    let quotes = body
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'"')
        .map(|(index, _)| index);
    bytes.insert(
        quotes
            .skip(2)
            .map(|index| index + 1)
            .next()
            .unwrap_or_default(),
        0xff,
    );
    bytes
}

fn gzip_of(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).expect("a buffer in memory");
    encoder.finish().expect("a buffer in memory")
}

fn page(status: u16) -> Response {
    let page =
        format!("<!DOCTYPE html>\n<html><body><h1>{status}</h1><p>percy.test</p></body></html>\n");
    Response::new(status, page).header("content-type", "text/html; charset=utf-8")
}

fn json(body: impl Into<Vec<u8>>) -> Response {
    Response::new(200, body).header("content-type", "application/json")
}

fn retry_after(status: u16, when: RetryAfter) -> Response {
    match when {
        RetryAfter::Seconds(seconds) => page(status).retry_after(&seconds.to_string()),
        RetryAfter::Date(seconds) => page(status).retry_after(&http_date(now() + seconds)),
        RetryAfter::Reset(seconds) => {
            page(status).header("x-ratelimit-reset", &(now() + seconds).to_string())
        }
    }
}
