//! One request to the redirect URI: whether it is the browser's return to this login.

use secrecy::SecretString;

use crate::config::RedirectUri;
use crate::response::AuthorizationResponse;

/// The longest head in bytes. Browsers send the cookies of every other program at this address too.
pub(super) const LONGEST: usize = 64 * 1024;

/// More headers than a browser sends.
const MOST_HEADERS: usize = 100;

/// What has arrived of a request.
pub(super) enum Arrived {
    /// Its head has not arrived completely.
    More,
    /// The browser's return.
    Return(Box<AuthorizationResponse>),
    /// Anything else.
    Other,
}

/// What a request to the redirect URI has to have.
pub(super) struct Expected {
    pub(super) redirect_uri: RedirectUri,
    pub(super) state: SecretString,
}

impl Expected {
    /// Reads the head of a request (RFC 9112 §3).
    pub(super) fn read(&self, bytes: &[u8]) -> Arrived {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) if bytes.len() < LONGEST => return Arrived::More,
            Ok(httparse::Status::Partial) | Err(_) => return Arrived::Other,
        }
        let response = self.response(&request);
        response.map_or(Arrived::Other, |response| {
            Arrived::Return(Box::new(response))
        })
    }

    fn response(&self, request: &httparse::Request<'_, '_>) -> Option<AuthorizationResponse> {
        if request.method? != "GET" || !self.is_for_this_host(request) || !is_navigation(request) {
            return None;
        }
        let (path, query) = request.path?.split_once('?')?;
        if path != self.redirect_uri.path() {
            return None;
        }
        AuthorizationResponse::read(query, &self.state)
    }

    /// A website whose name resolves to this machine (DNS rebinding) sends its own name.
    fn is_for_this_host(&self, request: &httparse::Request<'_, '_>) -> bool {
        let mut hosts = values(request, "host");
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => self.redirect_uri.is_host(host),
            _ => false,
        }
    }
}

/// Whether a person's browser goes to a page, and no website loads something in the background.
/// Browsers of before 2023 do not say (Fetch Metadata §2).
fn is_navigation(request: &httparse::Request<'_, '_>) -> bool {
    let is_only = |name, expected: &[u8]| values(request, name).all(|value| value == expected);
    is_only("sec-fetch-mode", b"navigate") && is_only("sec-fetch-dest", b"document")
}

fn values<'a>(
    request: &'a httparse::Request<'_, '_>,
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    let headers = request.headers.iter();
    let named = headers.filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| header.value)
}
