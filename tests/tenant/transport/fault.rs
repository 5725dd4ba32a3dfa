//! What can go wrong with an answer.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::response::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response as HttpResponse};

use super::body;
use super::connection::Connection;
use super::response::Response;
use super::script::http_date;
use crate::tenant::now;

/// A fault of a path, for [`crate::tenant::options::TenantOptions::fault`].
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This, in the place of the right answer.
    Responds(Response),
    /// A bare status with a page for people, as gateways give it.
    Status(u16),
    /// A status that says when to come again.
    RetryAfter { status: u16, when: RetryAfter },
    /// To the same path below another URL, which ends in a slash: another tenant's.
    Redirects { status: u16, to: String },
    /// 200 with a page of HTML.
    Html,
    /// 200, JSON, and not a byte.
    EmptyBody,
    /// 200 with JSON that is something else.
    WrongShape,
    /// 1,024 headers of a kibibyte each, and the right body.
    HugeHeaders,
    /// 200 and so many bytes of JSON, made as they are sent; announced by `Content-Length` or not.
    HugeBody { bytes: usize, announced: bool },
    /// 100 MiB of JSON in two thirds of a megabyte, by `Content-Encoding: gzip`.
    GzipBomb,
    /// The request is read, and nothing more happens.
    NoResponse,
    /// The request is read, and the connection is closed.
    ClosesWithoutResponse,
    /// Half of the right body, and the connection is closed.
    ClosesMidBody,
    /// The right body, a byte each time: [`Fault::drips`] for one a second.
    Drips(Duration),
    /// Half of the right body, as if it were all.
    TruncatedBody,
    /// The right body as `text/plain`.
    WrongContentType,
    /// The right body, and the client waits for ten bytes more.
    ContentLengthTooLong,
    /// The first half of the right body, as `Content-Length` says.
    ContentLengthTooShort,
    /// The right body with a byte in its first string that UTF-8 does not have.
    InvalidUtf8,
}

/// How an answer says when to come again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RetryAfter {
    /// `Retry-After` in seconds.
    Seconds(i64),
    /// `Retry-After` as a date that is so many seconds away.
    Date(i64),
    /// `x-ratelimit-reset`, so many seconds away.
    Reset(i64),
}

impl Fault {
    /// The right body, a byte a second.
    pub(crate) fn drips() -> Self {
        Self::Drips(Duration::from_secs(1))
    }

    /// The largest body of the table: 100 MiB that nobody announced.
    pub(crate) fn huge_body() -> Self {
        Self::HugeBody {
            bytes: 100 << 20,
            announced: false,
        }
    }

    /// Answers the request wrongly, or never.
    pub(crate) async fn run(
        self,
        request: Request,
        next: Next,
        connection: &Arc<Connection>,
    ) -> HttpResponse {
        match self {
            Self::Responds(answer) => answer.into_response(),
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
                let body = to_bytes(body, usize::MAX)
                    .await
                    .expect("a body that is already there");
                fault.corrupt(parts, body, Arc::clone(connection))
            }
        }
    }

    /// The right answer, spoilt.
    fn corrupt(self, mut parts: Parts, body: Bytes, connection: Arc<Connection>) -> HttpResponse {
        let half = body.len() / 2;
        let body = match self {
            Self::HugeHeaders => {
                let padding = HeaderValue::from_bytes(&[b'x'; 1024]).expect("a header's value");
                let named = |number| {
                    format!("x-padding-{number}")
                        .try_into()
                        .expect("a header's name")
                };
                parts
                    .headers
                    .extend((0..1024).map(|number| (Some(named(number)), padding.clone())));
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
            _ => body.into(),
        };
        HttpResponse::from_parts(parts, body)
    }
}

/// A byte that UTF-8 does not have, after the third quotation mark: within the first string that is a value.
fn with_invalid_utf8(body: &[u8]) -> Vec<u8> {
    let mut bytes = body.to_vec();
    let quotes = body
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'"')
        .map(|(place, _)| place);
    bytes.insert(
        quotes
            .skip(2)
            .map(|place| place + 1)
            .next()
            .unwrap_or_default(),
        0xff,
    );
    bytes
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
