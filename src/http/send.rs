//! Sends one request, and retries it only where that is safe.

use std::time::{Duration, Instant};

use url::Url;
use zeroize::Zeroizing;

use super::body::{self, BodyError, MAX_BODY, USUAL_BODY};
use super::client::Clients;
use super::diagnose;
use super::error::HttpError;
use super::log::{RequestLog, ResponseStats};
use super::proxy::{ProxyFault, ProxyServer};
use super::redirect::Route;
use super::request::HttpRequest;
use super::response::Response;
use super::retry::{self, AttemptError, RetryReason};
use super::url::host;
use super::wait;
use crate::deadline::Deadline;

/// Sends requests until a deadline.
pub(super) struct RequestSender<'a> {
    pub(super) clients: &'a Clients,
    pub(super) deadline: Deadline,
    pub(super) log: &'a RequestLog,
}

impl RequestSender<'_> {
    /// Sends a request, and follows the redirects that it may.
    pub(super) async fn send(&self, request: &HttpRequest) -> Result<Response, HttpError> {
        let mut route = Route::new(request.redirects, &request.url);
        loop {
            let response = self.send_to(route.url(), request).await?;
            if !response.status.is_redirection() {
                return Ok(response);
            }
            route.follow(&response)?;
        }
    }

    /// Sends a request to one URL. Retries it if it was not sent, or if the server asks to wait, as
    /// far as the deadline allows.
    async fn send_to(&self, url: &Url, request: &HttpRequest) -> Result<Response, HttpError> {
        let log = self.log;
        let mut retries = 0;
        loop {
            let started = Instant::now();
            let result = self.attempt(url, request).await;
            let retry = match &result {
                Ok(response) => retry::after_response(response, request.retry, retries)
                    .map(|pause| (pause, RetryReason::Response(response.status))),
                Err(AttemptError { retry, .. }) => {
                    let is_unsent = matches!(retry, Some(RetryReason::Connection));
                    log.failed(&request.method, url, is_unsent, started.elapsed());
                    retry.and_then(|reason| Some((retry::after_failure(retries)?, reason)))
                }
            };
            let fits = |pause: &Duration| *pause < self.deadline.remaining();
            let Some((pause, reason)) = retry.filter(|(pause, _)| fits(pause)) else {
                return result.map_err(|failed| failed.error);
            };
            log.retrying(url, reason, retries, pause);
            tokio::time::sleep(pause).await;
            retries += 1;
        }
    }

    async fn attempt(&self, url: &Url, request: &HttpRequest) -> Result<Response, AttemptError> {
        let (started, log) = (Instant::now(), self.log);
        let client = self.clients.for_url(url)?;
        let protocols = self.clients.protocols();
        let opening = protocols.turn(url).await;
        let mut response = match client.execute(request.build(url)).await {
            Ok(response) => response,
            Err(error) => return Err(self.unanswered(&error, url).await),
        };
        protocols.note(url, response.version());
        drop(opening);
        log.date(response.headers());
        let body = if response.status().is_redirection() {
            Ok(Ok(Zeroizing::default()))
        } else {
            read_body(&mut response, url).await
        };
        let cut_off = |error| diagnose::attempt_error(&error, url, None, self.deadline);
        let body = body.map_err(cut_off)??;
        let stats = ResponseStats {
            version: response.version(),
            status: response.status(),
            size: body.len(),
            time: started.elapsed(),
        };
        log.responded(&request.method, url, &stats);
        log.headers("request", &request.headers);
        log.headers("response", response.headers());
        let body = body::decoded(body).map_err(|error| unusable(url, error))?;
        if url.scheme() == "http" && stats.status == 400 && body::demands_tls(&body) {
            return Err(HttpError::ExpectsTls { host: host(url) }.into());
        }
        Ok(Response {
            status: stats.status,
            retry_after: wait::retry_after(response.headers(), log.now()),
            rate_limit_reset: wait::rate_limit_reset(response.headers(), log.now()),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }

    /// Why there was no response.
    async fn unanswered(&self, error: &reqwest::Error, url: &Url) -> AttemptError {
        if let Some(unprocessed) = diagnose::sent_error(error, url) {
            return unprocessed;
        }
        let proxy = self.clients.proxy(url);
        let fault = proxy.and_then(|proxy| Some((proxy, diagnose::proxy_fault(error)?)));
        let Some((proxy, (fault, retry))) = fault else {
            let proxy = proxy.map(ProxyServer::name);
            return diagnose::attempt_error(error, url, proxy, self.deadline);
        };
        let offered = match fault {
            ProxyFault::AuthenticationRequired => self.clients.offered_schemes(proxy, url).await,
            _ => &[],
        };
        let error = fault.error(host(url), proxy, offered);
        AttemptError { error, retry }
    }
}

/// Reads a body to its end; the inner error is one that is too long.
async fn read_body(
    response: &mut reqwest::Response,
    url: &Url,
) -> Result<Result<Zeroizing<Vec<u8>>, HttpError>, reqwest::Error> {
    let mut body = Zeroizing::new(Vec::with_capacity(USUAL_BODY));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Ok(Err(HttpError::TooLong { host: host(url) }));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Ok(body))
}

fn unusable(url: &Url, error: BodyError) -> HttpError {
    let host = host(url);
    match error {
        BodyError::TooLong => HttpError::TooLong { host },
        BodyError::DamagedGzip => HttpError::Invalid {
            host,
            problem: "its gzip data is damaged".to_owned(),
            is_plain: false,
        },
    }
}
