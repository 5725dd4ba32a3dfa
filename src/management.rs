//! Auth0's Management API: the roles of a user.

use std::fmt::Write as _;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::http::{self, Answer, Http, HttpError};
use crate::text;

/// Roles on a page, and pages that are asked for: Auth0 tells of no more than 1000.
const PAGE: usize = 50;
const PAGES: usize = 40;

/// Why the tenant told no roles.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManagementError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the issuer {0:?} is no address, so that nobody can be asked for roles")]
    NoAddress(String),
    #[error("the application may not read users' roles at {host}{words}")]
    NotAllowed { host: String, words: String, status: u16 },
    #[error("the Management API of {host} has had too many requests")]
    Throttled { host: String, status: u16 },
    #[error("the Management API of {host} refused: status {status}{words}")]
    Refused { host: String, words: String, status: u16 },
    #[error("the answer of {host} is no list of roles: {problem}")]
    BadAnswer { host: String, problem: String },
}

/// With `include_totals`, as asked for; older tenants and proxies answer the bare list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Counted { roles: Vec<Role>, total: usize },
    Bare(Vec<Role>),
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

/// What the Management API says where it refuses.
#[derive(Default, Deserialize)]
struct Wire {
    message: Option<String>,
}

/// The Management API of an issuer, in the name of an application.
pub(crate) struct Management<'a> {
    pub(crate) http: &'a Http,
    /// The tenant.
    pub(crate) issuer: &'a str,
    /// A token for its Management API.
    pub(crate) token: &'a SecretString,
}

impl Management<'_> {
    /// The names of a user's roles; none for a user that the tenant does not know.
    pub(crate) fn roles(&self, sub: &str) -> Result<Vec<String>, ManagementError> {
        // In a path, one dot and two dots are no names, however they are written.
        if matches!(sub, "." | "..") {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for page in 0..PAGES {
            let url = self.address(sub, page)?;
            let answer = self.http.get_with(&url, self.bearer())?;
            if answer.status.as_u16() == 404 {
                return Ok(Vec::new());
            }
            let (roles, total) = read(&http::host(&url), &answer)?;
            let last = roles.len() < PAGE;
            names.extend(roles.into_iter().map(|role| role.name));
            if last || total.is_some_and(|total| names.len() >= total) {
                break;
            }
        }
        Ok(names)
    }

    fn address(&self, sub: &str, page: usize) -> Result<Url, ManagementError> {
        let (base, user) = (self.issuer.trim_end_matches('/'), percent_encoded(sub));
        let address = format!("{base}/api/v2/users/{user}/roles?per_page={PAGE}&page={page}&include_totals=true");
        Url::parse(&address).map_err(|_| ManagementError::NoAddress(text::excerpt(self.issuer, 200)))
    }

    fn bearer(&self) -> HeaderMap {
        let value = Zeroizing::new(format!("Bearer {}", self.token.expose_secret()));
        let mut headers = HeaderMap::new();
        // A token that was read from an answer holds nothing that a header may not.
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }
}

fn read(host: &str, answer: &Answer) -> Result<(Vec<Role>, Option<usize>), ManagementError> {
    let (host, status) = (host.to_owned(), answer.status.as_u16());
    if !answer.status.is_success() {
        let wire: Wire = serde_json::from_slice(&answer.body).unwrap_or_default();
        let words = wire.message.map(|words| format!(" (it says: {})", text::excerpt(&words, 300))).unwrap_or_default();
        return Err(match status {
            401 | 403 => ManagementError::NotAllowed { host, words, status },
            429 => ManagementError::Throttled { host, status },
            _ => ManagementError::Refused { host, words, status },
        });
    }
    match serde_json::from_slice(&answer.body) {
        Ok(Page::Counted { roles, total }) => Ok((roles, Some(total))),
        Ok(Page::Bare(roles)) => Ok((roles, None)),
        Err(_) => Err(ManagementError::BadAnswer { host, problem: "it has no names of roles".into() }),
    }
}

/// A text as one segment of a path (RFC 3986 §2.3): everything but unreserved characters is encoded.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_id_can_leave_its_place_in_the_path() {
        assert_eq!(percent_encoded("auth0|65f1"), "auth0%7C65f1");
        assert_eq!(percent_encoded("../a/b?c#d%2e ü"), "..%2Fa%2Fb%3Fc%23d%252e%20%C3%BC");
    }
}
