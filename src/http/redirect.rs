//! Which redirects a request follows.

use std::net::IpAddr;

use reqwest::StatusCode;
use reqwest::header::LOCATION;
use url::{Host, Url};

use super::error::HttpError;
use super::response::Response;
use super::url::host;
use crate::escape::url_text;

/// How many redirects are followed at most.
const MAX_HOPS: u32 = 3;

/// Which redirects a request follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// None: the request carries a secret.
    Refused,
    /// Those within the origin of the first URL: the response says where a secret goes next.
    WithinOrigin,
    /// Those to any https URL.
    ToHttps,
}

/// The way of a request from one URL to the next.
pub(super) struct Route<'a> {
    redirects: Redirects,
    first: &'a Url,
    current: Url,
    hops: u32,
}

impl<'a> Route<'a> {
    pub(super) fn new(redirects: Redirects, first: &'a Url) -> Self {
        Self {
            redirects,
            first,
            current: first.clone(),
            hops: 0,
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.current
    }

    /// Goes where the response, a redirect, leads to, if the request may.
    pub(super) fn follow(&mut self, response: &Response) -> Result<(), HttpError> {
        let location = response.headers.get(LOCATION);
        let location = location.map_or_else(String::new, |value| text(value.as_bytes()));
        match self.next(response.status, &location) {
            Ok(next) => {
                self.current = next;
                self.hops += 1;
                Ok(())
            }
            Err(reason) => Err(HttpError::Redirected {
                host: host(&self.current),
                location: match url_text(&location) {
                    empty if empty.is_empty() => "nowhere".to_owned(),
                    location => location,
                },
                status: response.status.as_u16(),
                reason,
            }),
        }
    }

    /// The next URL, or why there is none.
    fn next(&self, status: StatusCode, location: &str) -> Result<Url, &'static str> {
        if self.redirects == Redirects::Refused {
            return Err("the request carries a secret");
        }
        if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Err("its status names no other URL");
        }
        let next = Some(location).filter(|location| !location.is_empty());
        let next = next.and_then(|location| self.current.join(location).ok());
        let mut next = next.ok_or("it names no URL")?;
        if self.current.scheme() != "https" || next.scheme() != "https" {
            return Err("it does not lead from https to https");
        }
        if !next.username().is_empty() || next.password().is_some() {
            return Err("its URL contains a user name or a password");
        }
        if is_this_machine(&next) && !is_this_machine(&self.current) {
            return Err("it leads to this machine");
        }
        if self.redirects == Redirects::WithinOrigin && next.origin() != self.first.origin() {
            return Err("it leads away from the issuer's server");
        }
        if self.hops == MAX_HOPS {
            return Err("there were three before it");
        }
        next.set_fragment(None);
        Ok(next)
    }
}

/// A header's value in UTF-8, else in Latin-1: a secret with a character that was replaced would
/// not be recognized.
fn text(bytes: &[u8]) -> String {
    let latin_1 = || bytes.iter().copied().map(char::from).collect();
    std::str::from_utf8(bytes).map_or_else(|_| latin_1(), str::to_owned)
}

/// Whether a host is this machine, however it is written: a server elsewhere must not choose what is
/// requested here.
fn is_this_machine(url: &Url) -> bool {
    let is_local = |address: IpAddr| address.is_loopback() || address.is_unspecified();
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => is_local(address.into()),
        Some(Host::Ipv6(address)) => is_local(IpAddr::V6(address).to_canonical()),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(redirects: Redirects, from: &str, location: &str) -> Result<String, &'static str> {
        let from = Url::parse(from).unwrap();
        let next = Route::new(redirects, &from).next(StatusCode::FOUND, location);
        next.map(String::from)
    }

    #[test]
    fn a_key_set_may_move_to_another_https_server() {
        for (location, target) in [
            ("https://b.test/keys", "https://b.test/keys"),
            ("//b.test/keys#x", "https://b.test/keys"),
            ("/keys?v=2", "https://a.test/keys?v=2"),
            ("keys", "https://a.test/x/keys"),
            ("https://a.test:8443/", "https://a.test:8443/"),
        ] {
            let next = next(Redirects::ToHttps, "https://a.test/x/y", location);
            assert_eq!(next, Ok(target.to_owned()), "{location}");
        }
    }

    #[test]
    fn no_redirect_leads_out_of_https_or_to_this_machine_or_with_a_password() {
        for location in [
            "http://a.test/",
            "ftp://a.test/",
            "data:,x",
            "https://u@a.test/",
            "https://:p@a.test/",
            "https://localhost/",
            "https://localhost./",
            "https://x.LOCALHOST/",
            "https://127.0.0.1/",
            "https://127.9.9.9:8443/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://",
            "",
        ] {
            for redirects in [Redirects::ToHttps, Redirects::WithinOrigin] {
                let next = next(redirects, "https://a.test/", location);
                assert!(next.is_err(), "{location}: {next:?}");
            }
        }
        let loopback = "http://127.0.0.1:1/";
        assert!(next(Redirects::ToHttps, loopback, "https://127.0.0.1/").is_err());
        assert!(next(Redirects::ToHttps, "https://127.0.0.1/", "https://[::1]/").is_ok());
    }

    #[test]
    fn a_document_for_a_login_may_move_within_its_origin() {
        for (location, is_followed) in [
            ("/other", true),
            ("https://a.test:443/other", true),
            ("https://a.test:8443/other", false),
            ("https://b.test/other", false),
            ("https://a.test.b.test/", false),
        ] {
            let next = next(Redirects::WithinOrigin, "https://a.test/", location);
            assert_eq!(next.is_ok(), is_followed, "{location}");
        }
    }

    #[test]
    fn a_request_with_a_secret_follows_no_redirect() {
        assert!(next(Redirects::Refused, "https://a.test/", "/other").is_err());
    }

    #[test]
    fn three_redirects_are_followed_and_no_unusual_status() {
        let first = Url::parse("https://a.test/").unwrap();
        let mut route = Route::new(Redirects::ToHttps, &first);
        assert!(route.next(StatusCode::NOT_MODIFIED, "/x").is_err());
        assert!(route.next(StatusCode::MULTIPLE_CHOICES, "/x").is_err());
        for hops in 0..4 {
            route.hops = hops;
            let next = route.next(StatusCode::PERMANENT_REDIRECT, "/x");
            assert_eq!(next.is_ok(), hops < 3);
        }
    }

    #[test]
    fn a_header_in_latin_1_keeps_every_character() {
        assert_eq!(text("p\u{e4}ss".as_bytes()), "p\u{e4}ss");
        assert_eq!(text(b"p\xe4ss"), "p\u{e4}ss");
    }
}
